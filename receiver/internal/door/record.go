package door

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pharosd/pharos/model"
)

// Bounds of a record's fields: what has more is kept as a line of JSON, in which
// queries find the fields too (| json).
const (
	maxFields     = 100
	maxFieldBytes = 48 << 10
	maxDepth      = 8
)

// Flatten makes metadata of a record: nested names are joined with "_", lists are
// JSON, null is left out. ok is false for what is too much or too deep for metadata.
func Flatten(record map[string]any) (_ []model.Label, ok bool) {
	f := flattener{}
	f.object("", record, 0)
	return f.out, !f.over
}

type flattener struct {
	out   []model.Label
	bytes int
	over  bool
}

func (f *flattener) object(prefix string, record map[string]any, depth int) {
	if depth > maxDepth {
		f.over = true
		return
	}
	for name, v := range record {
		if f.over {
			return
		}
		full := name
		if prefix != "" {
			full = prefix + "_" + name
		}
		if nested, ok := v.(map[string]any); ok {
			f.object(full, nested, depth+1)
			continue
		}
		if text := Text(v); text != "" && full != "" {
			f.bytes += len(full) + len(text)
			f.out = append(f.out, model.Label{Name: full, Value: text})
			f.over = f.over || len(f.out) > maxFields || f.bytes > maxFieldBytes
		}
	}
}

// Text is a value as a field has it.
func Text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []byte:
		return Bytes(v)
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case uint64:
		return strconv.FormatUint(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case json.Number:
		return v.String()
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// Bytes is binary data as text: itself if it is UTF-8, base64 if not.
func Bytes(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return base64.StdEncoding.EncodeToString(b)
}

// Line is an entry of a record: its text, if one of names has one, with the other
// fields as metadata; the whole record as JSON if none has or if there are too many
// fields. extra is added to the metadata in either case. The record is changed.
func Line(record map[string]any, names []string, extra ...model.Label) (string, model.Labels) {
	for _, name := range names {
		text, ok := record[name].(string)
		if !ok {
			continue
		}
		delete(record, name)
		if fields, ok := Flatten(record); ok {
			return strings.TrimRight(text, "\r\n"), model.NewLabels(append(fields, extra...)...)
		}
		record[name] = text
		break
	}
	return Text(record), model.NewLabels(extra...)
}
