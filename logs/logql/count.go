package logql

import (
	"context"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/tenant"
)

// exactCount is up to how many entries Count folds equal ones.
const exactCount = 1 << 20

// Count counts entries and bytes of lines. Equal entries count once, unless
// there are so many that finding them would cost more than an estimate should.
func (e *Engine) Count(ctx context.Context, t tenant.ID, lq logs.Query) (logs.Group, error) {
	groups, err := e.reader.Count(ctx, t, lq, logs.Grouping{Bytes: true})
	if err != nil || len(groups) == 0 {
		return logs.Group{}, err
	}
	n := groups[0]
	if n.Entries > exactCount {
		return n, nil
	}
	q := &query{engine: e, tenant: t, params: Params{Start: lq.Start, End: lq.End - 1}}
	lq.Metadata = []string{}
	g := newFolder(q)
	if err := e.reader.Select(ctx, t, lq, g.add); err != nil {
		return logs.Group{}, err
	}
	n.Entries -= g.folded
	n.Bytes -= g.foldedBytes
	return n, nil
}

// folder counts the entries that equal another one.
type folder struct {
	q                   *query
	c                   *collector
	folded, foldedBytes uint64
}

func newFolder(q *query) *folder { return &folder{q: q, c: newCollector(q, &pipeline{})} }

func (f *folder) add(b *logs.Block) error {
	stream := streamHash(f.c.seed, b.Stream)
	for i, t := range b.Times {
		key := f.c.key(stream, t, b.Lines[i])
		if f.c.seen[key] {
			f.folded++
			f.foldedBytes += uint64(len(b.Lines[i]))
			continue
		}
		if err := f.q.keep(foldSize); err != nil {
			return err
		}
		f.c.seen[key] = true
	}
	return nil
}

// foldSize is what a key in a map takes in memory.
const foldSize = 40
