package archive

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"unsafe"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// windowBytes and windowEntries bound what is read of the local store and sorted at
// a time.
const (
	windowBytes   = 16 << 20
	windowEntries = 200_000
)

// errWindowFull says that a window has more than fits.
var errWindowFull = errors.New("window is full")

// window holds the entries of a short time, sorted.
type window struct {
	source  logs.NumberedReader
	entries []entry
	bytes   int
	text    arena
	// streams are shared by entries: a few thousand at most in an hour's windows.
	streams map[string]*model.Labels
	maxSize int
}

func newWindow(source logs.NumberedReader) *window {
	return &window{source: source, streams: map[string]*model.Labels{}, maxSize: windowBytes}
}

// each calls fn for the entries of r ordered by time and number, as many at a time
// as fit.
func (w *window) each(ctx context.Context, t tenant.ID, r logs.NumberedRange, fn func([]entry) error) error {
	if r.Start >= r.End || r.First >= r.Before {
		return nil
	}
	err := w.read(ctx, t, r)
	if err == nil {
		if len(w.entries) == 0 {
			return nil
		}
		return fn(w.entries)
	}
	if !errors.Is(err, errWindowFull) {
		return err
	}
	a, b := halves(r)
	if err := w.each(ctx, t, a, fn); err != nil {
		return err
	}
	return w.each(ctx, t, b, fn)
}

// halves splits a range by time, or, if it is one nanosecond, by numbers.
func halves(r logs.NumberedRange) (a, b logs.NumberedRange) {
	a, b = r, r
	if r.End-r.Start > 1 {
		a.End = r.Start + (r.End-r.Start)/2
		b.Start = a.End
	} else {
		a.Before = r.First + (r.Before-r.First)/2
		b.First = a.Before
	}
	return a, b
}

func (w *window) read(ctx context.Context, t tenant.ID, r logs.NumberedRange) error {
	w.entries, w.bytes = w.entries[:0], 0
	single := r.End-r.Start == 1 && r.Before-r.First == 1
	err := w.source.SelectNumbered(ctx, t, r, func(b *logs.Block, numbers []uint64) error {
		stream := w.stream(b.Stream)
		names := make([]string, len(b.Metadata))
		for i, c := range b.Metadata {
			names[i] = w.text.add(c.Name)
		}
		for i, at := range b.Times {
			e := entry{time: at, number: numbers[i], stream: stream, line: w.text.add(b.Lines[i])}
			w.bytes += len(e.line) + 64
			for j, c := range b.Metadata {
				if v := c.Values[i]; v != "" {
					e.metadata = append(e.metadata, model.Label{Name: names[j], Value: w.text.add(v)})
					w.bytes += len(v) + 40
				}
			}
			slices.SortFunc(e.metadata, func(a, b model.Label) int { return cmp.Compare(a.Name, b.Name) })
			w.entries = append(w.entries, e)
		}
		if (w.bytes > w.maxSize || len(w.entries) > windowEntries) && !single {
			return errWindowFull
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(w.entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.number, b.number))
	})
	return nil
}

func (w *window) stream(ls model.Labels) *model.Labels {
	key := ls.String()
	st, ok := w.streams[key]
	if !ok {
		own := cloneLabels(ls)
		st = &own
		w.streams[key] = st
	}
	return st
}

func cloneLabels(ls model.Labels) model.Labels {
	out := make(model.Labels, len(ls))
	for i, l := range ls {
		out[i] = model.Label{Name: string([]byte(l.Name)), Value: string([]byte(l.Value))}
	}
	return out
}

// arena holds many texts in few pieces of memory. A piece is given up, never
// reused, so that texts stay valid as long as somebody has them.
type arena struct{ free []byte }

const arenaPiece = 256 << 10

func (a *arena) add(s string) string {
	if s == "" {
		return ""
	}
	if len(s) > cap(a.free)-len(a.free) {
		a.free = make([]byte, 0, max(arenaPiece, len(s)))
	}
	n := len(a.free)
	a.free = append(a.free, s...)
	return unsafe.String(&a.free[n], len(s))
}

func (a *arena) addBytes(b []byte) string { return a.add(unsafe.String(unsafe.SliceData(b), len(b))) }
