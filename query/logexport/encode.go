package logexport

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"maps"
	"strconv"
	"strings"
	"time"
)

// Names of columns that are no field of a line.
const (
	ColumnTime   = "time"   // RFC 3339 with nanoseconds, UTC
	ColumnNanos  = "ns"     // nanoseconds since the Unix epoch
	ColumnLine   = "line"   // the line itself
	ColumnLabels = "labels" // the stream's labels as JSON
)

// Encoder writes rows.
type Encoder interface {
	// Rows writes a page and everything before it.
	Rows(rows []Row) error
	// Incomplete writes the last line of an export that is not whole. reason says why.
	Incomplete(rows int, reason string) error
}

// value is a field of a row: what the query extracted wins over structured metadata,
// and that over the stream's labels.
func (r Row) value(column string) string {
	switch column {
	case ColumnTime:
		return stamp(r.Time)
	case ColumnNanos:
		return strconv.FormatInt(r.Time, 10)
	case ColumnLine:
		return r.Line
	case ColumnLabels:
		b, err := json.Marshal(r.Labels.Map())
		if err != nil {
			return ""
		}
		return string(b)
	}
	if v := r.Parsed.Get(column); v != "" {
		return v
	}
	if v := r.Metadata.Get(column); v != "" {
		return v
	}
	return r.Labels.Get(column)
}

// csvEncoder writes RFC 4180 with a header line.
type csvEncoder struct {
	w       *csv.Writer
	out     io.Writer
	columns []string
	escape  bool
	begun   bool
	record  []string
}

// NewCSV writes these columns; none mean time, labels and line. With escape, values
// that a spreadsheet would take for a formula get an apostrophe in front.
func NewCSV(w io.Writer, columns []string, escape bool) Encoder {
	if len(columns) == 0 {
		columns = []string{ColumnTime, ColumnLabels, ColumnLine}
	}
	return &csvEncoder{w: csv.NewWriter(w), out: w, columns: columns, escape: escape, record: make([]string, len(columns))}
}

func (e *csvEncoder) Rows(rows []Row) error {
	if !e.begun {
		e.begun = true
		if err := e.w.Write(e.columns); err != nil {
			return err
		}
	}
	for _, r := range rows {
		for i, c := range e.columns {
			v := r.value(c)
			if e.escape && isFormula(v) {
				v = "'" + v
			}
			e.record[i] = v
		}
		if err := e.w.Write(e.record); err != nil {
			return err
		}
	}
	e.w.Flush()
	return e.w.Error()
}

func (e *csvEncoder) Incomplete(rows int, reason string) error {
	if err := e.Rows(nil); err != nil {
		return err
	}
	_, err := io.WriteString(e.out, "# incomplete after "+strconv.Itoa(rows)+" rows: "+oneLine(reason)+"\n")
	return err
}

// isFormula says whether spreadsheets may evaluate a value; numbers are left alone.
func isFormula(v string) bool {
	if v == "" || !strings.ContainsRune("=+-@\t\r", rune(v[0])) {
		return false
	}
	_, err := strconv.ParseFloat(v, 64)
	return err != nil
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// ndjsonEncoder writes one JSON object a line.
type ndjsonEncoder struct {
	enc     *json.Encoder
	columns []string
}

// NewNDJSON writes objects with these columns; none mean time, ns, line, labels, and
// metadata and parsed where there are any.
func NewNDJSON(w io.Writer, columns []string) Encoder {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &ndjsonEncoder{enc, columns}
}

type ndjsonRow struct {
	Time     string            `json:"time"`
	Nanos    string            `json:"ns"`
	Line     string            `json:"line"`
	Labels   map[string]string `json:"labels"`
	Metadata map[string]string `json:"metadata,omitempty"`
	Parsed   map[string]string `json:"parsed,omitempty"`
}

func (e *ndjsonEncoder) Rows(rows []Row) error {
	for _, r := range rows {
		var v any
		if len(e.columns) == 0 {
			v = ndjsonRow{stamp(r.Time), strconv.FormatInt(r.Time, 10), r.Line, r.Labels.Map(), r.Metadata.Map(), r.Parsed.Map()}
		} else {
			v = e.chosen(r)
		}
		if err := e.enc.Encode(v); err != nil {
			return err
		}
	}
	return nil
}

// chosen has the columns that a row has a value for. Labels are an object.
func (e *ndjsonEncoder) chosen(r Row) map[string]any {
	v := make(map[string]any, len(e.columns))
	for _, c := range e.columns {
		if c == ColumnLabels {
			v[c] = maps.Clone(r.Labels.Map())
		} else if s := r.value(c); s != "" || c == ColumnLine {
			v[c] = s
		}
	}
	return v
}

func (e *ndjsonEncoder) Incomplete(rows int, reason string) error {
	return e.enc.Encode(map[string]any{"_export": map[string]any{
		"complete": false, "rows": rows, "reason": reason, "at": time.Now().UTC().Format(time.RFC3339),
	}})
}
