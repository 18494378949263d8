package logql

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// logfmtDecoder splits a line of key=value pairs, with the rules and the error
// texts of github.com/go-logfmt/logfmt: a value may be quoted as in JSON, a key
// may stand alone, control characters and spaces separate.
type logfmtDecoder struct {
	line       string
	pos        int
	key, value string
	err        error // the last one
}

func (d *logfmtDecoder) end() bool { return d.pos >= len(d.line) }

// next reads a pair and says whether it is one; after a syntax error reading
// goes on behind the next space.
func (d *logfmtDecoder) next() bool {
	d.key, d.value = "", ""
	for !d.end() && d.line[d.pos] <= ' ' {
		d.pos++
	}
	if d.end() {
		return false
	}
	start := d.pos
	for !d.end() && d.line[d.pos] > ' ' && d.line[d.pos] != '=' && d.line[d.pos] != '"' {
		d.pos++
	}
	d.key = d.line[start:d.pos]
	atEqual := !d.end() && d.line[d.pos] == '='
	if !d.end() && d.line[d.pos] == '"' || atEqual && d.key == "" {
		return d.unexpected()
	}
	if !utf8.ValidString(d.key) || strings.ContainsRune(d.key, utf8.RuneError) {
		d.fail("invalid key")
		if atEqual {
			d.skip()
		}
		return false
	}
	if !atEqual {
		return true
	}
	d.pos++
	if d.end() || d.line[d.pos] <= ' ' {
		return true
	}
	if d.line[d.pos] == '"' {
		return d.quoted()
	}
	start = d.pos
	for !d.end() && d.line[d.pos] > ' ' {
		if c := d.line[d.pos]; c == '=' || c == '"' {
			return d.unexpected()
		}
		d.pos++
	}
	d.value = d.line[start:d.pos]
	return true
}

// quoted reads a quoted value.
func (d *logfmtDecoder) quoted() bool {
	start, escaped := d.pos, false
	for i := start + 1; i < len(d.line); i++ {
		switch d.line[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			d.pos = i + 1
			if !escaped {
				d.value = d.line[start+1 : i]
				return true
			}
			v, ok := unquoteLogfmt(d.line[start+1 : i])
			if !ok {
				d.fail("invalid quoted value")
				return false
			}
			d.value = v
			return true
		}
	}
	d.pos = len(d.line)
	d.fail("unterminated quoted value")
	return false
}

func (d *logfmtDecoder) fail(msg string) {
	d.err = fmt.Errorf("logfmt syntax error at pos %d : %s", d.pos+1, msg)
}

func (d *logfmtDecoder) unexpected() bool {
	d.fail(fmt.Sprintf("unexpected %q", d.line[d.pos]))
	d.skip()
	return false
}

// skip goes on to the next space.
func (d *logfmtDecoder) skip() {
	for !d.end() && d.line[d.pos] > ' ' {
		d.pos++
	}
}

// unquoteLogfmt undoes the escapes of a quoted value: JSON's and \'.
func unquoteLogfmt(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); {
		c := s[i]
		if c != '\\' {
			r, n := utf8.DecodeRuneInString(s[i:])
			b.WriteRune(r)
			i += n
			continue
		}
		if i+1 >= len(s) {
			return "", false
		}
		switch e := s[i+1]; e {
		case '"', '\\', '/', '\'':
			b.WriteByte(e)
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			r, n := utf16Escape(s[i:])
			if n == 0 {
				return "", false
			}
			b.WriteRune(r)
			i += n
			continue
		default:
			return "", false
		}
		i += 2
	}
	return b.String(), true
}

var errLogfmtKey = errors.New("syntax error: unexpected KEY")

// parseLogfmtKey reads the key of an extraction: one word, quoted if need be.
func parseLogfmtKey(s string) (string, error) {
	key := strings.TrimSpace(s)
	switch {
	case key == "":
		return "", errors.New("syntax error: unexpected $end, expecting KEY or STRING")
	case len(key) >= 2 && key[0] == '"' && key[len(key)-1] == '"':
		return key[1 : len(key)-1], nil
	case strings.ContainsAny(key, " \t\n"):
		return "", errLogfmtKey
	}
	for _, r := range key {
		if r < utf8.RuneSelf && !isNameStart(byte(r)) && !isDigit(byte(r)) {
			return "", fmt.Errorf("unexpected char %c", r)
		}
	}
	return key, nil
}
