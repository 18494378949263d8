package logstash

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/ianaindex"

	"github.com/pharosd/pharos/pipeline"
)

// newURLDecode replaces %41 by A in texts.
func newURLDecode(s *Settings, _ *Env) (any, error) {
	charset, err := charsetOf(s.String("charset", "UTF-8"))
	if err != nil {
		s.Errorf("charset", "%v", err)
	}
	s.Known("tag_on_failure") // nothing here fails
	field := s.Ref("field", "message")
	if s.Bool("all_fields", false) {
		return Func(func(e *pipeline.Event) bool {
			for name, v := range e.Fields {
				if name != metadataField {
					e.Fields[name] = urlDecoded(v, charset)
				}
			}
			return true
		}), nil
	}
	return Func(func(e *pipeline.Event) bool {
		v, _ := field.Get(e)
		field.Set(e, urlDecoded(v, charset))
		return true
	}), nil
}

// charsetOf is nil for UTF-8.
func charsetOf(name string) (encoding.Encoding, error) {
	if strings.EqualFold(name, "UTF-8") || strings.EqualFold(name, "US-ASCII") {
		return nil, nil
	}
	e, err := ianaindex.IANA.Encoding(name)
	if err != nil || e == nil {
		return nil, fmt.Errorf("the character set %q is not known", name)
	}
	return e, nil
}

func urlDecoded(v any, charset encoding.Encoding) any {
	switch v := v.(type) {
	case string:
		text := unescapePercent(v)
		if charset != nil {
			if out, err := charset.NewDecoder().String(text); err == nil {
				return out
			}
		}
		if !utf8.ValidString(text) {
			return escapeInvalid(text)
		}
		return text
	case []any:
		for i, x := range v {
			v[i] = urlDecoded(x, charset)
		}
	case map[string]any:
		for k, x := range v {
			v[k] = urlDecoded(x, charset)
		}
	}
	return v
}

func unescapePercent(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, ok1 := hexDigit(s[i+1])
			lo, ok2 := hexDigit(s[i+2])
			if ok1 && ok2 {
				out = append(out, hi<<4|lo)
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// escapeInvalid writes text that is not UTF-8 as Logstash does: byte by byte as \xNN
// where it is not ASCII.
func escapeInvalid(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < utf8.RuneSelf {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "\\x%02X", c)
		}
	}
	return b.String()
}
