package logstore

import (
	"context"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// Append implements logs.Appender. Errors are those of rowstore.Writer.
func (s *Store) Append(ctx context.Context, t tenant.ID, streams []model.LogStream) error {
	rows := rowsOf(streams)
	if len(rows) == 0 {
		return nil
	}
	return s.w.Append(ctx, t, rows)
}

// rowsOf returns the entries as rows, in their order.
func rowsOf(streams []model.LogStream) []rowstore.Row {
	n, m := 0, 0
	for _, st := range streams {
		n += len(st.Entries)
		for i := range st.Entries {
			m += len(st.Entries[i].Metadata)
		}
	}
	if n == 0 {
		return nil
	}
	rows := make([]rowstore.Row, 0, n)
	fields := make([]rowstore.Field, 0, n+m) // one allocation for all rows
	for _, st := range streams {
		stream := streamFields(st.Labels)
		for i := range st.Entries {
			e := &st.Entries[i]
			first := len(fields)
			fields = append(fields, rowstore.Field{Name: rowstore.MessageField, Value: e.Line})
			for _, l := range e.Metadata {
				fields = append(fields, rowstore.Field{Name: metadataPrefix + l.Name, Value: l.Value})
			}
			rows = append(rows, rowstore.Row{Time: e.Time, Stream: stream, Fields: fields[first:len(fields):len(fields)]})
		}
	}
	return rows
}
