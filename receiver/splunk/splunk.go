// Package splunk receives Splunk's HTTP Event Collector: events, raw lines,
// acknowledgements and health below /services/collector. Codes and texts are those of
// Splunk's documentation ("Troubleshoot HTTP Event Collector").
package splunk

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/receiver/internal/door"
	"github.com/pharosd/pharos/tenant"
)

// Config is the receiver's settings.
type Config struct {
	door.Posts `yaml:",inline"`
}

// DefaultConfig returns 16 MiB sent and 64 MiB unpacked.
func DefaultConfig() Config {
	return Config{door.Posts{MaxBody: 16 << 20, MaxUnpacked: 64 << 20, Job: "splunk"}}
}

// Receiver serves HTTP Event Collector.
type Receiver struct {
	cfg    Config
	sink   ingest.LogSink
	static []model.Label
	ticks  door.Ticks
	now    func() time.Time
	// lastAck is the number that the last acknowledged request got. A request is
	// answered when it is on disk, so every number that was given stands for one; they
	// go on from the clock after a restart.
	lastAck atomic.Int64
}

// New returns a receiver that pushes to sink.
func New(cfg Config, sink ingest.LogSink) *Receiver {
	r := &Receiver{cfg: cfg, sink: sink, static: door.Static(cfg.Labels), now: time.Now}
	r.lastAck.Store(time.Now().UnixMilli())
	return r
}

const path = "/services/collector"

// Routes are the collector's.
func (r *Receiver) Routes() []httpx.Route {
	var out []httpx.Route
	write := func(pattern string, h http.HandlerFunc) {
		out = append(out, httpx.Route{Pattern: pattern, Access: httpx.Write, Scoped: true, MaxBody: int64(r.cfg.MaxBody), Handler: h, Token: queryToken})
	}
	for _, p := range []string{path, path + "/event", path + "/event/1.0"} {
		write("POST "+p, r.postEvents)
		// Docker's driver asks so whether it may push.
		write("OPTIONS "+p, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "Success", 0) })
	}
	for _, p := range []string{path + "/raw", path + "/raw/1.0"} {
		write("POST "+p, r.postRaw)
	}
	write("POST "+path+"/ack", r.postAck)
	for _, p := range []string{path + "/health", path + "/health/1.0"} {
		out = append(out, httpx.Route{Pattern: "GET " + p, Access: httpx.Public,
			Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "HEC is healthy", 17) })})
	}
	return out
}

// queryToken is the token of clients that put it into the URL.
func queryToken(r *http.Request) string {
	query := r.URL.Query()
	token := query.Get("token")
	if token != "" {
		query.Del("token")
		r.URL.RawQuery = query.Encode()
		r.RequestURI = r.URL.RequestURI()
	}
	return token
}

// failure is an answer that is no success.
type failure struct {
	status int
	text   string
	code   int
	event  int // the number of the event that is wrong, -1: none is
}

func (f *failure) Error() string { return f.text }

var (
	errNoData    = &failure{http.StatusBadRequest, "No data", 5, -1}
	errNoChannel = &failure{http.StatusBadRequest, "Data channel is missing", 10, -1}
	errChannel   = &failure{http.StatusBadRequest, "Invalid data channel", 11, -1}
)

func answer(w http.ResponseWriter, status int, text string, code int) {
	httpx.WriteJSON(w, status, map[string]any{"text": text, "code": code})
}

func writeError(w http.ResponseWriter, err error) {
	var f *failure
	var http2 *httpx.Error
	switch {
	case errors.As(err, &f):
		body := map[string]any{"text": f.text, "code": f.code}
		if f.event >= 0 {
			body["invalid-event-number"] = f.event
		}
		httpx.WriteJSON(w, f.status, body)
	case errors.As(err, &http2) && http2.Status == http.StatusRequestEntityTooLarge:
		answer(w, http2.Status, "Content-Length is larger than "+http2.Message, 27)
	case errors.As(err, &http2):
		answer(w, http2.Status, http2.Message, 6)
	default:
		writeRefusal(w, err)
	}
}

// writeRefusal answers for the store: "Server is busy" is what clients try again after.
func writeRefusal(w http.ResponseWriter, err error) {
	status, wait := door.Status(err)
	door.SetRetryAfter(w.Header(), wait)
	switch status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		answer(w, http.StatusServiceUnavailable, "Server is busy", 9)
	case http.StatusBadRequest:
		answer(w, status, err.Error(), 6)
	default:
		answer(w, status, "Internal server error", 8)
	}
}

var channelForm = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

// channel is what a client wants acknowledgements for, "" if it wants none.
func channel(r *http.Request) (string, error) {
	c := r.Header.Get("X-Splunk-Request-Channel")
	if c == "" {
		c = r.URL.Query().Get("channel")
	}
	if c != "" && !channelForm.MatchString(c) {
		return "", errChannel
	}
	return c, nil
}

// push stores the batch and answers.
func (r *Receiver) push(w http.ResponseWriter, req *http.Request, b *door.Batch, decoded error) {
	c, err := channel(req)
	if err == nil && b.Len() == 0 && decoded == nil {
		err = errNoData
	}
	if err == nil && b.Len() > 0 {
		err = r.sink.PushLogs(req.Context(), tenant.FromContext(req.Context()), b.Streams())
	}
	if err == nil {
		err = decoded
	}
	if err != nil {
		writeError(w, err)
		return
	}
	body := map[string]any{"text": "Success", "code": 0}
	if c != "" {
		body["ackId"] = r.lastAck.Add(1)
	}
	httpx.WriteJSON(w, http.StatusOK, body)
}

// postAck says of numbers whether what they stand for is on disk.
func (r *Receiver) postAck(w http.ResponseWriter, req *http.Request) {
	c, err := channel(req)
	if err == nil && c == "" {
		err = errNoChannel
	}
	var in struct {
		Acks []int64 `json:"acks"`
	}
	if err == nil {
		if bad := httpx.ReadJSON(req, &in); bad != nil || in.Acks == nil {
			err = &failure{http.StatusBadRequest, "Invalid data format", 6, -1}
		}
	}
	if err != nil {
		writeError(w, err)
		return
	}
	acks := make(map[int64]bool, len(in.Acks))
	for _, id := range in.Acks {
		acks[id] = id >= 0 && id <= r.lastAck.Load()
	}
	httpx.WriteJSON(w, http.StatusOK, map[string]any{"acks": acks})
}

// postRaw takes lines. What they have in common is in the URL.
func (r *Receiver) postRaw(w http.ResponseWriter, req *http.Request) {
	body, err := httpx.Body(req, int64(r.cfg.MaxBody), int64(r.cfg.MaxUnpacked))
	if err != nil {
		writeError(w, err)
		return
	}
	query := req.URL.Query()
	common := event{host: query.Get("host"), source: query.Get("source"), sourcetype: query.Get("sourcetype"), index: query.Get("index")}
	labels := r.labels(&common)
	at, unit, ok := door.UnixTime(query.Get("time"))
	var b door.Batch
	for line := range strings.SplitSeq(string(body), "\n") {
		if line = strings.TrimSuffix(line, "\r"); line == "" {
			continue
		}
		e := model.LogEntry{Line: line}
		if e.Time = r.ticks.Within(at, unit); !ok {
			e.Time = r.ticks.Arrival(r.now())
		}
		b.Add(labels, e)
	}
	r.push(w, req, &b, nil)
}
