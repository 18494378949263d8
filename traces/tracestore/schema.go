package tracestore

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// version is the version of the layout of rows (docs/format/spans.md). It stands in
// every index row; what a newer Pharos wrote is refused rather than misread.
const version = "2"

// Stream fields. A span's stream has service, operation and kind, an index row's
// stream has indexStream only.
const (
	streamService   = "service"
	streamOperation = "operation"
	streamKind      = "kind"
	streamIndex     = "trace_index"
)

// Columns of a span's row.
const (
	colTraceID  = "trace_id" // 32 hexadecimal digits
	colLink     = "link"     // the span's id and its parent's, see formatLink
	colName     = "name"     // also the stream's operation, unless there are too many
	colDuration = "duration" // nanoseconds, at least 1
	colStatus   = "status"
	colMessage  = "status_message"
	colState    = "trace_state"
	colScope    = "scope_name"
	colScopeVer = "scope_version"
	colEvent    = "event" // names of events, see packValues
	colRest     = "otlp"  // what no column has, see rest.go
	colMore     = "more"  // attributes beyond maxAttributeColumns, see packPair

	prefixSpan     = "attr."
	prefixResource = "resource."
	prefixEvent    = "event."
)

// Columns of an index row, besides colTraceID. The row's time is the earliest start
// of the trace's spans in the batch.
const (
	colRange   = "range" // starts of the first and the latest span, ns after the row's time
	colVersion = "version"
)

const (
	// indexStreams is into how many streams the index is split by trace id. Looking up
	// one id reads one of them; the cost of writing does not depend on it.
	indexStreams = 512
	// maxAttributeColumns leaves room for the other columns below
	// rowstore.MaxFields.
	maxAttributeColumns = 800
	// maxColumnName is what the engine takes as a field's name, in bytes.
	maxColumnName = 120
	// maxValue is the longest value that is kept as it is in a column; of longer
	// ones the column has the hash, which is enough to find them.
	maxValue = 1024
)

// Marks that begin or delimit packed values. A value that begins with one of them
// is escaped.
const (
	markEscape = "\x00"
	markMany   = "\x01"
	markHash   = "\x02"
	markPair   = "\x03"
)

// columnName returns the column of an attribute. Names that are too long for the
// engine, or no text, are shortened; a hash keeps them apart.
func columnName(prefix, key string) string {
	if len(prefix)+len(key) <= maxColumnName && utf8.ValidString(key) {
		return prefix + key
	}
	sum := sha256.Sum256([]byte(key))
	return prefix + strings.ToValidUTF8(key[:min(40, len(key))], "") + "#" + hex.EncodeToString(sum[:16])
}

// packValue returns the form of a value in a column: never empty, because the row
// store does not tell an empty field from a missing one, and never long.
func packValue(v string) string {
	v = strings.ToValidUTF8(v, "\uFFFD") // searches are text; the span itself keeps its bytes
	switch {
	case len(v) > maxValue:
		sum := sha256.Sum256([]byte(v))
		return markHash + hex.EncodeToString(sum[:])
	case v == "" || v[0] <= markPair[0]:
		return markEscape + v
	}
	return v
}

// unpackValue is the reverse of packValue; ok is false of what was not one value
// kept as it is.
func unpackValue(packed string) (v string, ok bool) {
	switch {
	case packed == "":
		return "", false
	case packed[:1] == markEscape:
		return packed[1:], true
	}
	return packed, packed[0] > markPair[0]
}

// delimited returns how a packed value stands in a column of several values: each
// between delimiters, so that one is found as a substring.
func delimited(packed string) string { return markMany + packed + markMany }

// appendDelimited adds a packed value without marks to a column of several values.
func appendDelimited(column []byte, packed string) []byte {
	if len(column) == 0 {
		column = append(column, markMany...)
	}
	return append(append(column, packed...), markMany...)
}

// packPair returns an attribute's form in colMore.
func packPair(column, packed string) string {
	return withoutMarks(column) + markPair + withoutMarks(packed)
}

// withoutMarks makes a text safe between delimiters. Texts that differ in control
// characters only become alike, which finds too much rather than too little and
// does not occur in practice.
func withoutMarks(s string) string {
	if !strings.ContainsAny(s, markMany+markPair) {
		return s
	}
	return strings.NewReplacer(markMany, "\x04", markPair, "\x05").Replace(s)
}
