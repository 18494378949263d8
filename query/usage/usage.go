// Package usage remembers which metric names queries asked for, so that the metrics
// that nobody reads can be found. What it keeps is small: a name, when it was read
// last and how often, for a bounded number of names.
package usage

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/tenant"
)

const (
	// maxNames and maxPatterns bound what is kept of a tenant. When there is one more,
	// the one read longest ago is forgotten.
	maxNames    = 20_000
	maxPatterns = 200
	maxTenants  = 1_000
	// maxName is the longest name or pattern that is kept, in bytes.
	maxName = 512
	// flushEvery is how often what changed is written: reads of the last minute may be
	// lost in a crash.
	flushEvery = time.Minute
)

// Read is when something was asked for, and how often.
type Read struct {
	Last  time.Time
	Count uint64
}

// reads are a tenant's.
type reads struct {
	// since is when recording began; later, if names had to be forgotten: reads before
	// it are not known.
	since    time.Time
	names    map[string]Read
	patterns map[string]Read // regular expressions over the name
}

// Tracker records reads. It is safe for concurrent use.
type Tracker struct {
	path string
	log  *slog.Logger
	now  func() time.Time

	mu      sync.Mutex
	tenants map[tenant.ID]*reads
	dirty   bool
}

// Open returns a tracker that keeps its reads in the file at path, and reads it if it
// is there.
func Open(path string, log *slog.Logger) (*Tracker, error) {
	t := &Tracker{path: path, log: log, now: time.Now, tenants: map[tenant.ID]*reads{}}
	if err := t.load(); err != nil {
		return nil, fmt.Errorf("read metric usage %s: %w", path, err)
	}
	return t, nil
}

// Run writes what changed until ctx is done, and once more then.
func (t *Tracker) Run(ctx context.Context) error {
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return t.flush()
		case <-ticker.C:
			if err := t.flush(); err != nil {
				t.log.Warn("keep metric usage", "error", err)
			}
		}
	}
}

type countKey struct{}

// Count marks the queries of ctx as somebody's wish to read: only those are recorded.
func Count(ctx context.Context) context.Context { return context.WithValue(ctx, countKey{}, true) }

func counts(ctx context.Context) bool {
	v, _ := ctx.Value(countKey{}).(bool)
	return v
}

// record notes the metric names that matchers ask for. Matchers that ask for every
// name tell nothing.
func (t *Tracker) record(id tenant.ID, ms []*labels.Matcher) {
	names, pattern := asked(ms)
	if len(names) == 0 && pattern == "" {
		return
	}
	now := t.now()
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.tenants[id]
	if r == nil {
		if len(t.tenants) >= maxTenants {
			return
		}
		r = &reads{since: now, names: map[string]Read{}, patterns: map[string]Read{}}
		t.tenants[id] = r
	}
	t.dirty = true
	for _, name := range names {
		r.note(r.names, name, maxNames, now)
	}
	if pattern != "" {
		r.note(r.patterns, pattern, maxPatterns, now)
	}
}

func asked(ms []*labels.Matcher) (names []string, pattern string) {
	for _, m := range ms {
		if m.Name != labels.MetricName || len(m.Value) > maxName {
			continue
		}
		switch m.Type {
		case labels.MatchEqual:
			return []string{m.Value}, ""
		case labels.MatchRegexp:
			if set := m.SetMatches(); len(set) > 0 {
				names = append(names, set...)
			} else if m.Value != ".+" && m.Value != ".*" {
				pattern = m.Value
			}
		}
	}
	return names, pattern
}

func (r *reads) note(in map[string]Read, key string, most int, now time.Time) {
	read, known := in[key]
	if !known && len(in) >= most {
		r.forget(in)
	}
	in[key] = Read{Last: now, Count: read.Count + 1}
}

// forget drops the one that was read longest ago. Whatever was read before it may have
// been dropped too.
func (r *reads) forget(in map[string]Read) {
	var oldest string
	for key, read := range in {
		if oldest == "" || read.Last.Before(in[oldest].Last) {
			oldest = key
		}
	}
	if last := in[oldest].Last; last.After(r.since) {
		r.since = last
	}
	delete(in, oldest)
}

// Report is what is known of a tenant's reads.
type Report struct {
	// Since is from when on reads are known; zero if none is.
	Since time.Time
	names map[string]Read
	// patterns are matched in the order of their last read, newest first.
	patterns []patternRead
}

type patternRead struct {
	matcher *labels.Matcher
	read    Read
}

// Report returns what is known now.
func (t *Tracker) Report(id tenant.ID) Report {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.tenants[id]
	if r == nil {
		return Report{}
	}
	out := Report{Since: r.since, names: make(map[string]Read, len(r.names))}
	for name, read := range r.names {
		out.names[name] = read
	}
	for text, read := range r.patterns {
		m, err := labels.NewMatcher(labels.MatchRegexp, labels.MetricName, text)
		if err != nil {
			continue // written by a version with another dialect
		}
		out.patterns = append(out.patterns, patternRead{m, read})
	}
	slices.SortFunc(out.patterns, func(a, b patternRead) int { return b.read.Last.Compare(a.read.Last) })
	return out
}

// Of returns the last read of a name, by itself or by an expression that matches it,
// and the count of both.
func (r Report) Of(name string) (Read, bool) {
	out, known := r.names[name]
	for _, p := range r.patterns {
		if !p.matcher.Matches(name) {
			continue
		}
		if p.read.Last.After(out.Last) {
			out.Last = p.read.Last
		}
		out.Count += p.read.Count
		known = true
	}
	return out, known
}
