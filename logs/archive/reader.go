package archive

import (
	"cmp"
	"context"
	"slices"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// decoders is how many row groups of one query are read at a time.
const decoders = 2

// reader answers queries from archived parts: those of the bucket, if the request
// includes the archive, and restored ones always.
type reader struct {
	catalog  *Catalog
	restored *Restored
	store    string // ID of the local store
	metrics  *metrics
}

// plan is what a query reads of one hour.
type plan struct {
	hour  Hour
	parts []location
}

// hours returns the hours that may have something for a range, newest first or oldest
// first.
func (r *reader) hours(t tenant.ID, start, end int64, forward bool) []Hour {
	hs := append(r.catalog.Hours(t, start, end), r.restored.Hours(t, start, end)...)
	slices.Sort(hs)
	hs = slices.Compact(hs)
	if !forward {
		slices.Reverse(hs)
	}
	return hs
}

// plan finds the parts of an hour that are to be read: the local store has what came
// from itself and is not before the boundary.
func (r *reader) plan(ctx context.Context, t tenant.ID, h Hour, boundary int64) (plan, error) {
	use := logs.ArchiveUseFrom(ctx)
	p := plan{hour: h}
	local := func(part *Part) bool { return part.Store == r.store && int64(h) >= boundary }
	here, err := r.restored.manifest(ctx, t, h)
	if err != nil {
		return p, err
	}
	restored := map[string]bool{}
	if here != nil {
		for i := range here.Parts {
			if part := &here.Parts[i]; !local(part) {
				restored[part.Name] = true
				p.parts = append(p.parts, location{r.restored.bucket, t, h, part})
			}
		}
	}
	if !use.Included() {
		m := r.catalog.cached(t, h)
		if r.offers(t, h, m, boundary, restored) {
			use.Offer(int64(h))
		}
		return p, nil
	}
	m, err := r.catalog.Manifest(ctx, t, h)
	if err != nil || m == nil {
		return p, err
	}
	for i := range m.Parts {
		if part := &m.Parts[i]; !local(part) && !restored[part.Name] {
			use.Use(int64(h))
			p.parts = append(p.parts, location{r.catalog.bucket, t, h, part})
		}
	}
	return p, nil
}

// offers says whether the archive has something of an hour that is not here. It does
// not ask the storage for that.
func (r *reader) offers(t tenant.ID, h Hour, m *Manifest, boundary int64, restored map[string]bool) bool {
	if m == nil {
		return r.catalog.has(t, h) && int64(h) < boundary && len(restored) == 0
	}
	return slices.ContainsFunc(m.Parts, func(p Part) bool {
		return (p.Store != r.store || int64(h) < boundary) && !restored[p.Name]
	})
}

// groups opens the parts that a query needs and returns their row groups in the
// order in which they are to be read.
func (r *reader) groups(ctx context.Context, p plan, q *request) ([]group, error) {
	var out []group
	for _, l := range p.parts {
		if !l.part.overlaps(q.Start, q.End) {
			continue
		}
		streams := l.part.matching(q.Matchers)
		if streams == nil {
			continue
		}
		f, err := openPart(ctx, l, func(n int) { r.metrics.read.Add(float64(n)) })
		if err != nil {
			return nil, err
		}
		out = append(out, f.groups(q.Start, q.End, streams)...)
	}
	slices.SortStableFunc(out, func(a, b group) int {
		if q.Forward {
			return cmp.Compare(a.min, b.min)
		}
		return cmp.Compare(b.max, a.max)
	})
	return out, nil
}

// selectArchived emits what the archive has for a query, as logs.Reader.Select does.
func (r *reader) selectArchived(ctx context.Context, t tenant.ID, lq logs.Query, boundary int64, emit func(*logs.Block) error) error {
	q, err := newRequest(lq)
	if err != nil {
		return err
	}
	left := lq.Limit
	for _, h := range r.hours(t, lq.Start, lq.End, lq.Forward) {
		p, err := r.plan(ctx, t, h, boundary)
		if err != nil {
			return err
		}
		groups, err := r.groups(ctx, p, q)
		if err != nil {
			return err
		}
		if lq.Limit == 0 {
			err = decodeInOrder(ctx, groups, q, func(bs []logs.Block) error { return emitAll(bs, q, emit) }, nil)
		} else {
			n := 0
			n, err = selectLimited(ctx, groups, q, left, emit)
			if left -= n; err == nil && left <= 0 {
				return nil
			}
		}
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

func emitAll(bs []logs.Block, q *request, emit func(*logs.Block) error) error {
	for i := range bs {
		finishBlock(&bs[i], q)
		if err := emit(&bs[i]); err != nil {
			return err
		}
	}
	return nil
}

// finishBlock says of what was not read that nothing is known.
func finishBlock(b *logs.Block, q *request) {
	b.Formats, b.Parsed, b.MaybeEqual, b.Worker = nil, nil, nil, 0
	if q.NoLines {
		b.Lines = nil
	}
}

// selectLimited emits the first entries of an hour in the order of time.
func selectLimited(ctx context.Context, groups []group, q *request, limit int, emit func(*logs.Block) error) (int, error) {
	first := firstEntries{limit: limit, forward: q.Forward}
	err := decodeInOrder(ctx, groups, q, func(bs []logs.Block) error {
		first.add(bs)
		return nil
	}, func(g group) bool { return first.full() && !first.wants(g) })
	if err != nil {
		return 0, err
	}
	first.trim()
	for _, b := range first.blocks() {
		finishBlock(&b, q)
		if err := emit(&b); err != nil {
			return 0, err
		}
	}
	return len(first.entries), nil
}

// decodeInOrder decodes row groups, some at a time, and hands them out in order until
// done says so of the next one.
func decodeInOrder(ctx context.Context, groups []group, q *request, fn func([]logs.Block) error, done func(group) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		blocks []logs.Block
		err    error
	}
	var ahead []chan result
	defer func() {
		cancel()
		for _, c := range ahead {
			<-c // whoever starts a goroutine waits for it
		}
	}()
	next := 0
	for i := range groups {
		if done != nil && done(groups[i]) {
			return nil
		}
		for ; next < len(groups) && next < i+decoders; next++ {
			c := make(chan result, 1)
			ahead = append(ahead, c)
			go func(g group) {
				blocks, err := g.decode(ctx, q)
				c <- result{blocks, err}
			}(groups[next])
		}
		got := <-ahead[0]
		ahead = ahead[1:]
		if got.err != nil {
			return got.err
		}
		if err := fn(got.blocks); err != nil {
			return err
		}
	}
	return nil
}

// streams calls fn for each archived stream that has entries about a range.
func (r *reader) streams(ctx context.Context, t tenant.ID, q logs.Query, boundary int64, fn func(model.Labels)) error {
	for _, h := range r.hours(t, q.Start, q.End, true) {
		p, err := r.plan(ctx, t, h, boundary)
		if err != nil {
			return err
		}
		for _, l := range p.parts {
			if !l.part.overlaps(q.Start, q.End) {
				continue
			}
			for i := range l.part.Streams {
				if ls := l.part.Streams[i].Labels; selects(q.Matchers, ls) {
					fn(ls)
				}
			}
		}
	}
	return nil
}

// touches says whether archived parts are to be read for a range. If the request does
// not include the archive, restored ones are, and it is noted what it would have had.
func (r *reader) touches(ctx context.Context, t tenant.ID, q logs.Query, boundary int64) bool {
	use := logs.ArchiveUseFrom(ctx)
	for _, h := range r.restored.Hours(t, q.Start, q.End) {
		if int64(h) < boundary || foreign(r.restored.catalog.cached(t, h), r.store) {
			return true // and the plan notes the rest
		}
	}
	found := false
	for _, h := range r.catalog.Hours(t, q.Start, q.End) {
		if int64(h) < boundary || foreign(r.catalog.cached(t, h), r.store) {
			found = true
			if !use.Included() {
				use.Offer(int64(h))
			}
		}
	}
	return found && use.Included()
}

// foreign says whether a manifest is known to have parts of another store.
func foreign(m *Manifest, store string) bool {
	return m != nil && slices.ContainsFunc(m.Parts, func(p Part) bool { return p.Store != store })
}
