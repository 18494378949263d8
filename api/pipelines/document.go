package pipelines

import (
	"bytes"
	"maps"
	"slices"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// Document is an event as JSON.
type Document []byte

// MarshalJSON implements json.Marshaler.
func (d Document) MarshalJSON() ([]byte, error) { return d, nil }

// Change is one field that became different: Before is nil for one that was not there,
// After for one that is there no more. Both are JSON.
type Change struct {
	// Field is the reference: message, [a][b]; for Promtail line, labels.x,
	// metadata.x, extracted.x, timestamp, tenant.
	Field  string   `json:"field"`
	Before Document `json:"before,omitempty"`
	After  Document `json:"after,omitempty"`
}

// document renders an event: Logstash's with @metadata, Promtail's with all its parts.
func (r *run) document(e *pipeline.Event) Document {
	if r.trial.Dialect != Promtail {
		return logstash.AppendEventMetadata(nil, e)
	}
	return logstash.AppendJSON(nil, promtailFields(e))
}

// promtailFields are the parts of an event that stages work on.
func promtailFields(e *pipeline.Event) map[string]any {
	m := map[string]any{"line": e.Line, "timestamp": e.Time}
	if e.Tenant != "" {
		m["tenant"] = e.Tenant
	}
	for name, part := range map[string]map[string]string{"labels": e.Labels, "metadata": e.Metadata} {
		if len(part) > 0 {
			m[name] = texts(part)
		}
	}
	if len(e.Fields) > 0 {
		m["extracted"] = map[string]any(e.Fields)
	}
	return m
}

func texts(m map[string]string) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// fields are what is compared before and after a step.
func (r *run) fields(e *pipeline.Event) map[string]any {
	switch {
	case e == nil:
		return nil
	case r.trial.Dialect == Promtail:
		return promtailFields(e)
	}
	m := maps.Clone(e.Fields)
	if m == nil {
		m = map[string]any{}
	}
	if !e.Time.IsZero() {
		m["@timestamp"] = e.Time
	}
	return m
}

// changes compares an event before and after a step, field by field, into maps.
func (r *run) changes(before, after *pipeline.Event) []Change {
	c := differ{promtail: r.trial.Dialect == Promtail, list: []Change{}}
	c.maps("", r.fields(before), r.fields(after))
	for _, change := range c.list {
		r.spend(len(change.Field) + len(change.Before) + len(change.After))
	}
	return c.list
}

// maxShown cuts what is shown of one value, in bytes of JSON; a value that is longer is
// replaced by its beginning as text.
const maxShown = 4096

type differ struct {
	promtail bool
	list     []Change
}

func (d *differ) maps(prefix string, before, after map[string]any) {
	names := slices.Collect(maps.Keys(before))
	for name := range after {
		if _, ok := before[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		a, hadA := before[name]
		b, hasB := after[name]
		field := d.join(prefix, name)
		am, aMap := a.(map[string]any)
		bm, bMap := b.(map[string]any)
		if aMap && bMap || aMap && !hasB || bMap && !hadA && len(bm) > 0 {
			d.maps(field, am, bm)
			continue
		}
		var x, y Document
		if hadA {
			x = shown(a)
		}
		if hasB {
			y = shown(b)
		}
		if hadA != hasB || !bytes.Equal(x, y) {
			d.list = append(d.list, Change{field, x, y})
		}
	}
}

// join names a field as its dialect does.
func (d *differ) join(prefix, name string) string {
	switch {
	case prefix == "":
		return name
	case d.promtail:
		return prefix + "." + name
	case prefix[0] != '[':
		return "[" + prefix + "][" + name + "]"
	}
	return prefix + "[" + name + "]"
}

func shown(v any) Document {
	b := logstash.AppendJSON(nil, v)
	if len(b) > maxShown {
		return logstash.AppendJSON(nil, string(bytes.ToValidUTF8(b[:maxShown], nil))+" ...")
	}
	return b
}

// size is roughly what an event holds, in bytes.
func size(e *pipeline.Event) int {
	n := len(e.Line)
	for k, v := range e.Labels {
		n += len(k) + len(v)
	}
	for k, v := range e.Metadata {
		n += len(k) + len(v)
	}
	return n + sizeOf(e.Fields)
}

func sizeOf(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case []any:
		n := 16 * len(v)
		for _, x := range v {
			n += sizeOf(x)
		}
		return n
	case map[string]any:
		n := 0
		for k, x := range v {
			n += 16 + len(k) + sizeOf(x)
		}
		return n
	}
	return 8
}
