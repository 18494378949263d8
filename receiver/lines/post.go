package lines

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/receiver/internal/door"
	"github.com/pharosd/pharos/tenant"
)

// Lines are stored while they come, so many together.
const (
	batchEntries = 10_000
	batchBytes   = 4 << 20
)

// reserved are the parameters that are no labels.
var reserved = map[string]bool{"format": true, "idempotency_key": true}

// postLines takes text, a line an entry. The answer says how many lines are on disk, a
// failure too: what was stored before it stays.
func (r *Receiver) postLines(w http.ResponseWriter, req *http.Request) {
	query := req.URL.Query()
	f, err := parseFormat(query.Get("format"))
	if err != nil {
		httpx.WriteError(w, &httpx.Error{Status: http.StatusBadRequest, Code: "bad_format", Message: err.Error()})
		return
	}
	labels, err := labelsOf(query, req.PathValue("file"))
	if err != nil {
		httpx.WriteError(w, &httpx.Error{Status: http.StatusBadRequest, Code: "bad_label", Message: err.Error(), Hint: "parameters of the URL are labels: letters, digits and _"})
		return
	}
	in, err := httpx.Unpacked(req, int64(r.cfg.MaxBody), int64(r.cfg.MaxUnpacked))
	if err != nil {
		httpx.WriteError(w, err)
		return
	}
	defer in.Close()
	p := r.newPush(req, labels, false)
	err = p.read(in, f, int(r.cfg.MaxLine))
	if err == nil {
		err = p.flush()
	}
	if err != nil {
		p.fail(w, err)
		return
	}
	httpx.WriteJSON(w, http.StatusOK, map[string]int{"stored": p.stored})
}

func labelsOf(query map[string][]string, file string) (model.Labels, error) {
	out := []model.Label{{Name: "job", Value: "lines"}}
	if file != "" {
		out = append(out, model.Label{Name: "filename", Value: file})
	}
	for name, values := range query {
		if reserved[name] {
			continue
		}
		if !door.ValidName(name) {
			return nil, fmt.Errorf("%.60q is no name of a label", name)
		}
		out = append(out, model.Label{Name: name, Value: values[0]})
	}
	return model.NewLabels(out...), nil
}

// push is the state of one request.
type push struct {
	*Receiver
	req    *http.Request
	labels model.Labels
	// operations says that operations are told of and counted.
	operations bool
	// key tells a request that comes again from a new one; "": they all are new.
	key     string
	arrival time.Time
	n       int // entries so far
	batch   door.Batch
	counts  map[string]int
	stored  int
}

func (r *Receiver) newPush(req *http.Request, labels model.Labels, operations bool) *push {
	p := &push{Receiver: r, req: req, labels: labels, operations: operations, arrival: r.now(), counts: map[string]int{}}
	p.key = req.Header.Get("Idempotency-Key")
	if p.key == "" {
		p.key = req.URL.Query().Get("idempotency_key")
	}
	if len(p.key) > maxKey {
		p.key = p.key[:maxKey]
	}
	if p.key != "" {
		p.key = string(tenant.FromContext(req.Context())) + "/" + p.key
		p.arrival = r.arrivals.First(p.key, p.arrival)
	}
	return p
}

// maxKey bounds an idempotency key.
const maxKey = 200

// read reads lines; those that are too long are cut.
func (p *push) read(in io.Reader, f format, max int) error {
	b := bufio.NewReaderSize(in, 64<<10)
	j := joiner{max: max}
	var line []byte
	for {
		part, err := b.ReadSlice('\n')
		line = append(line, part[:min(len(part), max+2-min(len(line), max+2))]...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if text := bytes.TrimRight(line, "\r\n"); len(text) > 0 {
			text = text[:min(len(text), max)]
			if whole := j.add(f.read(string(text))); whole != nil {
				p.add(whole)
			}
		}
		line = line[:0]
		if p.batch.Len() >= batchEntries || p.batch.Bytes() >= batchBytes {
			if err := p.flush(); err != nil {
				return err
			}
		}
		if err != nil {
			for _, last := range j.rest() {
				p.add(last)
			}
			return nil
		}
	}
}

// add puts a line into the batch.
func (p *push) add(line *parsed) {
	var at int64
	switch i := p.n; {
	case line.time.IsZero() && p.key != "":
		at = p.arrival.UnixNano() + int64(i)
	case line.time.IsZero():
		at = p.ticks.Arrival(p.arrival)
	case !line.whole:
		at = line.time.UnixNano()
	case p.key != "":
		at = line.time.Unix()*int64(time.Second) + door.Spread(p.key, i)
	default:
		at = p.ticks.At(line.time)
	}
	p.n++
	if op := operation(line.method); p.operations && op != "" {
		line.fields = append(line.fields, model.Label{Name: "operation", Value: op})
		p.counts[op]++
	}
	p.batch.Add(p.labels, model.LogEntry{Time: at, Line: line.line, Metadata: model.NewLabels(line.fields...)})
}

// flush stores the batch.
func (p *push) flush() error {
	if p.batch.Len() == 0 {
		return nil
	}
	id := tenant.FromContext(p.req.Context())
	if err := p.deps.Sink.PushLogs(p.req.Context(), id, p.batch.Streams()); err != nil {
		return err
	}
	p.stored += p.batch.Len()
	p.batch.Reset()
	for op, n := range p.counts {
		p.metrics.operations.WithLabelValues(string(id), op).Add(float64(n))
	}
	clear(p.counts)
	return nil
}

// fail answers, and says what is stored all the same.
func (p *push) fail(w http.ResponseWriter, err error) {
	var e *httpx.Error
	if !errors.As(err, &e) {
		status, wait := door.Status(err)
		door.SetRetryAfter(w.Header(), wait)
		e = &httpx.Error{Status: status, Code: "refused", Message: err.Error()}
	}
	copied := *e
	if p.stored > 0 {
		copied.Hint = strings.TrimSpace(fmt.Sprintf("%d lines before are stored; %s", p.stored, e.Hint))
	}
	httpx.WriteError(w, &copied)
}
