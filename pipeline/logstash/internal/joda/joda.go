// Package joda reads times by patterns of Joda-Time ("dd/MMM/yyyy:HH:mm:ss Z"), as
// Logstash's date filter does, and by its lenient ISO 8601.
//
// Sources: the documentation of org.joda.time.format.DateTimeFormat and
// ISODateTimeFormat, and what these classes accept.
package joda

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrMismatch says that a text does not have the form, or names a time that there is
// not, such as 31 February or an hour that a change to summer time skips.
var ErrMismatch = errors.New("the text is not a time of this form")

// Pattern is a compiled pattern. It is safe for concurrent use.
type Pattern struct {
	elements []element
	names    *names
	// hasYear and hasZone are what Logstash decides by: whether the letters occur.
	hasYear, hasZone bool
}

type element struct {
	letter  byte // 0: literal
	literal string
	most    int  // digits of a number
	text    bool // names instead of numbers
	// twoDigits is a year of two digits; lenient takes other lengths as they are.
	twoDigits, lenient bool
}

const letters = "GCYxyMdahHkKmsSeEDwzZ"

// Compile reads a pattern; locale is as "fr" or "de-DE", "" is English.
func Compile(pattern, locale string) (*Pattern, error) {
	p := &Pattern{
		names:   namesOf(locale),
		hasYear: strings.ContainsAny(pattern, "yY"),
		hasZone: strings.Contains(pattern, "Z"),
	}
	tokens, err := tokenize(pattern)
	if err != nil {
		return nil, err
	}
	for i, t := range tokens {
		if t.literal != "" {
			p.elements = append(p.elements, element{literal: t.literal})
			continue
		}
		numberNext := i+1 < len(tokens) && tokens[i+1].numeric()
		p.elements = append(p.elements, t.element(numberNext))
	}
	return p, nil
}

type token struct {
	letter  byte
	count   int
	literal string
}

func tokenize(pattern string) ([]token, error) {
	var out []token
	text := ""
	flush := func() {
		if text != "" {
			out = append(out, token{literal: text})
			text = ""
		}
	}
	for i := 0; i < len(pattern); {
		c := pattern[i]
		switch {
		case c == '\'':
			quoted, n, err := quote(pattern[i:])
			if err != nil {
				return nil, err
			}
			text += quoted
			i += n
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
			if strings.IndexByte(letters, c) < 0 {
				return nil, fmt.Errorf("the letter %c means nothing in a time's pattern; quote text as 'T'", c)
			}
			flush()
			n := 1
			for i+n < len(pattern) && pattern[i+n] == c {
				n++
			}
			out = append(out, token{letter: c, count: n})
			i += n
		default:
			text += string(c)
			i++
		}
	}
	flush()
	return out, nil
}

// quote reads 'text'; two quotes are one.
func quote(s string) (text string, n int, err error) {
	if strings.HasPrefix(s, "''") {
		return "'", 2, nil
	}
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			text += string(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			text += "'"
			i++
			continue
		}
		return text, i + 1, nil
	}
	return text, len(s), nil // Joda takes an open quote up to the end
}

func (t token) numeric() bool {
	if t.letter == 'M' {
		return t.count <= 2
	}
	return t.letter != 0 && strings.IndexByte("CxyYdhHmsSeDwkK", t.letter) >= 0
}

func (t token) element(numberNext bool) element {
	e := element{letter: t.letter, most: 2}
	switch t.letter {
	case 'Y', 'y', 'x':
		switch {
		case t.count == 2:
			e.twoDigits, e.lenient = true, !numberNext
		case numberNext:
			e.most = t.count
		default:
			e.most = 9
		}
	case 'M':
		e.text = t.count >= 3
	case 'E', 'a', 'G', 'z':
		e.text = true
	case 'D':
		e.most = 3
	case 'e':
		e.most = 1
	case 'S', 'C':
		e.most = t.count
	case 'Z':
		e.text = t.count >= 3
	}
	return e
}

// Time reads a text. loc is the zone of texts without one; now tells the year of
// patterns without one as Logstash guesses it: this year, or in December the next for
// January, in January the last for December.
func (p *Pattern) Time(s string, loc *time.Location, now time.Time) (time.Time, error) {
	f := fields{defaultYear: now.Year()}
	pos := 0
	for i := range p.elements {
		n, ok := p.read(&p.elements[i], s[pos:], &f, now)
		if !ok {
			return time.Time{}, ErrMismatch
		}
		pos += n
	}
	if pos != len(s) {
		return time.Time{}, ErrMismatch
	}
	if p.hasYear {
		return f.time(loc)
	}
	return p.guessYear(&f, loc, now)
}

func (p *Pattern) guessYear(f *fields, loc *time.Location, now time.Time) (time.Time, error) {
	t, err := f.time(loc)
	if err != nil {
		return time.Time{}, err
	}
	if p.hasZone || f.zone != nil {
		t = t.In(loc)
	}
	year := now.Year()
	switch {
	case t.Month() == time.December && now.Month() == time.January:
		year--
	case t.Month() == time.January && now.Month() == time.December:
		year++
	}
	if t.Year() == year {
		return t, nil
	}
	day := t.Day()
	if t.Month() == time.February && day == 29 && !leap(year) {
		day = 28
	}
	return local(year, t.Month(), day, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
}

func leap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// local is a time on a zone's clocks: an error if they never show it, the earlier one
// if they show it twice.
func local(year int, month time.Month, day, hour, minute, second, nano int, loc *time.Location) (time.Time, error) {
	t := time.Date(year, month, day, hour, minute, second, nano, loc)
	if loc == time.UTC {
		return t, nil
	}
	if t.Hour() != hour || t.Minute() != minute || t.Day() != day {
		return time.Time{}, ErrMismatch
	}
	_, offset := t.Zone()
	if _, before := t.Add(-3 * time.Hour).Zone(); before > offset {
		earlier := t.Add(-time.Duration(before-offset) * time.Second)
		if _, o := earlier.Zone(); o == before {
			return earlier, nil
		}
	}
	return t, nil
}
