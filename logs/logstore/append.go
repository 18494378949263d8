package logstore

import (
	"context"
	"sync"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/internal/lineparse"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// Append implements logs.Appender. Errors are those of rowstore.Writer.
func (s *Store) Append(ctx context.Context, t tenant.ID, streams []model.LogStream) error {
	return s.withRows(t, streams, func(rows []rowstore.Row) error { return s.w.Append(ctx, t, rows) })
}

// withRows calls write with the entries as rows, in their order, unless there are none.
// They are valid during the call.
func (s *Store) withRows(t tenant.ID, streams []model.LogStream, write func([]rowstore.Row) error) error {
	b := rowBuilders.Get().(*rowBuilder)
	defer b.release()
	b.parser.Reset(func(name string) bool { return s.names.has(t, name) || s.names.add(t, name) })
	for i := range streams {
		if len(streams[i].Entries) > 0 {
			s.stream(b, t, &streams[i])
		}
	}
	if len(b.rows) == 0 {
		return nil
	}
	return write(b.rows)
}

// rowBuilder turns entries into rows, reusing its memory.
type rowBuilder struct {
	rows   []rowstore.Row
	fields []rowstore.Field // of all rows
	parser *lineparse.Extractor
	// names are the columns of metadata that came before, which most entries repeat.
	names map[string]string
}

var rowBuilders = sync.Pool{New: func() any {
	return &rowBuilder{parser: lineparse.New(parsedPrefix, rowstore.MaxNameSize), names: map[string]string{}}
}}

// maxBatchFields is from how many fields on a batch's lines are kept without theirs:
// short lines with many fields would take many times their size in memory.
const maxBatchFields = 1 << 19

// Bounds of what a rowBuilder keeps for the next batch.
const (
	maxKeptFields = 1 << 16
	maxKeptNames  = 1024
)

// release gives the builder back, without what it refers to.
func (b *rowBuilder) release() {
	if cap(b.fields) > maxKeptFields || cap(b.rows) > maxKeptFields {
		b.rows, b.fields = nil, nil
	}
	clear(b.rows)
	clear(b.fields)
	b.rows, b.fields = b.rows[:0], b.fields[:0]
	rowBuilders.Put(b)
}

// stream appends the rows of a stream's entries.
func (s *Store) stream(b *rowBuilder, t tenant.ID, st *model.LogStream) {
	stream := streamFields(st.Labels)
	seen := lineFields{s: s, tenant: t, stream: st.Labels}
	defer seen.end()
	for i := range st.Entries {
		e := &st.Entries[i]
		first := len(b.fields)
		format, parsed := b.parse(stream, e)
		if format != logs.Raw {
			seen.leave(e.Line, parsed)
		}
		b.fields = append(b.fields, rowstore.Field{Name: rowstore.MessageField, Value: e.Line})
		if format != logs.Raw {
			b.fields = append(b.fields, rowstore.Field{Name: formatColumn, Value: formatValues[format]})
		}
		for _, l := range e.Metadata {
			b.fields = append(b.fields, rowstore.Field{Name: b.metadataName(l.Name), Value: l.Value})
		}
		for _, f := range parsed {
			b.fields = append(b.fields, rowstore.Field(f))
		}
		b.rows = append(b.rows, rowstore.Row{Time: e.Time, Stream: stream, Fields: b.fields[first:len(b.fields):len(b.fields)]})
	}
}

// parse reads the fields of a line, if the row may have them.
func (b *rowBuilder) parse(stream []rowstore.Field, e *model.LogEntry) (logs.Format, []lineparse.Field) {
	if len(b.fields) >= maxBatchFields {
		return logs.Raw, nil
	}
	format, parsed := b.parser.Extract(e.Line)
	if format != logs.Raw && !fits(stream, e, parsed) {
		return logs.Raw, nil
	}
	return format, parsed
}

func (b *rowBuilder) metadataName(name string) string {
	if column, ok := b.names[name]; ok {
		return column
	}
	column := metadataPrefix + name
	if len(b.names) >= maxKeptNames {
		clear(b.names)
	}
	b.names[column[len(metadataPrefix):]] = column
	return column
}

// fits says whether the row is still one that the store takes when it has the
// parsed fields too.
func fits(stream []rowstore.Field, e *model.LogEntry, parsed []lineparse.Field) bool {
	if len(stream)+len(e.Metadata)+len(parsed)+2 > rowstore.MaxFields {
		return false
	}
	const most = lineparse.MaxTotal + (lineparse.MaxFields+1)*rowstore.MaxNameSize
	size := len(e.Line) + most
	for _, f := range stream {
		size += len(f.Name) + len(f.Value)
	}
	for _, l := range e.Metadata {
		size += len(metadataPrefix) + len(l.Name) + len(l.Value)
	}
	return size <= rowstore.MaxRowSize
}
