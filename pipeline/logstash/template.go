package logstash

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pharosd/pharos/pipeline"
)

// Template is a compiled sprintf text: "%{[a][b]}-%{+YYYY.MM.dd}-%{+%s}". A reference
// to a field that is not there stays as text, as in Logstash.
type Template struct {
	parts  []templatePart
	source string
}

type templatePart struct {
	text string // what is written, or stays when the field is missing
	ref  Ref
	kind partKind
	time timeFormat
}

type partKind uint8

const (
	partText partKind = iota
	partField
	partTime  // @timestamp through a pattern
	partEpoch // @timestamp in seconds
	partNow
)

// ParseTemplate compiles a text. What looks like a reference and is none stays text; a
// time pattern with letters that mean nothing is an error.
func ParseTemplate(s string) (*Template, error) {
	t := &Template{source: s}
	rest := s
	for {
		open := strings.Index(rest, "%{")
		if open < 0 {
			break
		}
		end := strings.IndexByte(rest[open:], '}')
		if end < 0 {
			break
		}
		end += open
		java := strings.HasPrefix(rest[open+2:], "{") && strings.HasPrefix(rest[end+1:], "}")
		if java {
			end++
		}
		t.text(rest[:open])
		part, err := parsePart(rest[open:end+1], java)
		if err != nil {
			return nil, err
		}
		if part.kind == partText {
			t.text(part.text)
		} else {
			t.parts = append(t.parts, part)
		}
		rest = rest[end+1:]
	}
	t.text(rest)
	return t, nil
}

func (t *Template) text(s string) {
	if s == "" {
		return
	}
	if n := len(t.parts); n > 0 && t.parts[n-1].kind == partText {
		t.parts[n-1].text += s
		return
	}
	t.parts = append(t.parts, templatePart{text: s})
}

// parsePart reads %{...} or, java, %{{...}}.
func parsePart(s string, java bool) (templatePart, error) {
	p := templatePart{text: s}
	inner := s[2 : len(s)-1]
	var err error
	switch {
	case java && inner == "{TIME_NOW}":
		p.kind = partNow
	case java:
		p.kind = partTime
		p.time, err = parseJavaTime(inner[1 : len(inner)-1])
	case inner == "+%s":
		p.kind = partEpoch
	case strings.HasPrefix(inner, "+"):
		p.kind = partTime
		p.time, err = parseJoda(inner[1:])
	default:
		if ref, bad := ParseRef(inner); bad == nil {
			p.kind, p.ref = partField, ref
		}
	}
	if err != nil {
		return p, fmt.Errorf("%q: %w", s, err)
	}
	return p, nil
}

// String is the text as written.
func (t *Template) String() string { return t.source }

// Static returns the text of a template that is the same for all events.
func (t *Template) Static() (string, bool) {
	switch {
	case len(t.parts) == 0:
		return "", true
	case len(t.parts) == 1 && t.parts[0].kind == partText:
		return t.parts[0].text, true
	}
	return "", false
}

// Expand writes the text for one event.
func (t *Template) Expand(e *pipeline.Event) string {
	if s, ok := t.Static(); ok {
		return s
	}
	if len(t.parts) == 1 && t.parts[0].kind == partField {
		v, _ := t.parts[0].ref.Get(e)
		switch v := v.(type) {
		case string:
			return v
		case nil:
			return t.parts[0].text
		}
	}
	return string(t.Append(make([]byte, 0, 64), e))
}

// maxText bounds what one template, replacement or join can make, so that a few lines
// of a configuration cannot double an event until memory is full: more is cut off.
const maxText = 16 << 20

// Append appends what Expand returns.
func (t *Template) Append(dst []byte, e *pipeline.Event) []byte {
	for i := range t.parts {
		p := &t.parts[i]
		if len(dst) > maxText {
			return dst[:maxText]
		}
		switch p.kind {
		case partText:
			dst = append(dst, p.text...)
		case partField:
			if v, _ := p.ref.Get(e); v != nil {
				dst = AppendText(dst, v)
			} else {
				dst = append(dst, p.text...)
			}
		case partTime:
			if !e.Time.IsZero() {
				dst = p.time.append(dst, e.Time)
			}
		case partEpoch:
			if !e.Time.IsZero() {
				dst = strconv.AppendInt(dst, e.Time.Unix(), 10)
			}
		case partNow:
			dst = appendTime(dst, time.Now())
		}
	}
	return dst
}
