package syslog

import (
	"strings"
	"time"

	"github.com/pharosd/pharos/model"
)

// parse5424 reads what follows the priority of a message of RFC 5424:
//
//	VERSION SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP STRUCTURED-DATA [SP MSG]
//
// It is not strict: fields may be longer and fractions of seconds finer than the RFC
// allows, since real senders' are. It returns false if structured data is broken; then
// the text is the whole of it.
func parse5424(m *message, s string) bool {
	rest := s
	var fields [6]string // version, time, host, app, process, message id
	for i := range fields {
		var found bool
		if fields[i], rest, found = strings.Cut(rest, " "); !found && i < len(fields)-1 {
			m.text = s
			return false
		}
		if fields[i] == "-" {
			fields[i] = ""
		}
	}
	if t, err := time.Parse(time.RFC3339Nano, fields[1]); err == nil {
		m.time, m.whole = t, t.Nanosecond() == 0
	}
	m.host, m.app, m.proc, m.msgID = fields[2], fields[3], fields[4], fields[5]
	text, ok := takeData(m, rest)
	if !ok {
		m.data, m.text = nil, s
		return false
	}
	m.text = strings.TrimPrefix(strings.TrimPrefix(text, " "), byteOrderMark)
	return true
}

// byteOrderMark may begin the text of RFC 5424.
const byteOrderMark = "\ufeff"

// maxData bounds the parameters of a message.
const maxData = 100

// takeData reads structured data, [id name="value" ...]..., or its absence, "-".
func takeData(m *message, s string) (rest string, ok bool) {
	if s == "" || s == "-" || strings.HasPrefix(s, "- ") {
		return strings.TrimPrefix(s, "-"), true
	}
	if s[0] != '[' {
		return "", false
	}
	for strings.HasPrefix(s, "[") {
		end := strings.IndexAny(s, " ]")
		if end < 2 {
			return "", false
		}
		id := clean(s[1:end])
		for s = s[end:]; strings.HasPrefix(s, " "); {
			name, after, found := strings.Cut(strings.TrimLeft(s, " "), `="`)
			if !found || strings.ContainsAny(name, " ]\"") || len(m.data) == maxData {
				return "", false
			}
			value, after, closed := takeQuoted(after)
			if !closed {
				return "", false
			}
			m.data = append(m.data, model.Label{Name: "sd_" + id + "_" + clean(name), Value: value})
			s = after
		}
		if !strings.HasPrefix(s, "]") {
			return "", false
		}
		s = s[1:]
	}
	return s, s == "" || s[0] == ' '
}

// takeQuoted reads up to a quotation mark; \", \\ and \] stand for the second of the
// two, any other backslash for itself.
func takeQuoted(s string) (value, rest string, ok bool) {
	end := strings.IndexAny(s, `"\`)
	if end >= 0 && s[end] == '"' {
		return s[:end], s[end+1:], true
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), s[i+1:], true
		case c == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\' || s[i+1] == ']'):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", "", false
}

// clean makes a name of letters, digits and underscores.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, s)
}
