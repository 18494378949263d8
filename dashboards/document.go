package dashboards

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Bounds of a document. The largest dashboard in public use (Node Exporter Full)
// has 700 KB and 170 panels.
const (
	maxDocumentBytes = 8 << 20
	maxPanels        = 2000
	maxDepth         = 64
)

// Document is a dashboard's JSON. It is immutable.
type Document struct {
	source []byte
	// tree is the classic model: the source itself, or what schema v2 became.
	tree object
	// notes say what of schema v2 the classic model has no place for.
	notes []string
}

type object = map[string]any

// Parse reads a dashboard as Grafana exports, provisions or serves it: the model
// itself in any schemaVersion, schema v2 (elements and a layout), either of them as a
// Kubernetes resource, in a ConfigMap or a GrafanaDashboard that holds one, or in the
// envelope of Grafana's API {"dashboard": {...}}.
// Unknown keys are kept. The error wraps ErrInvalid and names the line where the JSON
// is malformed.
func Parse(source []byte) (*Document, error) {
	if len(source) > maxDocumentBytes {
		return nil, fmt.Errorf("%w: %d bytes are more than %d", ErrInvalid, len(source), maxDocumentBytes)
	}
	source = bytes.TrimPrefix(source, []byte("\ufeff"))
	if err := checkDepth(source); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(source))
	dec.UseNumber() // ids and bounds must come out as they went in
	var tree object
	if err := dec.Decode(&tree); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrInvalid, describeJSONError(source, err))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: line %d: text after the dashboard's closing brace", ErrInvalid, lineAt(source, dec.InputOffset()))
	}
	inner, manifest, err := fromManifest(tree)
	if err != nil {
		return nil, err
	}
	if manifest {
		tree, source = inner, nil
	}
	found, err := unwrap(tree)
	if err != nil {
		return nil, err
	}
	if found.wrapped {
		source = nil
	}
	d := &Document{source: source, tree: found.tree}
	if isV2(found.tree) {
		d.tree, d.notes = fromV2(found.tree)
	}
	if err := checkShape(d.tree); err != nil {
		return nil, err
	}
	if d.source == nil {
		d.source = marshal(found.kept(tree))
	}
	return d, nil
}

// Source returns the document as it was written. Callers must not change it.
func (d *Document) Source() []byte { return d.source }

// UID returns Grafana's identifier, "" when the document has none.
func (d *Document) UID() string { return text(d.tree, "uid") }

// Title returns the dashboard's title.
func (d *Document) Title() string { return text(d.tree, "title") }

// Description returns the dashboard's description.
func (d *Document) Description() string { return text(d.tree, "description") }

// SchemaVersion returns the version of Grafana's model, 0 when it is not stated.
func (d *Document) SchemaVersion() int { return int(number(d.tree, "schemaVersion", 0)) }

// Tags returns the dashboard's tags, sorted, never nil.
func (d *Document) Tags() []string {
	tags := []string{}
	for _, v := range list(d.tree, "tags") {
		if s, ok := v.(string); ok && s != "" {
			tags = append(tags, s)
		}
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}

func checkShape(tree object) error {
	if text(tree, "title") == "" {
		return fmt.Errorf("%w: it has no \"title\"", ErrInvalid)
	}
	panels := 0
	for _, key := range []string{"panels", "rows"} {
		v, present := tree[key]
		if _, ok := v.([]any); present && v != nil && !ok {
			return fmt.Errorf("%w: %q is not a list", ErrInvalid, key)
		}
		for _, p := range objects(tree, key) {
			panels += 1 + len(list(p, "panels"))
		}
	}
	if panels > maxPanels {
		return fmt.Errorf("%w: %d panels are more than %d", ErrInvalid, panels, maxPanels)
	}
	return nil
}

// checkDepth refuses nesting that no dashboard has, before the decoder recurses.
func checkDepth(source []byte) error {
	depth, inString := 0, false
	for i := 0; i < len(source); i++ {
		switch c := source[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return fmt.Errorf("%w: line %d: nested deeper than %d", ErrInvalid, lineAt(source, int64(i)), maxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

func describeJSONError(source []byte, err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("line %d: %s", lineAt(source, syntax.Offset), syntax)
	case errors.As(err, &kind):
		return fmt.Sprintf("line %d: a dashboard is a JSON object, this is a %s", lineAt(source, kind.Offset), kind.Value)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Sprintf("line %d: the JSON ends too early", lineAt(source, int64(len(source))))
	}
	return err.Error()
}

func lineAt(source []byte, offset int64) int {
	return 1 + bytes.Count(source[:min(offset, int64(len(source)))], []byte("\n"))
}

func marshal(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // expressions hold < and >
	if err := enc.Encode(v); err != nil {
		panic("BUG: a decoded JSON tree cannot be encoded: " + err.Error())
	}
	return bytes.TrimSpace(b.Bytes())
}

// The accessors below answer with a zero value where a key is missing or has
// another type: dashboards in the wild hold null, "" and numbers as text.

func text(o object, key string) string {
	s, _ := o[key].(string)
	return s
}

func flag(o object, key string) bool {
	b, _ := o[key].(bool)
	return b
}

func number(o object, key string, fallback float64) float64 {
	if f, ok := toNumber(o[key]); ok {
		return f
	}
	return fallback
}

func toNumber(v any) (float64, bool) {
	switch v := v.(type) {
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	case float64:
		return v, true
	case int:
		return float64(v), true
	case string:
		f, err := json.Number(strings.TrimSpace(v)).Float64()
		return f, err == nil
	}
	return 0, false
}

func list(o object, key string) []any {
	l, _ := o[key].([]any)
	return l
}

func child(o object, key string) object {
	c, _ := o[key].(object)
	return c
}

func objects(o object, key string) []object {
	var out []object
	for _, v := range list(o, key) {
		if c, ok := v.(object); ok {
			out = append(out, c)
		}
	}
	return out
}

// ensure returns o[key] as an object, making it when it is missing.
func ensure(o object, key string) object {
	c, ok := o[key].(object)
	if !ok {
		c = object{}
		o[key] = c
	}
	return c
}

func clone(v any) any {
	switch v := v.(type) {
	case object:
		c := make(object, len(v))
		for k, e := range v {
			c[k] = clone(e)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, e := range v {
			c[i] = clone(e)
		}
		return c
	}
	return v
}
