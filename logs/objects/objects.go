// Package objects copies the lines of chosen streams to object storage as they are
// acknowledged: objects of lines, packed with gzip. A line is acknowledged when the
// store and a spool on disk have it; the spool is cut into segments, and a segment
// becomes an object, whose name and content do not depend on when that is done. Killed
// at any moment it goes on where it was.
//
// A request that is sent again is told from a new one as long as its lines are among
// those that the spool remembers: see seen.
package objects

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/thanos-io/objstore"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/objects"
	"github.com/pharosd/pharos/tenant"
)

// Config is the settings.
type Config struct {
	// Storage is where objects go; without a type there are none.
	Storage objects.Config `yaml:"storage"`
	// Every is when a segment becomes an object, at the latest; MaxBytes how large it
	// may be before, unpacked.
	Every    time.Duration    `yaml:"every"`
	MaxBytes strictyaml.Bytes `yaml:"max_bytes"`
	// MaxSpool bounds what waits on disk while the storage is away. Beyond it lines are
	// refused for a while.
	MaxSpool strictyaml.Bytes `yaml:"max_spool"`
}

// DefaultConfig writes an object each ten seconds, once there is a storage.
func DefaultConfig() Config {
	return Config{Every: 10 * time.Second, MaxBytes: 64 << 20, MaxSpool: 10 << 30}
}

// Validate says what is wrong with the settings, all at once.
func (c Config) Validate() error {
	errs := []error{strictyaml.Prefix("storage", c.Storage.Validate())}
	bad := func(key, hint, format string, args ...any) {
		errs = append(errs, &strictyaml.KeyError{Key: key, Err: fmt.Errorf(format, args...), Hint: hint})
	}
	if c.Every < 100*time.Millisecond {
		bad("every", "such as 10s", "is %s, want at least 100ms", c.Every)
	}
	if c.MaxBytes < 1<<10 || c.MaxBytes > 1<<30 {
		bad("max_bytes", "1KiB to 1GiB", "is %d bytes", c.MaxBytes)
	}
	if c.MaxSpool < c.MaxBytes {
		bad("max_spool", "such as 10GiB", "is less than max_bytes")
	}
	return errors.Join(errs...)
}

// Object is one that is finished.
type Object struct {
	// ID is the object's own, in the order of time.
	ID string `json:"id"`
	// Bucket is the storage's name of itself, Key the object's in it.
	Bucket string    `json:"bucket"`
	Key    string    `json:"key"`
	Tenant tenant.ID `json:"tenant"`
	// Size is in bytes as stored, Lines how many there are.
	Size  int64 `json:"size"`
	Lines int   `json:"lines"`
	// MD5 is of the object as stored, in hexadecimal digits.
	MD5  string    `json:"md5"`
	Time time.Time `json:"time"`
}

// Action is told of finished objects, at least once of each. It is called by one
// goroutine and again later after an error.
type Action interface {
	Name() string
	Finished(ctx context.Context, o Object) error
}

// Deps are what a Writer needs.
type Deps struct {
	Dir    string
	Bucket objstore.Bucket
	// Labels are what a stream must have for its lines to be copied.
	Labels  model.Labels
	Actions []Action
	Logger  *slog.Logger
	// Registry may be nil.
	Registry prometheus.Registerer
}

// Writer is a store in front of a store: what it acknowledges is in both.
type Writer struct {
	cfg     Config
	deps    Deps
	store   logs.NumberedAppender
	appends logs.Appender
	spool   *spool
	seen    *seen
	metrics *metrics
}

// NewWriter opens the spool.
func NewWriter(cfg Config, store logs.Appender, d Deps) (*Writer, error) {
	numbered, ok := store.(logs.NumberedAppender)
	if !ok {
		return nil, errors.New("objects of lines need a store that numbers its entries")
	}
	w := &Writer{cfg: cfg, deps: d, store: numbered, appends: store, seen: &seen{}, metrics: newMetrics(d.Registry)}
	var err error
	if w.spool, err = openSpool(d.Dir, cfg, w.seen, w.metrics); err != nil {
		return nil, fmt.Errorf("open spool of objects: %w", err)
	}
	return w, nil
}

var (
	_ logs.Appender         = (*Writer)(nil)
	_ logs.NumberedAppender = (*Writer)(nil)
)

// Append implements logs.Appender.
func (w *Writer) Append(ctx context.Context, t tenant.ID, streams []model.LogStream) error {
	_, _, err := w.AppendNumbered(ctx, t, streams)
	return err
}

// LastNumber implements logs.NumberedAppender.
func (w *Writer) LastNumber() (uint64, bool) { return w.store.LastNumber() }

// AppendNumbered implements logs.NumberedAppender.
func (w *Writer) AppendNumbered(ctx context.Context, t tenant.ID, streams []model.LogStream) (uint64, []int, error) {
	wanted := false
	for i := range streams {
		wanted = wanted || w.wants(streams[i].Labels)
	}
	if wanted {
		if err := w.spool.room(); err != nil {
			return 0, nil, err
		}
	}
	first, repeated, err := w.store.AppendNumbered(ctx, t, streams)
	if err != nil || !wanted {
		return first, repeated, err
	}
	lines := w.lines(streams, repeated)
	if err := w.spool.append(t, lines); err != nil {
		return 0, nil, fmt.Errorf("write spool of objects: %w", err)
	}
	for _, l := range lines {
		w.seen.add(l.hash)
	}
	return first, repeated, nil
}

func (w *Writer) wants(ls model.Labels) bool {
	for _, l := range w.deps.Labels {
		if ls.Get(l.Name) != l.Value {
			return false
		}
	}
	return true
}

// lines are those that the spool lacks. What the store had already may be from a request
// that ended between store and spool: the spool's own memory decides.
func (w *Writer) lines(streams []model.LogStream, repeated []int) []spooled {
	var out []spooled
	at := -1
	for i := range streams {
		s := &streams[i]
		if !w.wants(s.Labels) {
			at += len(s.Entries)
			continue
		}
		labels := labelHash(s.Labels)
		for j := range s.Entries {
			at++
			again := len(repeated) > 0 && repeated[0] == at
			for len(repeated) > 0 && repeated[0] <= at {
				repeated = repeated[1:]
			}
			e := spooled{hash: entryHash(labels, &s.Entries[j]), line: s.Entries[j].Line}
			if !again || !w.seen.has(e.hash) {
				out = append(out, e)
			}
		}
	}
	return out
}

// Run uploads segments and calls actions until ctx is done. What is not uploaded by then
// is after the next start.
func (w *Writer) Run(ctx context.Context) error {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.runActions(ctx)
	}()
	defer func() { <-ended }()
	tick := time.NewTicker(max(w.cfg.Every/10, 50*time.Millisecond))
	defer tick.Stop()
	wait := time.Duration(0)
	for {
		if err := w.spool.sealOld(w.cfg.Every); err != nil {
			w.deps.Logger.Error("seal segment of objects", "error", err)
		}
		if err := w.uploadSealed(ctx); err != nil && ctx.Err() == nil {
			wait = min(max(2*wait, 500*time.Millisecond), 30*time.Second)
			w.metrics.failures.WithLabelValues("upload").Inc()
			w.deps.Logger.Warn("upload object of lines, trying again", "error", err, "after", wait)
		} else {
			wait = 0
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Close syncs and closes the spool.
func (w *Writer) Close() error { return w.spool.close() }
