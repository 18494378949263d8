// Package journald receives what systemd-journal-upload sends to
// systemd-journal-remote: POST /upload with entries in the Journal Export Format, in a
// body that may have no end.
package journald

import (
	"context"
	"errors"
	"hash/fnv"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/receiver/internal/door"
	"github.com/pharosd/pharos/tenant"
)

// Config is the receiver's settings.
type Config struct {
	// Labels are added to every stream; they win over what entries say.
	Labels map[string]string `yaml:"labels"`
	// Job is the value of the label job.
	Job string `yaml:"job"`
}

// DefaultConfig names the job journald.
func DefaultConfig() Config { return Config{Job: "journald"} }

// Validate says what is wrong with the settings, all at once.
func (c Config) Validate() error { return door.CheckLabels("labels", c.Labels) }

// Receiver serves the uploads.
type Receiver struct {
	cfg    Config
	sink   ingest.LogSink
	static []model.Label
	ticks  door.Ticks
	now    func() time.Time
}

// New returns a receiver that pushes to sink.
func New(cfg Config, sink ingest.LogSink) *Receiver {
	return &Receiver{cfg: cfg, sink: sink, static: door.Static(cfg.Labels), now: time.Now}
}

// maxUpload bounds a body, which is as long as a machine runs.
const maxUpload = 1 << 40

// Routes are the uploads'.
func (r *Receiver) Routes() []httpx.Route {
	return []httpx.Route{{Pattern: "POST /upload", Access: httpx.Write, Scoped: true, MaxBody: maxUpload, Streaming: true, Endless: true, Handler: http.HandlerFunc(r.upload)}}
}

const (
	batchEntries = 2000
	batchBytes   = 4 << 20
)

// upload stores entries as they come. 202, the answer of systemd-journal-remote, means
// that all are on disk. An uploader whose body was cut off begins after the last entry
// that it knows to be stored: what comes again is the same entry.
func (r *Receiver) upload(w http.ResponseWriter, req *http.Request) {
	if kind, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type")); kind != "application/vnd.fdo.journal" {
		http.Error(w, "Content-Type: application/vnd.fdo.journal is required.", http.StatusUnsupportedMediaType)
		return
	}
	in, err := httpx.Unpacked(req, maxUpload, maxUpload)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnsupportedMediaType)
		return
	}
	defer in.Close()
	ctx, cancel := context.WithCancel(req.Context())
	defer cancel()
	entries, failed := make(chan *entry, batchEntries), make(chan error, 1)
	go func() {
		failed <- read(ctx, newExported(in), entries)
		close(entries)
	}()
	pushed := r.store(req.Context(), tenant.FromContext(req.Context()), entries)
	if pushed != nil {
		// The reader must have ended before the body is closed.
		cancel()
		w.Header().Set("Connection", "close")
		_ = http.NewResponseController(w).SetReadDeadline(time.Now())
		for range entries { //nolint:revive // what it reads until then is not stored
		}
	}
	if err := <-failed; pushed == nil && err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if pushed != nil {
		status, wait := door.Status(pushed)
		door.SetRetryAfter(w.Header(), wait)
		http.Error(w, pushed.Error(), status)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, "OK.\n")
}

// errStopping ends a body that has no end by itself: the uploader begins again.
var errStopping = &ingest.Refusal{Reason: ingest.Overloaded, Message: "the server is stopping, or the client has gone", Temporary: true, RetryAfter: time.Second}

// read sends entries on until the end.
func read(ctx context.Context, x *exported, to chan<- *entry) error {
	for {
		e, err := x.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case to <- e:
		case <-ctx.Done():
			return nil
		}
	}
}

// store pushes what has come together until there is no more.
func (r *Receiver) store(ctx context.Context, t tenant.ID, entries <-chan *entry) error {
	var b door.Batch
	push := func() error {
		if b.Len() == 0 {
			return nil
		}
		defer b.Reset()
		// What has come is stored although the server stops.
		return r.sink.PushLogs(context.WithoutCancel(ctx), t, b.Streams())
	}
	for {
		var e *entry
		var more bool
		select {
		case e, more = <-entries:
		default:
			// Nothing has come: now is the time to store.
			if err := push(); err != nil {
				return err
			}
			select {
			case e, more = <-entries:
			case <-ctx.Done():
				return errStopping
			}
		}
		if !more {
			return push()
		}
		r.add(e, &b)
		if b.Len() >= batchEntries || b.Bytes() >= batchBytes {
			if err := push(); err != nil {
				return err
			}
		}
	}
}

// severities are syslog's, whose numbers PRIORITY has.
var severities = [...]string{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"}

// add makes an entry of one of the journal: MESSAGE is the line, all other fields are
// metadata under their names in lower case.
func (r *Receiver) add(e *entry, to *door.Batch) {
	record, line, cursor := map[string]any{}, "", ""
	var micros int64
	for _, f := range e.fields {
		switch f.name {
		case "MESSAGE":
			line = string(f.value)
		case "__CURSOR":
			cursor = string(f.value)
		case "__REALTIME_TIMESTAMP":
			micros, _ = strconv.ParseInt(string(f.value), 10, 64)
		case "__MONOTONIC_TIMESTAMP", "__SEQNUM", "__SEQNUM_ID", "_SOURCE_MONOTONIC_TIMESTAMP":
		default:
			name, value := strings.ToLower(f.name), door.Bytes(f.value)
			if had, ok := record[name].(string); ok {
				value = had + "," + value // a field may come several times
			}
			record[name] = value
		}
	}
	if e.cut {
		record["cut"] = "true"
	}
	labels := r.labels(record)
	metadata, ok := door.Flatten(record)
	if !ok {
		record["message"] = line
		line, metadata = door.Text(record), nil
	}
	to.Add(labels, model.LogEntry{Time: r.time(micros, cursor), Line: line, Metadata: model.NewLabels(metadata...)})
}

// time is an entry's, in which the cursor tells entries of one microsecond apart: an
// entry that comes again has the same.
func (r *Receiver) time(micros int64, cursor string) int64 {
	if micros <= 0 || micros > 9e15 {
		return r.ticks.Arrival(r.now())
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(cursor))
	return micros*1000 + int64(h.Sum32()%1000)
}

func (r *Receiver) labels(record map[string]any) model.Labels {
	take := func(name string) string {
		s, _ := record[name].(string)
		delete(record, name)
		return s
	}
	unit := take("_systemd_unit")
	if unit == "" {
		unit = take("_systemd_user_unit")
	}
	ls := []model.Label{{Name: "job", Value: r.cfg.Job}, {Name: "host", Value: take("_hostname")}, {Name: "unit", Value: unit}, {Name: "app", Value: take("syslog_identifier")}}
	if n, err := strconv.Atoi(take("priority")); err == nil && n >= 0 && n < len(severities) {
		ls = append(ls, model.Label{Name: "level", Value: severities[n]})
	}
	return model.NewLabels(append(ls, r.static...)...)
}
