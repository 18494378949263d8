package esdate

import (
	"fmt"
	"strings"
	"time"
)

// element is a piece of a Java pattern: letters of one kind, a literal, or an
// optional group.
type element struct {
	letter   byte // 0: literal or group
	width    int
	literal  string
	optional []element
}

// compile reads a pattern of java.time.format.DateTimeFormatter.
func compile(s string) ([]element, error) {
	elements, rest, err := compileGroup(s, 0)
	if err == nil && rest != "" {
		err = fmt.Errorf("Pattern invalid as it contains ] without previous [")
	}
	return elements, err
}

func compileGroup(s string, depth int) (out []element, rest string, err error) {
	for s != "" {
		c := s[0]
		switch {
		case c == ']':
			return out, s, nil
		case c == '[':
			if depth > 16 {
				return nil, "", fmt.Errorf("too many optional sections")
			}
			var inner []element
			if inner, s, err = compileGroup(s[1:], depth+1); err != nil {
				return nil, "", err
			}
			if s != "" { // a group may be left open at the end
				s = s[1:]
			}
			out = append(out, element{optional: inner})
		case c == '\'':
			text, n := quoted(s)
			if n == 0 {
				return nil, "", fmt.Errorf("Pattern ends with an incomplete string literal: %s", s)
			}
			out = append(out, element{literal: text})
			s = s[n:]
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			width := len(s) - len(strings.TrimLeft(s, string(c)))
			if !strings.ContainsRune("yuMLdDHhkKmsSnaEeXxZzVf", rune(c)) || width > 9 {
				return nil, "", fmt.Errorf("Unknown pattern letter: %c", c)
			}
			out = append(out, element{letter: c, width: width})
			s = s[width:]
		default:
			out = append(out, element{literal: s[:1]})
			s = s[1:]
		}
	}
	return out, "", nil
}

// quoted reads 'text', in which ” is one quote.
func quoted(s string) (text string, n int) {
	if strings.HasPrefix(s, "''") {
		return "'", 2
	}
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			i++
			continue
		}
		return strings.ReplaceAll(s[1:i], "''", "'"), i + 1
	}
	return "", 0
}

// parts are the fields of a time.
type parts struct {
	year, month, day, yearDay   int
	hour, minute, second, nanos int
	half                        int // 1: AM, 2: PM
	zone                        *time.Location
}

func (p *parts) time(loc *time.Location) (time.Time, bool) {
	if p.zone != nil {
		loc = p.zone
	}
	if p.half != 0 {
		p.hour = p.hour%12 + 12*(p.half-1)
	}
	if p.month < 1 || p.month > 12 || p.day < 1 || p.day > 31 || p.hour > 24 || p.minute > 59 || p.second > 60 || p.year > 9999 {
		return time.Time{}, false
	}
	if p.yearDay > 0 {
		return time.Date(p.year, 1, p.yearDay, p.hour, p.minute, p.second, p.nanos, loc), p.yearDay <= 366
	}
	t := time.Date(p.year, time.Month(p.month), p.day, p.hour, p.minute, p.second, p.nanos, loc)
	return t, p.hour == 24 || t.Day() == p.day
}

func readAll(elements []element, s string, p *parts) (rest string, ok bool) {
	for i := range elements {
		e := &elements[i]
		if e.optional != nil {
			saved := *p
			if after, ok := readAll(e.optional, s, p); ok {
				s = after
			} else {
				*p = saved
			}
			continue
		}
		if s, ok = e.read(s, p); !ok {
			return s, false
		}
	}
	return s, true
}

var months = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}

func (e *element) read(s string, p *parts) (rest string, ok bool) {
	switch e.letter {
	case 0:
		return strings.CutPrefix(s, e.literal)
	case 'y', 'u':
		if e.width == 2 {
			n, ok := digits(&s, 2, 2)
			p.year = 2000 + n
			return s, ok
		}
		p.year, ok = digits(&s, 4, 4)
		return s, ok
	case 'M', 'L':
		if e.width >= 3 {
			return e.readMonth(s, p)
		}
		p.month, ok = digits(&s, min(e.width, 2), 2)
		return s, ok
	case 'd':
		p.day, ok = digits(&s, min(e.width, 2), 2)
	case 'D':
		p.yearDay, ok = digits(&s, e.width, 3)
	case 'H', 'h', 'k', 'K':
		p.hour, ok = digits(&s, min(e.width, 2), 2)
	case 'm':
		p.minute, ok = digits(&s, min(e.width, 2), 2)
	case 's':
		p.second, ok = digits(&s, min(e.width, 2), 2)
	case 'S':
		p.nanos, ok = fraction(&s, e.width, e.width)
	case 'n':
		p.nanos, ok = digits(&s, 1, 9)
	case 'f': // ours: a point or comma and a fraction
		if s == "" || s[0] != '.' && s[0] != ',' {
			return s, false
		}
		s = s[1:]
		p.nanos, ok = fraction(&s, 1, 9)
	case 'a':
		return readHalf(s, p)
	case 'E', 'e':
		for d := time.Sunday; d <= time.Saturday; d++ {
			for _, name := range []string{d.String(), d.String()[:3]} {
				if len(s) >= len(name) && strings.EqualFold(s[:len(name)], name) {
					return s[len(name):], true
				}
			}
		}
		return s, false
	default:
		return readZone(s, p)
	}
	return s, ok
}

func (e *element) readMonth(s string, p *parts) (string, bool) {
	for i, name := range months {
		if e.width == 3 {
			name = name[:3]
		}
		if len(s) >= len(name) && strings.EqualFold(s[:len(name)], name) {
			p.month = i + 1
			return s[len(name):], true
		}
	}
	return s, false
}

func readHalf(s string, p *parts) (string, bool) {
	if len(s) < 2 {
		return s, false
	}
	switch strings.ToUpper(s[:2]) {
	case "AM":
		p.half = 1
	case "PM":
		p.half = 2
	default:
		return s, false
	}
	return s[2:], true
}

func readZone(s string, p *parts) (string, bool) {
	if s != "" && (s[0] == 'Z' || s[0] == 'z') {
		p.zone = time.UTC
		return s[1:], true
	}
	if seconds, n := parseOffset(s, false); n > 0 {
		p.zone = time.FixedZone("", seconds)
		return s[n:], true
	}
	for _, name := range []string{"UTC", "GMT"} {
		if rest, ok := strings.CutPrefix(s, name); ok {
			p.zone = time.UTC
			return rest, true
		}
	}
	return s, false
}

func digits(s *string, least, most int) (int, bool) {
	v, n := number(*s, most)
	*s = (*s)[n:]
	return v, n >= least && n > 0
}

func fraction(s *string, least, most int) (nanos int, ok bool) {
	v, n := number(*s, most)
	*s = (*s)[n:]
	for i := n; i < 9; i++ {
		v *= 10
	}
	return v, n >= least
}

func (e *element) append(b []byte, t time.Time) []byte {
	switch e.letter {
	case 0:
		for i := range e.optional {
			b = e.optional[i].append(b, t)
		}
		return append(b, e.literal...)
	case 'y', 'u':
		if e.width == 2 {
			return padded(b, t.Year()%100, 2)
		}
		return padded(b, t.Year(), max(e.width, 4))
	case 'M', 'L':
		switch {
		case e.width == 3:
			return append(b, t.Month().String()[:3]...)
		case e.width > 3:
			return append(b, t.Month().String()...)
		}
		return padded(b, int(t.Month()), e.width)
	case 'd':
		return padded(b, t.Day(), e.width)
	case 'D':
		return padded(b, t.YearDay(), e.width)
	case 'H', 'k':
		return padded(b, t.Hour(), e.width)
	case 'h', 'K':
		return padded(b, (t.Hour()+11)%12+1, e.width)
	case 'm':
		return padded(b, t.Minute(), e.width)
	case 's':
		return padded(b, t.Second(), e.width)
	case 'S':
		nine := padded(nil, t.Nanosecond(), 9)
		return append(b, nine[:e.width]...)
	case 'n':
		return padded(b, t.Nanosecond(), e.width)
	case 'f':
		return append(append(b, '.'), padded(nil, t.Nanosecond(), 9)[:3]...)
	case 'a':
		return t.AppendFormat(b, "PM")
	case 'E', 'e':
		if e.width > 3 {
			return append(b, t.Weekday().String()...)
		}
		return append(b, t.Weekday().String()[:3]...)
	}
	return appendZone(b, t, e.letter, e.width)
}

func appendZone(b []byte, t time.Time, letter byte, width int) []byte {
	_, offset := t.Zone()
	switch {
	case letter == 'X' && offset == 0:
		return append(b, 'Z')
	case letter == 'z' || letter == 'V':
		return append(b, t.Location().String()...)
	case letter == 'X' && width == 1 || letter == 'x' && width == 1:
		return t.AppendFormat(b, "-07")
	case letter == 'X' && width == 2 || letter == 'x' && width == 2 || letter == 'Z' && width < 4:
		return t.AppendFormat(b, "-0700")
	}
	return t.AppendFormat(b, "-07:00")
}

func padded(b []byte, v, width int) []byte {
	return fmt.Appendf(b, "%0*d", width, v)
}
