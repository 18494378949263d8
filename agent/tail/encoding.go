package tail

import (
	"bytes"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
)

var (
	littleNewline = []byte{'\n', 0}
	bigNewline    = []byte{0, '\n'}
	byteNewline   = []byte{'\n'}
)

// sixteen reports whether an encoding has units of 16 bits and, without a byte order
// mark, which comes first.
func sixteen(e encoding.Encoding) (yes, little bool) {
	b, err := e.NewEncoder().Bytes([]byte("\n"))
	if err != nil {
		return false, false
	}
	b = bytes.TrimPrefix(bytes.TrimPrefix(b, []byte{0xFE, 0xFF}), []byte{0xFF, 0xFE})
	switch {
	case bytes.Equal(b, littleNewline):
		return true, true
	case bytes.Equal(b, bigNewline):
		return true, false
	}
	return false, false
}

// linesOf says how the lines of a file end. A byte order mark wins over the name of the
// encoding.
func (t *Tailer) linesOf(f *file) splitter {
	if f.newline != nil {
		return splitter{f.newline}
	}
	if !t.wide {
		f.newline = byteNewline
		return splitter{f.newline}
	}
	little := t.little
	var mark [2]byte
	if f.f != nil {
		if n, err := readUpTo(f.f, mark[:], 0); err == nil && n == 2 {
			little = mark == [2]byte{0xFF, 0xFE} || little && mark != [2]byte{0xFE, 0xFF}
			f.newline = newlineOf(little)
		}
	}
	return splitter{newlineOf(little)}
}

func newlineOf(little bool) []byte {
	if little {
		return littleNewline
	}
	return bigNewline
}

// text is a line in UTF-8.
func (t *Tailer) text(f *file, line []byte, from int64) string {
	e := t.cfg.Encoding
	if e == nil {
		return string(line)
	}
	if t.wide {
		order := unicode.BigEndian
		if bytes.Equal(t.linesOf(f).newline, littleNewline) {
			order = unicode.LittleEndian
		}
		e = unicode.UTF16(order, unicode.IgnoreBOM)
	}
	b, err := e.NewDecoder().Bytes(line)
	if err != nil {
		t.cfg.Metrics.encoding()
		return strings.ToValidUTF8(string(line), "\uFFFD")
	}
	if from == 0 {
		b = bytes.TrimPrefix(b, []byte("\uFEFF"))
	}
	return string(b)
}
