package logstash

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pharosd/pharos/pipeline"
)

// csvFilter splits a line of comma-separated values into fields.
type csvFilter struct {
	source       Ref
	target       string // as the beginning of a reference
	columns      *csvColumns
	refs         map[string]Ref
	separator    string
	quote        byte // 0: none
	convert      map[string]func(string) any
	autogenerate bool
	autodetect   bool
	skipHeader   bool
	skipEmpty    bool
	skipRows     bool
	matched      func(*pipeline.Event)
}

// csvColumns are the names of columns, shared by workers: the first line may give them.
type csvColumns struct {
	mu    sync.Mutex
	names []string
}

func (c *csvColumns) get() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.names
}

// detect takes names from a line unless there are some, and reports whether it did.
func (c *csvColumns) detect(values []csvValue) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.names) > 0 {
		return false
	}
	for i, v := range values {
		if v.null {
			v.text = "column" + strconv.Itoa(i+1)
		}
		c.names = append(c.names, v.text)
	}
	return true
}

func newCSV(s *Settings, env *Env) (any, error) {
	f := &csvFilter{
		source:       s.Ref("source", "message"),
		target:       targetPrefix(s.String("target", "")),
		refs:         map[string]Ref{},
		separator:    s.String("separator", ","),
		convert:      map[string]func(string) any{},
		autogenerate: s.Bool("autogenerate_column_names", true),
		autodetect:   s.Bool("autodetect_column_names", false),
		skipHeader:   s.Bool("skip_header", false),
		skipEmpty:    s.Bool("skip_empty_columns", false),
		skipRows:     s.Bool("skip_empty_rows", false),
		matched:      env.Matched,
	}
	names := s.Strings("columns")
	f.columns = &csvColumns{names: names}
	if f.autodetect && len(names) == 0 {
		f.columns = env.Shared("columns", func() any { return &csvColumns{} }).(*csvColumns)
	}
	switch q := s.String("quote_char", `"`); {
	case q == `\x00`:
	case len(q) == 1:
		f.quote = q[0]
	default:
		s.Errorf("quote_char", "it has to be one character of ASCII, found %q", q)
	}
	if f.separator == "" {
		s.Errorf("separator", "it must not be empty")
	}
	for _, p := range s.Hash("convert") {
		to, ok := csvConverters(Text(p.Value))
		if !ok {
			s.Errorf("convert", "%q is not known: one of integer, float, date, date_time, boolean", Text(p.Value))
		}
		f.convert[p.Key] = to
	}
	for _, name := range names {
		if _, err := ParseRef(f.reference(name)); err != nil {
			s.Errorf("columns", "%v", err)
		}
	}
	return f, nil
}

func (f *csvFilter) reference(column string) string {
	if strings.HasPrefix(column, "[") {
		return f.target + column
	}
	return f.target + "[" + column + "]"
}

// Process implements pipeline.Stage.
func (f *csvFilter) Process(e *pipeline.Event, out pipeline.Output) {
	v, _ := f.source.Get(e)
	if v == nil || v == false {
		out.Emit(e)
		return
	}
	const failed = "_csvparsefailure"
	line, ok := v.(string)
	values, ok2 := parseCSVLine(line, f.separator, f.quote)
	if !ok || !ok2 {
		Tag(e, failed)
		out.Emit(e)
		return
	}
	if values != nil && f.autodetect && f.columns.detect(values) {
		out.Drop(e, "csv_header")
		return
	}
	columns := f.columns.get()
	switch {
	case f.skipHeader && len(columns) > 0 && slices.EqualFunc(columns, values, func(c string, v csvValue) bool { return !v.null && c == v.text }):
		out.Drop(e, "csv_header")
		return
	case values == nil && f.skipRows:
		Tag(e, "_csvskippedemptyfield")
	case values == nil || !f.store(e, values, columns):
		Tag(e, failed)
	default:
		f.matched(e)
	}
	out.Emit(e)
}

func (f *csvFilter) store(e *pipeline.Event, values []csvValue, columns []string) bool {
	for i, v := range values {
		if f.skipEmpty && v.text == "" {
			continue
		}
		var name string
		switch {
		case i < len(columns):
			name = columns[i]
		case f.autogenerate:
			name = "column" + strconv.Itoa(i+1)
		default:
			continue
		}
		ref, ok := f.ref(name)
		if !ok || !ref.Set(e, f.value(name, v)) {
			return false
		}
	}
	return true
}

// maxCSVRefs bounds the references that are kept compiled: names may come from lines.
const maxCSVRefs = 10_000

func (f *csvFilter) ref(name string) (Ref, bool) {
	if r, ok := f.refs[name]; ok {
		return r, true
	}
	r, err := ParseRef(f.reference(name))
	if err == nil && len(f.refs) < maxCSVRefs {
		f.refs[name] = r
	}
	return r, err == nil
}

func (f *csvFilter) value(name string, v csvValue) any {
	if v.null {
		return nil
	}
	if to := f.convert[name]; to != nil {
		return to(v.text)
	}
	return v.text
}

func csvConverters(kind string) (func(string) any, bool) {
	switch kind {
	case "integer":
		return func(s string) any {
			if n, ok := rubyInteger(s); ok {
				return n
			}
			return s
		}, true
	case "float":
		return func(s string) any {
			if x, ok := rubyFloat(s); ok {
				return x
			}
			return s
		}, true
	case "boolean":
		return func(s string) any {
			switch t := strings.ToLower(strings.TrimSpace(s)); t {
			case "true":
				return true
			case "false":
				return false
			default:
				return t
			}
		}, true
	case "date":
		return csvTime([]string{"2006-01-02", "Jan 2, 2006", "Jan 2 2006", "January 2, 2006", "January 2 2006", "Mon, Jan 2, 2006", "Mon Jan 2 2006"}), true
	case "date_time":
		return csvTime([]string{"2006-01-02 15:04:05", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 -07:00", "Jan 2, 2006 15:04:05", "Jan 2 2006 15:04:05", "Mon, 2 Jan 2006 15:04:05 -0700"}), true
	}
	return nil, false
}

func csvTime(layouts []string) func(string) any {
	return func(s string) any {
		for _, l := range layouts {
			if t, err := time.ParseInLocation(l, strings.TrimSpace(s), time.Local); err == nil {
				return t.UTC()
			}
		}
		return s
	}
}

// rubyInteger is Kernel#Integer: the whole text has to be a number; 0x, 0b, 0 and
// underscores are known.
func rubyInteger(s string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 0, 64)
	return n, err == nil
}

// rubyFloat is Kernel#Float.
func rubyFloat(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if s == "" || strings.ContainsAny(s, "nN") || strings.HasSuffix(s, ".") || strings.HasPrefix(s, ".") {
		return 0, false // no NaN and no infinities
	}
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil
}

// csvValue is one value; null is an empty one without quotes.
type csvValue struct {
	text string
	null bool
}

// parseCSVLine reads the first row of a text by the rules of Ruby's CSV: quotes only
// around whole values, doubled inside, line ends allowed within. An empty text has no
// row (nil). ok is false for text that breaks the rules.
func parseCSVLine(s, separator string, quote byte) (values []csvValue, ok bool) {
	if s == "" {
		return nil, true
	}
	values = []csvValue{}
	if s[0] == '\n' || s[0] == '\r' {
		return values, true
	}
	for {
		var v csvValue
		var rest string
		if quote != 0 && s != "" && s[0] == quote {
			v.text, rest, ok = csvQuoted(s[1:], quote)
			if !ok {
				return nil, false
			}
		} else {
			v.text, rest = csvPlain(s, separator)
			if v.null = v.text == ""; quote != 0 && strings.IndexByte(v.text, quote) >= 0 {
				return nil, false
			}
		}
		values = append(values, v)
		if rest == "" || rest[0] == '\n' || rest[0] == '\r' && !strings.HasPrefix(rest, separator) {
			return values, true
		}
		if !strings.HasPrefix(rest, separator) {
			return nil, false // text behind a closing quote
		}
		s = rest[len(separator):]
	}
}

// csvQuoted reads up to the closing quote.
func csvQuoted(s string, quote byte) (text, rest string, ok bool) {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, quote)
		if i < 0 {
			return "", "", false
		}
		b.WriteString(s[:i])
		if i+1 < len(s) && s[i+1] == quote {
			b.WriteByte(quote)
			s = s[i+2:]
			continue
		}
		return b.String(), s[i+1:], true
	}
}

func csvPlain(s, separator string) (text, rest string) {
	end := len(s)
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		end = i
	}
	if i := strings.Index(s, separator); i >= 0 && i < end {
		end = i
	}
	return s[:end], s[end:]
}
