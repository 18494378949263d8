package logql

import (
	"context"
	"strconv"
	"strings"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/tenant"
)

// exactEntries is up to how many entries Count and Volume read them all; beyond,
// that would cost more than an estimate should.
const exactEntries = 200_000

// Count counts entries and bytes of lines. Up to exactEntries, equal entries
// count once.
func (e *Engine) Count(ctx context.Context, t tenant.ID, lq logs.Query) (logs.Group, error) {
	groups, err := e.reader.Count(ctx, t, lq, logs.Grouping{Bytes: true})
	if err != nil || len(groups) == 0 {
		return logs.Group{}, err
	}
	n := groups[0]
	if n.Entries > exactEntries {
		return n, nil
	}
	q := e.newQuery(t, Params{Start: lq.Start, End: lq.End - 1})
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

func newFolder(q *query) *folder { return &folder{q: q, c: newCollector(q, nil)} }

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

// Volume counts entries and their bytes by group. Up to exactEntries, structured
// metadata counts as in Loki; beyond, only lines do.
func (e *Engine) Volume(ctx context.Context, t tenant.ID, lq logs.Query, g logs.Grouping) ([]logs.Group, error) {
	g.Bytes = true
	groups, err := e.reader.Count(ctx, t, lq, g)
	if err != nil {
		return nil, countError(err)
	}
	var entries uint64
	index := make(map[string]*logs.Group, len(groups))
	for i := range groups {
		entries += groups[i].Entries
		index[groupKey(groups[i].Time, groups[i].By)] = &groups[i]
	}
	if entries > exactEntries {
		return groups, nil
	}
	lq.NoLines = true
	err = e.reader.Select(ctx, t, lq, func(b *logs.Block) error {
		if len(b.Metadata) == 0 {
			return nil
		}
		by := make([]string, len(g.By))
		for i, f := range g.By {
			by[i] = b.Stream.Get(f.Name)
		}
		for i, at := range b.Times {
			bucket := int64(0)
			if g.Step > 0 {
				bucket = g.Offset + floorDiv(at-g.Offset, g.Step)*g.Step
			}
			if x := index[groupKey(bucket, by)]; x != nil { // nil: pushed meanwhile
				x.Bytes += metadataSize(b, i)
			}
		}
		return nil
	})
	return groups, err
}

func groupKey(at int64, by []string) string {
	return strconv.FormatInt(at, 10) + "\xff" + strings.Join(by, "\xff")
}

func floorDiv(a, b int64) int64 { return -ceilDiv(-a, b) }

// metadataSize is what the metadata of one entry takes in Loki, which keeps each
// text once: a name and a value are two references of four bytes.
func metadataSize(b *logs.Block, i int) (n uint64) {
	for _, c := range b.Metadata {
		if c.Values[i] != "" {
			n += 8
		}
	}
	return n
}
