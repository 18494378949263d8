// Package lokipush receives Loki's push API: POST /loki/api/v1/push with protobuf
// and snappy or JSON, and the older /api/prom/push. Statuses and texts are those
// of Loki 3.7 (pkg/loghttp/push and pkg/distributor/http.go).
package lokipush

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// Config is the receiver's settings.
type Config struct {
	// MaxBody bounds a request as sent, MaxDecompressed what it may unpack to, in
	// bytes.
	MaxBody         int64 `yaml:"max_body"`
	MaxDecompressed int64 `yaml:"max_decompressed"`
}

// DefaultConfig returns 16 MiB sent and 64 MiB unpacked.
func DefaultConfig() Config { return Config{MaxBody: 16 << 20, MaxDecompressed: 64 << 20} }

// Validate says what is wrong with the settings, all at once.
func (c Config) Validate() error {
	var errs []error
	if c.MaxBody <= 0 {
		errs = append(errs, fmt.Errorf("max_body is %d, want more than 0 bytes", c.MaxBody))
	}
	if c.MaxDecompressed < c.MaxBody {
		errs = append(errs, fmt.Errorf("max_decompressed is %d, want at least max_body", c.MaxDecompressed))
	}
	return errors.Join(errs...)
}

// Receiver serves the push API.
type Receiver struct {
	cfg    Config
	sink   ingest.LogSink
	labels *labelCache
}

// New returns a receiver that pushes to sink.
func New(cfg Config, sink ingest.LogSink) *Receiver {
	return &Receiver{cfg: cfg, sink: sink, labels: newLabelCache()}
}

// Routes are the push API's. The handler itself bounds the body, to answer with
// Loki's text; the route's bound is a little above.
func (rc *Receiver) Routes() []httpx.Route {
	route := func(pattern string, version apiVersion) httpx.Route {
		return httpx.Route{Pattern: pattern, Access: httpx.Write, Scoped: true, MaxBody: rc.cfg.MaxBody + 1<<10,
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { rc.push(w, r, version) })}
	}
	return []httpx.Route{route("POST /loki/api/v1/push", v1), route("POST /api/prom/push", v0)}
}

// apiVersion tells the two forms of JSON apart.
type apiVersion int

const (
	v0 apiVersion = iota // labels as text, entries as objects
	v1
)

func (rc *Receiver) push(w http.ResponseWriter, r *http.Request, version apiVersion) {
	streams, err := rc.decode(r, version)
	switch {
	case errors.Is(err, errTooLarge):
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	case len(streams) == 0:
		http.Error(w, "error at least one valid stream is required for ingestion", http.StatusUnprocessableEntity)
		return
	}
	ctx, err := ingest.Numbered(r.Context(), r.Header.Get)
	if err != nil {
		writeError(w, err)
		return
	}
	if err := rc.sink.PushLogs(ctx, tenant.FromContext(r.Context()), streams); err != nil {
		writeError(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func writeError(w http.ResponseWriter, err error) {
	var overlap *model.OverlapError
	if errors.As(err, &overlap) {
		w.Header().Set(model.SequenceHeader, strconv.FormatUint(overlap.Have, 10))
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	var refusal *ingest.Refusal
	if !errors.As(err, &refusal) {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if refusal.RetryAfter > 0 {
		seconds := int64((refusal.RetryAfter + time.Second - 1) / time.Second)
		w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
	}
	if refusal.Refused > 0 {
		w.Header().Set(model.RefusedHeader, strconv.Itoa(refusal.Refused))
	}
	http.Error(w, refusal.Message, statusOf(refusal))
}

func statusOf(r *ingest.Refusal) int {
	switch {
	case r.Reason == ingest.RateLimited, r.Reason == ingest.StreamLimit, r.Reason == ingest.StreamRateLimited:
		return http.StatusTooManyRequests
	case r.Temporary:
		return http.StatusServiceUnavailable
	default:
		return http.StatusBadRequest
	}
}
