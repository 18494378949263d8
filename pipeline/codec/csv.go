package codec

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// CSV are the settings of codec csv.
type CSV struct {
	Columns   []string
	Separator string // one character; "": a comma
	// Convert names columns whose texts are integer, float, or boolean.
	Convert map[string]string
	// Header: the first line of a source names the columns, if Columns does not.
	Header bool
	// Autogenerate names unnamed columns column1, column2...
	Autogenerate bool
	SkipEmpty    bool
	// IncludeHeaders writes the names before the first event.
	IncludeHeaders bool
}

type csvDecoder struct {
	stateless
	c       *Codec
	columns []string
}

func newCSV(c *Codec) Decoder { return &csvDecoder{c: c, columns: c.opts.CSV.Columns} }

// Decode implements Decoder. A message may have several lines.
func (d *csvDecoder) Decode(data []byte, emit Emit) {
	text := d.c.text.text(data)
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord, r.LazyQuotes = -1, false
	if s := d.c.opts.CSV.Separator; s != "" {
		r.Comma = []rune(s)[0]
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			emit(failed(text, "_csvparsefailure"))
			return
		}
		d.record(record, text, emit)
	}
}

func (d *csvDecoder) record(record []string, text string, emit Emit) {
	o := d.c.opts.CSV
	if len(d.columns) == 0 && o.Header {
		d.columns = append([]string(nil), record...)
		return
	}
	m := map[string]any{}
	for i, value := range record {
		if o.SkipEmpty && value == "" {
			continue
		}
		name := "column" + strconv.Itoa(i+1)
		if i < len(d.columns) {
			name = d.columns[i]
		} else if len(d.columns) > 0 && !o.Autogenerate {
			continue
		}
		m[name] = convertCSV(value, o.Convert[name])
	}
	e := d.c.event(m)
	d.c.original(e, text)
	emit(e)
}

func convertCSV(value, to string) any {
	switch to {
	case "integer":
		if n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64); err == nil {
			return n
		}
	case "float":
		if f, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil {
			return f
		}
	case "boolean":
		switch strings.ToLower(value) {
		case "true":
			return true
		case "false":
			return false
		}
	}
	return value
}

// encodeCSV writes the columns of an event as one line.
func encodeCSV(c *Codec, dst []byte, e *pipeline.Event) ([]byte, error) {
	columns := c.opts.CSV.Columns
	if len(columns) == 0 {
		return dst, errors.New("codec csv of an output needs columns")
	}
	record := make([]string, len(columns))
	for i, name := range columns {
		switch v := e.Fields[name].(type) {
		case nil:
			if name == "@timestamp" {
				record[i] = string(logstash.AppendText(nil, e.Time))
			}
		case string:
			record[i] = v
		default:
			record[i] = string(logstash.AppendJSON(nil, v))
		}
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if s := c.opts.CSV.Separator; s != "" {
		w.Comma = []rune(s)[0]
	}
	if err := w.Write(record); err != nil {
		return dst, fmt.Errorf("write csv: %w", err)
	}
	w.Flush()
	return append(dst, b.Bytes()...), w.Error()
}
