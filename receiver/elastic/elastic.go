// Package elastic receives documents by Elasticsearch's API: _bulk, _doc and _create.
//
// A document becomes one log entry: its line is the document's source byte for byte,
// its time is @timestamp (now, if there is none), its stream's labels are index, the
// index or data stream that it was sent to, and service_name, its service if it names
// one; its structured metadata has _id.
//
// The store behind it only appends. So update and delete are refused, item by item,
// and a document that is indexed again under its id is there twice if it differs; one
// that is the same to the byte is not doubled. create answers 409 for an id that came
// lately: the ids that are remembered are bounded in number and are forgotten with the
// process.
package elastic

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/tenant"
)

// Config is the receiver's settings.
type Config struct {
	// Listen is the host:port of the port of its own, as unchanged clients expect
	// (127.0.0.1:9200), for searching and administration too; empty: off. Below
	// /elastic the same is on the main port.
	Listen string `yaml:"listen"`
	// MaxBody bounds a request as sent, MaxDecompressed what it may unpack to, in
	// bytes.
	MaxBody         int64 `yaml:"max_body"`
	MaxDecompressed int64 `yaml:"max_decompressed"`
	// MaxDocument is the size of one document in bytes; max_line_size bounds it too.
	MaxDocument int `yaml:"max_document"`
}

// DefaultConfig returns no port, 32 MiB sent, 100 MiB unpacked (Elasticsearch's bound
// of a request), and documents of 1 MiB.
func DefaultConfig() Config {
	return Config{MaxBody: 32 << 20, MaxDecompressed: 100 << 20, MaxDocument: 1 << 20}
}

// Validate says what is wrong with the settings, all at once.
func (c Config) Validate() error {
	var errs []error
	if c.Listen != "" {
		if _, _, err := net.SplitHostPort(c.Listen); err != nil {
			errs = append(errs, &strictyaml.KeyError{Key: "listen", Err: fmt.Errorf("want host:port: %w", err)})
		}
	}
	if c.MaxBody <= 0 {
		errs = append(errs, &strictyaml.KeyError{Key: "max_body", Err: fmt.Errorf("is %d, want more than 0 bytes", c.MaxBody)})
	}
	if c.MaxDecompressed < c.MaxBody {
		errs = append(errs, &strictyaml.KeyError{Key: "max_decompressed", Err: fmt.Errorf("is %d, want at least max_body", c.MaxDecompressed)})
	}
	if c.MaxDocument < 1<<10 || c.MaxDocument > 16<<20 {
		errs = append(errs, &strictyaml.KeyError{Key: "max_document", Err: fmt.Errorf("is %d, want 1024 to 16777216 bytes", c.MaxDocument)})
	}
	return errors.Join(errs...)
}

// Catalog knows what names stand for.
type Catalog interface {
	// Target returns where documents that are sent to name go. name is valid. The
	// error is an *esapi.Error when documents cannot be sent there.
	Target(ctx context.Context, t tenant.ID, name string) (Target, error)
}

// Target is where documents go.
type Target struct {
	// Index is the index, or the data stream.
	Index string
	// DataStream says that it takes only new documents with an @timestamp.
	DataStream bool
	// Alias says that the name was an alias of Index.
	Alias bool
}

// Deps are what the receiver needs.
type Deps struct {
	Sink    ingest.LogItemSink
	Catalog Catalog
	Log     *slog.Logger
	// Metrics count what is refused before Sink sees it.
	Metrics *ingest.Metrics
	// MaxInFlight bounds the bytes of all requests that are being read or stored.
	MaxInFlight int64
}

// Receiver serves the API.
type Receiver struct {
	cfg    Config
	deps   Deps
	flight *flight
	recent *recent
	// stored counts documents since the start; it is what answers have as _seq_no.
	stored atomic.Int64
	now    func() time.Time
}

// New returns a receiver that pushes to d.Sink.
func New(cfg Config, d Deps) *Receiver {
	cfg.MaxDecompressed = min(cfg.MaxDecompressed, d.MaxInFlight)
	return &Receiver{cfg: cfg, deps: d, flight: &flight{limit: d.MaxInFlight}, recent: newRecent(), now: time.Now}
}

// Routes are the API's, for httpx.Under to put where they belong.
func (rc *Receiver) Routes() []httpx.Route {
	var rs []httpx.Route
	add := func(h handler, patterns ...string) {
		for _, p := range patterns {
			rs = append(rs, httpx.Route{Pattern: p, Access: httpx.Write, MaxBody: rc.cfg.MaxBody + 1<<10, Handler: esapi.Handler(h)})
		}
	}
	add(rc.bulk, "POST /_bulk", "PUT /_bulk", "POST /{index}/_bulk", "PUT /{index}/_bulk")
	add(rc.single(opIndex), "POST /{index}/_doc", "PUT /{index}/_doc/{id}", "POST /{index}/_doc/{id}")
	add(rc.single(opCreate), "PUT /{index}/_create/{id}", "POST /{index}/_create/{id}")
	add(rc.single(opUpdate), "POST /{index}/_update/{id}")
	add(rc.single(opDelete), "DELETE /{index}/_doc/{id}")
	return rs
}
