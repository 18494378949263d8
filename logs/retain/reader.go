package retain

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// Reader is a logs.Reader without the entries that its sources hide.
type Reader struct {
	reader  logs.Reader
	sources []Source
}

var (
	_ logs.Reader   = (*Reader)(nil)
	_ logs.Numbered = (*Reader)(nil)
)

// NewReader returns a reader of what reader holds and no source hides.
func NewReader(reader logs.Reader, sources ...Source) *Reader {
	return &Reader{reader: reader, sources: sources}
}

func (r *Reader) hidden(t tenant.ID, start, end int64) Hidden {
	var h Hidden
	for _, s := range r.sources {
		h = join(h, s.Hidden(t, start, end))
	}
	return h
}

// narrow leaves out of q what is hidden; ok is false if nothing remains.
func (r *Reader) narrow(t tenant.ID, q logs.Query) (_ logs.Query, ok bool) {
	h := r.hidden(t, q.Start, q.End)
	q.Start = max(q.Start, h.Before)
	q.Where = without(q.Where, either(h.Streams, h.Entries))
	return q, q.Start < q.End
}

// Settled says whether what is hidden of t within [start, end) changes only when
// somebody changes it: nothing there has reached an age or a size beyond which more
// will follow. A cache may use a result of such a range until it is told of a change;
// it asks at each use.
func (r *Reader) Settled(t tenant.ID, start, end int64) bool {
	for _, s := range r.sources {
		if m, ok := s.(Moving); ok {
			if h := m.Hidden(t, start, end); h.Before > start || h.Streams != nil || h.Entries != nil {
				return false
			}
		}
	}
	return true
}

// without returns a filter of what f matches and hidden does not.
func without(f, hidden logs.Filter) logs.Filter {
	switch {
	case hidden == nil:
		return f
	case f == nil:
		return logs.Not{Filter: hidden}
	}
	return logs.And{f, logs.Not{Filter: hidden}}
}

// Select implements logs.Reader.
func (r *Reader) Select(ctx context.Context, t tenant.ID, q logs.Query, emit func(*logs.Block) error) error {
	q, ok := r.narrow(t, q)
	if !ok {
		return nil
	}
	return r.reader.Select(ctx, t, q, emit)
}

// SelectNumbered implements logs.Numbered, if what is read does.
func (r *Reader) SelectNumbered(ctx context.Context, t tenant.ID, q logs.Query, after, upTo uint64, emit func(*logs.Block, []uint64) error) error {
	numbered, ok := r.reader.(logs.Numbered)
	if !ok {
		return logs.ErrNotNumbered
	}
	q, ok = r.narrow(t, q)
	if !ok { // nothing is selected, but it tells whether there are numbers
		after, upTo = 0, 0
	}
	return numbered.SelectNumbered(ctx, t, q, after, upTo, emit)
}

// Count implements logs.Reader.
func (r *Reader) Count(ctx context.Context, t tenant.ID, q logs.Query, g logs.Grouping) ([]logs.Group, error) {
	q, ok := r.narrow(t, q)
	if !ok {
		return nil, nil
	}
	return r.reader.Count(ctx, t, q, g)
}

// LabelNames implements logs.Reader.
func (r *Reader) LabelNames(ctx context.Context, t tenant.ID, q logs.Query) ([]string, error) {
	streams, q, err := r.visible(ctx, t, q, 0)
	switch {
	case err != nil || q.Start >= q.End:
		return nil, err
	case streams == nil:
		return r.reader.LabelNames(ctx, t, q)
	}
	names := map[string]bool{}
	for _, ls := range streams {
		for _, l := range ls {
			names[l.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// LabelValues implements logs.Reader.
func (r *Reader) LabelValues(ctx context.Context, t tenant.ID, q logs.Query, name string) ([]string, error) {
	streams, q, err := r.visible(ctx, t, q, 0)
	switch {
	case err != nil || q.Start >= q.End:
		return nil, err
	case streams == nil:
		return r.reader.LabelValues(ctx, t, q, name)
	}
	values := map[string]bool{}
	for _, ls := range streams {
		if v := ls.Get(name); v != "" {
			values[v] = true
		}
	}
	return slices.Sorted(maps.Keys(values)), nil
}

// Series implements logs.Reader.
func (r *Reader) Series(ctx context.Context, t tenant.ID, q logs.Query, limit int) ([]model.Labels, error) {
	streams, q, err := r.visible(ctx, t, q, limit)
	switch {
	case err != nil || q.Start >= q.End:
		return nil, err
	case streams == nil:
		return r.reader.Series(ctx, t, q, limit)
	}
	return streams, nil
}

// visible returns the streams that have an entry that is not hidden by stream and
// time, at most limit (0: all), and q without what is older than everything. The
// streams are nil, not empty, if the store's index may answer. What is hidden by
// contents does not count: finding out would read every line.
func (r *Reader) visible(ctx context.Context, t tenant.ID, q logs.Query, limit int) ([]model.Labels, logs.Query, error) {
	h := r.hidden(t, q.Start, q.End)
	q.Start = max(q.Start, h.Before)
	if h.Streams == nil || q.Start >= q.End {
		return nil, q, nil
	}
	found := map[string]bool{}
	streams := []model.Labels{}
	times := logs.Query{Start: q.Start, End: q.End, Matchers: q.Matchers, Where: logs.Not{Filter: h.Streams}, NoLines: true, Metadata: []string{}}
	err := r.reader.Select(ctx, t, times, func(b *logs.Block) error {
		key := b.Stream.String()
		if found[key] {
			return nil
		}
		found[key] = true
		streams = append(streams, cloneLabels(b.Stream))
		if limit > 0 && len(streams) >= limit {
			return logs.ErrStop
		}
		return nil
	})
	return streams, q, err
}

// cloneLabels copies labels out of a block.
func cloneLabels(ls model.Labels) model.Labels {
	out := make(model.Labels, len(ls))
	for i, l := range ls {
		out[i] = model.Label{Name: strings.Clone(l.Name), Value: strings.Clone(l.Value)}
	}
	return out
}
