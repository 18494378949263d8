package codec

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
)

// charset converts text from its encoding to UTF-8.
type charset struct{ enc encoding.Encoding } // nil: UTF-8 or plain bytes

func newCharset(name string) (*charset, error) {
	upper := strings.ToUpper(name)
	switch upper {
	case "", "UTF-8", "UTF8", "BINARY", "ASCII-8BIT", "ASCII", "US-ASCII", "ANSI_X3.4-1968", "646", "CP65001":
		return &charset{}, nil
	case "UTF-16":
		return &charset{unicode.UTF16(unicode.BigEndian, unicode.UseBOM)}, nil
	case "UTF-16LE":
		return &charset{unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)}, nil
	case "UTF-16BE":
		return &charset{unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)}, nil
	case "LATIN1":
		return &charset{charmap.ISO8859_1}, nil
	}
	if rest, ok := strings.CutPrefix(upper, "CP125"); ok { // Ruby's short names
		upper = "WINDOWS-125" + rest
	}
	enc, err := ianaindex.IANA.Encoding(upper)
	if err != nil || enc == nil {
		return nil, fmt.Errorf("charset %q is not known", name)
	}
	return &charset{enc}, nil
}

// text returns data as UTF-8. Bytes that are no UTF-8 are written as \xNN, as Logstash
// does.
func (c *charset) text(data []byte) string {
	if c.enc != nil {
		if out, err := c.enc.NewDecoder().Bytes(data); err == nil {
			return string(out)
		}
	}
	if utf8.Valid(data) {
		return string(data)
	}
	var b strings.Builder
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		if r == utf8.RuneError && n <= 1 {
			fmt.Fprintf(&b, `\x%02X`, data[0])
			n = 1
		} else {
			b.Write(data[:n])
		}
		data = data[n:]
	}
	return b.String()
}
