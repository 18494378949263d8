package logstore

import (
	"slices"
	"strings"
	"sync"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/storage/rowstore"
)

// blockReaders holds a reader for each worker.
type blockReaders struct {
	mu  sync.Mutex
	all []*blockReader
}

func (rs *blockReaders) of(worker int) *blockReader {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for len(rs.all) <= worker {
		rs.all = append(rs.all, &blockReader{})
	}
	return rs.all[worker]
}

// blockReader turns rows into entries, reusing its memory.
type blockReader struct {
	block   logs.Block
	formats []logs.Format
	late    []bool
	empty   []string // never written to
	// stream is of the last block: most have the same.
	stream []rowstore.Field
}

// read returns the block with everything that the rows have. It is valid until the
// next call.
func (r *blockReader) read(b *rowstore.Block) *logs.Block {
	n := len(b.Times)
	out := &r.block
	if r.stream == nil || !slices.Equal(r.stream, b.Stream) {
		out.Stream = streamLabels(b.Stream)
		r.stream = b.Stream
	}
	out.Times = b.Times
	out.Lines, out.Formats = nil, nil
	out.Metadata, out.Parsed = out.Metadata[:0], out.Parsed[:0]
	r.late = slices.Grow(r.late[:0], n)[:n]
	clear(r.late)
	out.MaybeEqual = r.late
	for _, c := range b.Columns {
		switch {
		case c.Name == rowstore.MessageField:
			out.Lines = c.Values
		case c.Name == rowstore.LateColumn:
			for i, v := range c.Values {
				r.late[i] = v != ""
			}
		case c.Name == formatColumn:
			out.Formats = r.readFormats(c.Values)
		case strings.HasPrefix(c.Name, metadataPrefix):
			out.Metadata = append(out.Metadata, logs.Column{Name: c.Name[len(metadataPrefix):], Values: c.Values})
		case strings.HasPrefix(c.Name, parsedPrefix):
			out.Parsed = append(out.Parsed, logs.Column{Name: c.Name[len(parsedPrefix):], Values: c.Values, Integers: c.Integers})
		}
	}
	if out.Lines == nil { // no line has any text
		if len(r.empty) < n {
			r.empty = make([]string, n)
		}
		out.Lines = r.empty[:n]
	}
	return out
}

func (r *blockReader) readFormats(values []string) []logs.Format {
	r.formats = r.formats[:0]
	last, f := "", logs.Raw
	for _, v := range values {
		if v == last {
			r.formats = append(r.formats, f)
			continue
		}
		last, f = v, logs.Raw
		switch v {
		case formatValues[logs.JSON]:
			f = logs.JSON
		case formatValues[logs.Logfmt]:
			f = logs.Logfmt
		case formatValues[logs.JSONNonEmpty]:
			f = logs.JSONNonEmpty
		}
		r.formats = append(r.formats, f)
	}
	return r.formats
}

// trimBlock leaves what the query asked for; a filter may have needed more.
func trimBlock(b *logs.Block, q logs.Query) {
	if q.NoLines {
		b.Lines = nil
	}
	if q.Metadata != nil {
		b.Metadata = onlyNamed(b.Metadata, q.Metadata)
	}
	if !q.AllParsed {
		b.Parsed = onlyNamed(b.Parsed, q.Parsed)
		if q.Parsed == nil {
			b.Formats = nil
		}
	}
	if !q.MaybeEqual {
		b.MaybeEqual = nil
	}
}

func onlyNamed(cs []logs.Column, names []string) []logs.Column {
	return slices.DeleteFunc(cs, func(c logs.Column) bool { return !slices.Contains(names, c.Name) })
}
