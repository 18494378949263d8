package logstore

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/internal/lineparse"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// restored are the parsed fields that a query reads and that may be in lines.
func (s *Store) restored(t tenant.ID, names []string) (out []string) {
	known := s.inLine.of(t)
	if len(known) == 0 {
		return nil
	}
	for _, n := range names {
		if known[n] && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// restoreLines makes a query complete the columns of parsed fields from lines.
func restoreLines(rq *rowstore.Query) {
	addColumn(rq, rowstore.MessageField)
	rq.Restore = restoreBlock
}

// restorers read lines again. The names of a stored line were admitted.
var restorers = sync.Pool{New: func() any { return lineparse.New(parsedPrefix, rowstore.MaxNameSize) }}

// restoreBlock is rowstore.Query.Restore.
func restoreBlock(b *rowstore.Block) error {
	var columns []int
	for i := range b.Columns {
		c := &b.Columns[i]
		if strings.HasPrefix(c.Name, parsedPrefix) && slices.Contains(c.Values, inLine) {
			c.Values = slices.Clone(c.Values)
			columns = append(columns, i)
		}
	}
	if len(columns) == 0 {
		return nil
	}
	x := restorers.Get().(*lineparse.Extractor)
	defer restorers.Put(x)
	x.Reset(func(string) bool { return true })
	lines := b.Column(rowstore.MessageField)
	for row := range b.Times {
		var fields []lineparse.Field
		read := false
		for _, i := range columns {
			c := &b.Columns[i]
			if c.Values[row] != inLine {
				continue
			}
			if !read {
				if lines == nil {
					return fmt.Errorf("BUG: the fields of a line are asked for without it")
				}
				_, fields = x.Extract(lines[row])
				read = true
			}
			v, ok := valueOf(fields, c.Name)
			if !ok {
				return fmt.Errorf("BUG: a line lacks its field %q", c.Name)
			}
			if !sharesMemory(lines[row], v) {
				v = strings.Clone(v)
			}
			c.Values[row] = v
		}
	}
	return nil
}

// valueOf finds a field; they are sorted by name.
func valueOf(fields []lineparse.Field, name string) (string, bool) {
	i, ok := slices.BinarySearchFunc(fields, name, func(f lineparse.Field, name string) int { return strings.Compare(f.Name, name) })
	if !ok {
		return "", false
	}
	return fields[i].Value, true
}

// engineCanFor is engineCan where values of these names may be in their lines.
func engineCanFor(names map[string]bool) func(logs.Filter) (logs.Filter, bool) {
	if len(names) == 0 {
		return engineCan
	}
	return func(leaf logs.Filter) (logs.Filter, bool) {
		instead, same := engineCan(leaf)
		return instead, same && !readsLine(leaf, names)
	}
}

// readsLine says whether a condition depends on what a value in its line is. All such
// values are texts that are neither empty nor a number.
func readsLine(leaf logs.Filter, names map[string]bool) bool {
	var field logs.Field
	switch f := leaf.(type) {
	case logs.Contains:
		field = f.Field
	case logs.MatchRegex:
		field = f.Field
	case logs.Equals:
		if field = f.Field; !mayBeInLine(f.Value) {
			return false
		}
	case logs.In:
		if field = f.Field; !slices.ContainsFunc(f.Values, mayBeInLine) {
			return false
		}
	}
	return field.Kind == logs.Parsed && names[field.Name]
}

// widened is a condition on a parsed field and, where the value is in the line, what
// the line must have for it: more than the condition selects.
func widened(leaf logs.Filter, column rowstore.Filter, name string) rowstore.Filter {
	here := rowstore.And{rowstore.Equals{Name: parsedPrefix + name, Value: inLine}}
	switch f := leaf.(type) {
	case logs.Contains:
		if f.Text != "" {
			here = append(here, rowstore.Contains{Name: rowstore.MessageField, Text: f.Text, FoldCase: f.FoldCase})
		}
	case logs.Equals:
		here = append(here, rowstore.Phrase{Name: rowstore.MessageField, Text: f.Value})
	case logs.In:
		var any rowstore.Or
		for _, v := range f.Values {
			if mayBeInLine(v) {
				any = append(any, rowstore.Phrase{Name: rowstore.MessageField, Text: v})
			}
		}
		here = append(here, any)
	}
	return rowstore.Or{column, here}
}
