package logql

import (
	"context"
	"fmt"
	"strings"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// maxCachedLogs is how many bytes an answer of entries may have to be kept.
const maxCachedLogs = 1 << 20

// cachedLog answers a log query over a closed range from the cache, or calls find and
// keeps what it finds.
func (q *query) cachedLog(ctx context.Context, x *LogExpr, find func() (Streams, error)) (Streams, error) {
	c := q.engine.cache
	if c == nil {
		return find()
	}
	closed, clock := c.begin()
	// The archive grows without a word, and ages hide entries.
	if q.params.End > closed || logs.ArchiveUseFrom(ctx).Included() || !c.isSettled(q.tenant, q.params.Start, q.params.End) {
		return find()
	}
	key := logKey(ctx, q, x)
	if s := c.get(key); s != nil {
		c.metrics.hits.Inc()
		q.plan.Cached++
		for i := range s.streams {
			q.stats.Returned += int64(len(s.streams[i].Entries))
		}
		return s.streams, nil
	}
	c.metrics.misses.Inc()
	q.plan.Computed++
	found, err := find()
	if err != nil {
		return nil, err
	}
	s := &cachedSteps{tenant: q.tenant, key: key, from: q.params.Start, to: q.params.End, streams: found, bytes: int64(len(key)) + 300}
	for i := range found {
		s.bytes += sizeOf(found[i].Labels)
		for _, e := range found[i].Entries {
			s.bytes += int64(len(e.Line)) + 100 + sizeOf(e.Metadata) + sizeOf(e.Parsed)
		}
	}
	if s.bytes <= maxCachedLogs {
		c.put(s, clock)
	}
	return found, nil
}

// sizeOf is what labels take in memory, roughly.
func sizeOf(ls model.Labels) (n int64) {
	for _, l := range ls {
		n += int64(32 + len(l.Name) + len(l.Value))
	}
	return n
}

// logKey identifies what the answer to a log query depends on.
func logKey(ctx context.Context, q *query, x *LogExpr) string {
	var b strings.Builder
	p := q.params
	writeAsker(ctx, &b, q.tenant)
	fmt.Fprintf(&b, "%s\xff%d\xff%d\xff%d\xff%d\xff%v\xff%v", x,
		p.Start, p.End, p.Limit, p.Interval, p.Forward, p.Categorize)
	writeSizes(&b, x.Stages, nil)
	return b.String()
}

// writeAsker writes who asks: what is shown of the store depends on it.
func writeAsker(ctx context.Context, b *strings.Builder, t tenant.ID) {
	fmt.Fprintf(b, "%s\xff%s\xff%v\xff", t, tenant.ScopeFrom(ctx), logs.ArchiveUseFrom(ctx).Included())
}
