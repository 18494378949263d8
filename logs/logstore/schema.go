package logstore

import (
	"slices"
	"strings"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/rowstore"
)

// The schema. A label of the stream is a stream field of the same name, the line
// is the message, structured metadata and fields that were read from the line are
// fields with a prefix, how the line was read is a field. A label whose name the
// store keeps for itself, or that looks like one of these, gets a prefix too, so
// that every name comes back as it was pushed.
const (
	metadataPrefix = "m:"
	labelPrefix    = "l:"
	parsedPrefix   = "p:"
	formatColumn   = "f:"
)

// formatValues are the values of formatColumn.
var formatValues = map[logs.Format]string{logs.Raw: "", logs.JSON: "j", logs.Logfmt: "l", logs.JSONNonEmpty: "e"}

// fieldColumn is the column that holds a field.
func fieldColumn(f logs.Field) string {
	switch f.Kind {
	case logs.Line:
		return rowstore.MessageField
	case logs.Label:
		return labelField(f.Name)
	case logs.Metadata:
		return metadataPrefix + f.Name
	default:
		return parsedPrefix + f.Name
	}
}

// labelField is the stream field that holds a label.
func labelField(name string) string {
	if name == "" || name[0] == '_' || name[0] == '~' || len(name) > 1 && name[1] == ':' && strings.IndexByte("mlpf", name[0]) >= 0 {
		return labelPrefix + name
	}
	return name
}

// fieldLabel is the label that a stream field holds.
func fieldLabel(field string) string { return strings.TrimPrefix(field, labelPrefix) }

// streamFields returns the stream fields of ls, sorted by name as rows want
// them.
func streamFields(ls model.Labels) []rowstore.Field {
	fields := make([]rowstore.Field, 0, len(ls))
	for _, l := range ls {
		fields = append(fields, rowstore.Field{Name: labelField(l.Name), Value: l.Value})
	}
	slices.SortFunc(fields, func(a, b rowstore.Field) int { return strings.Compare(a.Name, b.Name) })
	return fields
}

// streamLabels is the reverse of streamFields. The labels share the fields'
// memory.
func streamLabels(fields []rowstore.Field) model.Labels {
	ls := make(model.Labels, 0, len(fields))
	for _, f := range fields {
		ls = append(ls, model.Label{Name: fieldLabel(f.Name), Value: f.Value})
	}
	slices.SortFunc(ls, func(a, b model.Label) int { return strings.Compare(a.Name, b.Name) })
	return ls
}

// cloneLabels copies the labels out of memory that is valid only for a while.
func cloneLabels(ls model.Labels) model.Labels {
	out := make(model.Labels, len(ls))
	for i, l := range ls {
		out[i] = model.Label{Name: strings.Clone(l.Name), Value: strings.Clone(l.Value)}
	}
	return out
}
