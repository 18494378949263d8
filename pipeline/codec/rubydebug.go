package codec

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// encodeRubydebug writes an event as Ruby's awesome_print does, which is what people
// look at in a terminal. Names are sorted.
func encodeRubydebug(c *Codec, dst []byte, e *pipeline.Event) ([]byte, error) {
	m := map[string]any{"@timestamp": e.Time}
	for name, v := range e.Fields {
		if name != "@metadata" || c.opts.Metadata {
			m[name] = v
		}
	}
	return append(appendRuby(dst, m, 0), '\n'), nil
}

const rubyIndent = 4

func appendRuby(dst []byte, v any, level int) []byte {
	pad := func(n int) { dst = append(dst, strings.Repeat(" ", n)...) }
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			return append(dst, "{}"...)
		}
		names, width := make([]string, 0, len(v)), 0
		for name := range v {
			names = append(names, name)
			width = max(width, len(strconv.Quote(name)))
		}
		slices.Sort(names)
		dst = append(dst, "{\n"...)
		for i, name := range names {
			quoted := strconv.Quote(name)
			pad(level*rubyIndent + rubyIndent + width - len(quoted))
			dst = append(dst, quoted...)
			dst = append(dst, " => "...)
			dst = appendRuby(dst, v[name], level+1)
			if i < len(names)-1 {
				dst = append(dst, ',')
			}
			dst = append(dst, '\n')
		}
		pad(level * rubyIndent)
		return append(dst, '}')
	case []any:
		if len(v) == 0 {
			return append(dst, "[]"...)
		}
		dst = append(dst, "[\n"...)
		for i, x := range v {
			pad(level*rubyIndent + rubyIndent)
			dst = append(dst, '[')
			dst = strconv.AppendInt(dst, int64(i), 10)
			dst = append(dst, "] "...)
			dst = appendRuby(dst, x, level+1)
			if i < len(v)-1 {
				dst = append(dst, ',')
			}
			dst = append(dst, '\n')
		}
		pad(level * rubyIndent)
		return append(dst, ']')
	case time.Time:
		return logstash.AppendText(dst, v)
	case nil:
		return append(dst, "nil"...)
	case string:
		return strconv.AppendQuote(dst, v)
	}
	return logstash.AppendJSON(dst, v)
}
