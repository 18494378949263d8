package logql

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// Field is a name that entries have values for, found by looking at some of them.
type Field struct {
	Name string
	// Type is int, float, boolean, duration, bytes or string, by one of the values.
	Type string
	// Parsers are json or logfmt; none for structured metadata.
	Parsers []string
	// JSONPath leads to the value in a JSON line.
	JSONPath []string
	// Values are the distinct values in the order in which they were seen.
	Values []string
	seen   map[string]bool
}

// DetectFields looks at the newest p.Limit entries of a log query: at their
// structured metadata, what the query parses, and what lines have that are JSON,
// else logfmt. It returns at most limit fields, sorted by name.
func (e *Engine) DetectFields(ctx context.Context, t tenant.ID, x *LogExpr, p Params, limit int) ([]*Field, error) {
	p.Categorize = true
	res, err := e.Eval(ctx, t, x, p)
	if err != nil {
		return nil, err
	}
	d := newDetector(limit)
	for _, s := range res.Value.(Streams) {
		for _, entry := range s.Entries {
			d.entry(s.Labels, entry)
		}
	}
	return slices.SortedFunc(maps.Values(d.fields), func(a, b *Field) int { return cmp.Compare(a.Name, b.Name) }), nil
}

type detector struct {
	limit  int
	fields map[string]*Field
	json   *jsonStage
	logfmt *logfmtStage
	e      entry
}

func newDetector(limit int) *detector {
	d := &detector{limit: limit, fields: map[string]*Field{}}
	d.json = &jsonStage{names: nameCache{}}
	d.logfmt = &logfmtStage{names: nameCache{}}
	d.e.labels.hints = &hints{}
	return d
}

func (d *detector) entry(stream model.Labels, e Entry) {
	for _, l := range e.Metadata {
		d.add(l, nil)
	}
	parser := d.parse(stream, e)
	for _, l := range e.Parsed {
		if l.Name != errorLabel && l.Name != errorDetailsLabel && l.Name != preserveErrorLabel {
			d.add(l, parser)
		}
	}
	for _, l := range d.e.labels.parsed {
		d.add(l, parser)
	}
}

// parse parses the line and says how: "json" or "logfmt" in a list, none if it is
// neither.
func (d *detector) parse(stream model.Labels, e Entry) []string {
	// What the query parsed does not make names of the line collide.
	stream = slices.DeleteFunc(slices.Clone(stream), func(l model.Label) bool { return has(e.Parsed, l.Name) })
	d.e.line = e.Line
	d.e.labels.reset(stream)
	d.json.paths = map[string][]string{}
	if d.json.process(&d.e) && d.e.labels.err == "" {
		return []string{"json"}
	}
	d.json.paths = nil
	d.e.labels.reset(stream)
	d.logfmt.process(&d.e)
	return []string{"logfmt"}
}

func (d *detector) add(l model.Label, parsers []string) {
	f := d.fields[l.Name]
	if f == nil {
		if len(d.fields) >= d.limit {
			return
		}
		f = &Field{Name: l.Name, seen: map[string]bool{}}
		d.fields[l.Name] = f
	}
	for _, p := range parsers {
		if !slices.Contains(f.Parsers, p) {
			f.Parsers = append(f.Parsers, p)
		}
		if p == "json" {
			f.JSONPath = d.json.paths[l.Name]
		}
	}
	f.Type = fieldType(l.Value)
	if !f.seen[l.Value] {
		f.seen[l.Value] = true
		f.Values = append(f.Values, l.Value)
	}
}

func fieldType(v string) string {
	if _, err := strconv.ParseInt(v, 10, 64); err == nil {
		return "int"
	}
	if _, err := strconv.ParseFloat(v, 64); err == nil {
		return "float"
	}
	if _, err := strconv.ParseBool(v); err == nil {
		return "boolean"
	}
	if _, err := time.ParseDuration(v); err == nil {
		return "duration"
	}
	if _, err := humanize.ParseBytes(v); err == nil {
		return "bytes"
	}
	return "string"
}

// QueryValues returns the first distinct values, at most limit, sorted, in the
// form in which a query can compare them: sizes are rounded to a unit.
func (f *Field) QueryValues(limit int) []string {
	var vs []string
	for _, v := range f.Values {
		if n, err := humanize.ParseBytes(v); err == nil && len(f.Parsers) > 0 && !isDigit(v[len(v)-1]) {
			v = strings.ReplaceAll(humanize.Bytes(n), " ", "")
		}
		if len(vs) < limit && !slices.Contains(vs, v) {
			vs = append(vs, v)
		}
	}
	slices.Sort(vs)
	return vs
}
