package logstash

import (
	"fmt"
	"strconv"
	"time"
)

// timeFormat is a compiled pattern of times in UTC.
type timeFormat []func(dst []byte, t time.Time) []byte

func (f timeFormat) append(dst []byte, t time.Time) []byte {
	t = t.UTC()
	for _, part := range f {
		dst = part(dst, t)
	}
	return dst
}

// parseJoda compiles a pattern of Joda-Time, as in %{+YYYY.MM.dd}.
func parseJoda(pattern string) (timeFormat, error) { return parseTimeFormat(pattern, jodaField) }

// parseJavaTime compiles a pattern of java.time, as in %{{yyyy-MM-dd}}.
func parseJavaTime(pattern string) (timeFormat, error) {
	return parseTimeFormat(pattern, javaField)
}

type fieldFunc = func(dst []byte, t time.Time) []byte

func parseTimeFormat(pattern string, field func(letter byte, n int) fieldFunc) (timeFormat, error) {
	var f timeFormat
	for i := 0; i < len(pattern); {
		c := pattern[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			n := 1
			for i+n < len(pattern) && pattern[i+n] == c {
				n++
			}
			part := field(c, n)
			if part == nil {
				return nil, fmt.Errorf("time pattern %q: the letter %q means nothing", pattern, c)
			}
			f = append(f, part)
			i += n
		case c == '\'':
			text, n, ok := quotedLiteral(pattern[i:])
			if !ok {
				return nil, fmt.Errorf("time pattern %q: a quote is not closed", pattern)
			}
			f = append(f, literal(text))
			i += n
		default:
			f = append(f, literal(string(c)))
			i++
		}
	}
	return f, nil
}

// quotedLiteral reads 'text', in which two quotes are one; so are two quotes alone.
func quotedLiteral(s string) (text string, n int, ok bool) {
	if len(s) > 1 && s[1] == '\'' {
		return "'", 2, true
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
		return text, i + 1, true
	}
	return "", 0, false
}

func literal(s string) fieldFunc {
	return func(dst []byte, _ time.Time) []byte { return append(dst, s...) }
}

// number writes digits with zeros in front up to a width.
func number(width int, of func(time.Time) int) fieldFunc {
	return func(dst []byte, t time.Time) []byte { return appendPadded(dst, of(t), width) }
}

func appendPadded(dst []byte, v, width int) []byte {
	if v < 0 {
		dst = append(dst, '-')
		v = -v
	}
	digits := 1
	for x := v; x >= 10; x /= 10 {
		digits++
	}
	for ; digits < width; digits++ {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, int64(v), 10)
}

func word(of func(time.Time) string) fieldFunc {
	return func(dst []byte, t time.Time) []byte { return append(dst, of(t)...) }
}

func year(n int, of func(time.Time) int) fieldFunc {
	if n == 2 {
		return number(2, func(t time.Time) int { return of(t) % 100 })
	}
	return number(n, of)
}

func weekYear(t time.Time) int { y, _ := t.ISOWeek(); return y }
func week(t time.Time) int     { _, w := t.ISOWeek(); return w }

func isoWeekday(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }

func hour12(t time.Time) int {
	if h := t.Hour() % 12; h != 0 {
		return h
	}
	return 12
}

// fraction writes the first n digits of the fraction of a second.
func fraction(n int) fieldFunc {
	return func(dst []byte, t time.Time) []byte {
		var digits [9]byte
		ns := t.Nanosecond()
		for i := 8; i >= 0; i-- {
			digits[i] = byte('0' + ns%10)
			ns /= 10
		}
		dst = append(dst, digits[:min(n, 9)]...)
		for i := 9; i < n; i++ {
			dst = append(dst, '0')
		}
		return dst
	}
}

// sharedField are the letters that mean the same to both.
func sharedField(c byte, n int) fieldFunc {
	switch c {
	case 'y':
		return year(n, time.Time.Year)
	case 'M':
		switch {
		case n >= 4:
			return word(func(t time.Time) string { return t.Month().String() })
		case n == 3:
			return word(func(t time.Time) string { return t.Month().String()[:3] })
		}
		return number(n, func(t time.Time) int { return int(t.Month()) })
	case 'd':
		return number(n, time.Time.Day)
	case 'D':
		return number(n, time.Time.YearDay)
	case 'w':
		return number(n, week)
	case 'E':
		if n >= 4 {
			return word(func(t time.Time) string { return t.Weekday().String() })
		}
		return word(func(t time.Time) string { return t.Weekday().String()[:3] })
	case 'a':
		return word(func(t time.Time) string { return t.Format("PM") })
	case 'H':
		return number(n, time.Time.Hour)
	case 'k':
		return number(n, func(t time.Time) int { return (t.Hour()+23)%24 + 1 })
	case 'K':
		return number(n, func(t time.Time) int { return t.Hour() % 12 })
	case 'h':
		return number(n, hour12)
	case 'm':
		return number(n, time.Time.Minute)
	case 's':
		return number(n, time.Time.Second)
	case 'S':
		return fraction(n)
	case 'G':
		return literal("AD")
	}
	return nil
}

func jodaField(c byte, n int) fieldFunc {
	switch c {
	case 'Y':
		return year(n, time.Time.Year)
	case 'x':
		return year(n, weekYear)
	case 'C':
		return number(n, func(t time.Time) int { return t.Year() / 100 })
	case 'e':
		return number(n, isoWeekday)
	case 'z':
		if n >= 4 {
			return literal("Coordinated Universal Time")
		}
		return literal("UTC")
	case 'Z':
		return literal([]string{"+0000", "+00:00", "UTC"}[min(n, 3)-1])
	}
	return sharedField(c, n)
}

func javaField(c byte, n int) fieldFunc {
	switch c {
	case 'u':
		return year(n, time.Time.Year)
	case 'Y':
		return year(n, weekYear)
	case 'L':
		return sharedField('M', n)
	case 'e', 'c':
		if n >= 3 {
			return sharedField('E', n)
		}
		return number(n, isoWeekday)
	case 'Q', 'q':
		quarter := func(t time.Time) int { return (int(t.Month())-1)/3 + 1 }
		if n == 3 {
			return word(func(t time.Time) string { return "Q" + strconv.Itoa(quarter(t)) })
		}
		return number(n, quarter)
	case 'n':
		return number(n, time.Time.Nanosecond)
	case 'A':
		return number(n, func(t time.Time) int {
			return ((t.Hour()*60+t.Minute())*60+t.Second())*1000 + t.Nanosecond()/1_000_000
		})
	case 'X', 'V', 'z':
		return literal("Z")
	case 'x', 'Z':
		if c == 'x' && n == 1 {
			return literal("+00")
		}
		if c == 'x' && (n == 3 || n == 5) {
			return literal("+00:00")
		}
		return literal("+0000")
	case 'O':
		return literal("GMT")
	}
	return sharedField(c, n)
}
