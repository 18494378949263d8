package ruby

import (
	"fmt"
	"math"
	"strings"
	"time"
)

func isTime(v any) bool {
	_, ok := v.(time.Time)
	return ok
}

func ofTime(of func(t time.Time) any) method {
	return func(_ *interp, r any, _ []any, _ *proc) any { return of(r.(time.Time)) }
}

func timeMethods() map[string]method {
	m := map[string]method{
		"to_i":  ofTime(func(t time.Time) any { return t.Unix() }),
		"to_f":  ofTime(func(t time.Time) any { return float64(t.UnixMicro()) / 1e6 }),
		"to_s":  ofTime(func(t time.Time) any { return isoTime(t) }),
		"usec":  ofTime(func(t time.Time) any { return int64(t.Nanosecond() / 1000) }),
		"nsec":  ofTime(func(t time.Time) any { return int64(t.Nanosecond()) }),
		"year":  ofTime(func(t time.Time) any { return int64(t.Year()) }),
		"month": ofTime(func(t time.Time) any { return int64(t.Month()) }),
		"day":   ofTime(func(t time.Time) any { return int64(t.Day()) }),
		"hour":  ofTime(func(t time.Time) any { return int64(t.Hour()) }),
		"min":   ofTime(func(t time.Time) any { return int64(t.Minute()) }),
		"sec":   ofTime(func(t time.Time) any { return int64(t.Second()) }),
		"wday":  ofTime(func(t time.Time) any { return int64(t.Weekday()) }),
		"yday":  ofTime(func(t time.Time) any { return int64(t.YearDay()) }),
		"zone":  ofTime(func(t time.Time) any { name, _ := t.Zone(); return name }),
		"utc":   ofTime(func(t time.Time) any { return t.UTC() }),
		"time":  ofTime(func(t time.Time) any { return t }),
		"utc_offset": ofTime(func(t time.Time) any {
			_, offset := t.Zone()
			return int64(offset)
		}),
		"iso8601": func(in *interp, r any, args []any, _ *proc) any {
			t := r.(time.Time)
			layout := "2006-01-02T15:04:05"
			if n := min(max(in.intOr(args, 0, 0), 0), 9); n > 0 {
				layout += "." + strings.Repeat("0", n)
			}
			return t.Format(layout + "Z07:00")
		},
		"to_iso8601": ofTime(func(t time.Time) any { return isoTime(t) }),
		"localtime": func(in *interp, r any, args []any, _ *proc) any {
			if len(args) == 0 {
				return r.(time.Time).Local()
			}
			t, err := time.Parse("-07:00", in.textArg(args, 0))
			if err != nil {
				in.raise("ArgumentError", `"+HH:MM" or "-HH:MM" expected for utc_offset`)
			}
			return r.(time.Time).In(t.Location())
		},
		"strftime": func(in *interp, r any, args []any, _ *proc) any {
			return in.text(strftime(r.(time.Time), in.textArg(args, 0)))
		},
		"round": ofTime(func(t time.Time) any { return t.Round(time.Second) }),
		"+":     func(in *interp, r any, args []any, _ *proc) any { return in.binary("+", r, in.arg(args, 0)) },
		"-":     func(in *interp, r any, args []any, _ *proc) any { return in.binary("-", r, in.arg(args, 0)) },
	}
	for day := time.Sunday; day <= time.Saturday; day++ {
		m[strings.ToLower(day.String())+"?"] = ofTime(func(t time.Time) any { return t.Weekday() == day })
	}
	return alias(m, "mon month mday day tv_sec to_i tv_usec usec gmtime utc getutc utc getgm utc getlocal localtime xmlschema iso8601 gmt_offset utc_offset to_time time to_datetime time")
}

// strftime knows the letters of Time#strftime, with -, 0, ^ and a width.
func strftime(t time.Time, format string) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		start := i
		i++
		flags, width := "", 0
		for i < len(format)-1 && strings.IndexByte("-0^#_:", format[i]) >= 0 {
			flags += string(format[i])
			i++
		}
		for i < len(format)-1 && isDigit(format[i]) {
			width = min(width*10+int(format[i]-'0'), 100)
			i++
		}
		text, pad, ok := timePart(t, format[i], flags, width)
		if !ok {
			b.WriteString(format[start : i+1])
			continue
		}
		b.WriteString(padded(text, flags, width, pad))
	}
	return b.String()
}

func padded(text, flags string, width int, pad byte) string {
	if strings.Contains(flags, "^") {
		text = strings.ToUpper(text)
	}
	if strings.Contains(flags, "-") {
		if text = strings.TrimLeft(text, "0 "); text == "" {
			return "0"
		}
		return text
	}
	if strings.Contains(flags, "_") {
		pad = ' '
		if trimmed := strings.TrimLeft(text, "0"); trimmed != "" {
			text = strings.Repeat(" ", len(text)-len(trimmed)) + trimmed
		}
	}
	if n := width - len(text); n > 0 {
		return strings.Repeat(string(pad), n) + text
	}
	return text
}

func timePart(t time.Time, c byte, flags string, width int) (text string, pad byte, ok bool) {
	two := func(n int) (string, byte, bool) { return fmt.Sprintf("%02d", n), '0', true }
	word := func(layout string) (string, byte, bool) { return t.Format(layout), ' ', true }
	switch c {
	case 'Y':
		return fmt.Sprint(t.Year()), '0', true
	case 'C':
		return two(t.Year() / 100)
	case 'y':
		return two(t.Year() % 100)
	case 'm':
		return two(int(t.Month()))
	case 'd':
		return two(t.Day())
	case 'e':
		return fmt.Sprintf("%2d", t.Day()), ' ', true
	case 'j':
		return fmt.Sprintf("%03d", t.YearDay()), '0', true
	case 'H':
		return two(t.Hour())
	case 'k':
		return fmt.Sprintf("%2d", t.Hour()), ' ', true
	case 'I', 'l':
		return two((t.Hour()+11)%12 + 1)
	case 'M':
		return two(t.Minute())
	case 'S':
		return two(t.Second())
	case 'L', 'N':
		return subSecond(t, c, width), '0', true
	case 's':
		return fmt.Sprint(t.Unix()), '0', true
	case 'u':
		return fmt.Sprint((int(t.Weekday())+6)%7 + 1), '0', true
	case 'w':
		return fmt.Sprint(int(t.Weekday())), '0', true
	case 'G':
		y, _ := t.ISOWeek()
		return fmt.Sprint(y), '0', true
	case 'V':
		_, w := t.ISOWeek()
		return two(w)
	case 'z':
		if strings.Contains(flags, ":") {
			return word("-07:00")
		}
		return word("-0700")
	case 'n':
		return "\n", ' ', true
	case 't':
		return "\t", ' ', true
	case '%':
		return "%", ' ', true
	}
	layout, ok := map[byte]string{
		'B': "January", 'b': "Jan", 'h': "Jan", 'A': "Monday", 'a': "Mon", 'p': "PM", 'P': "pm", 'Z': "MST", 'F': "2006-01-02",
		'T': "15:04:05", 'X': "15:04:05", 'R': "15:04", 'D': "01/02/06", 'x': "01/02/06", 'r': "03:04:05 PM", 'c': "Mon Jan _2 15:04:05 2006",
	}[c]
	if !ok {
		return "", 0, false
	}
	return word(layout)
}

// subSecond are digits of the fraction of a second: three for %L and nine for %N, or as
// many as the width says.
func subSecond(t time.Time, c byte, width int) string {
	digits := 9
	if c == 'L' {
		digits = 3
	}
	if width > 0 {
		digits = min(width, 9)
	}
	return fmt.Sprintf("%09d", t.Nanosecond())[:digits]
}

// epoch is Time.at.
func (in *interp) epoch(args []any) time.Time {
	if t, ok := in.arg(args, 0).(time.Time); ok {
		return t
	}
	f, ok := toFloat(args[0])
	if !ok || math.IsNaN(f) || math.Abs(f) > 1e12 {
		in.raisef("TypeError", "can't convert %s into an exact number", typeName(args[0]))
	}
	t := time.Unix(int64(math.Floor(f)), int64(math.Round((f-math.Floor(f))*1e9)))
	if len(args) > 1 {
		part, _ := toFloat(args[1])
		unit := 1000.0
		if len(args) > 2 {
			switch toS(args[2]) {
			case "millisecond":
				unit = 1e6
			case "nsec", "nanosecond":
				unit = 1
			}
		}
		t = t.Add(time.Duration(part * unit))
	}
	return t.UTC()
}

// parseTime is Time.parse and its like, for the usual forms.
func (in *interp) parseTime(s string) time.Time {
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04:05.999999999Z0700", "2006-01-02 15:04:05.999999999 -0700",
		"2006-01-02 15:04:05.999999999 -07:00", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999 MST", "2006-01-02 15:04:05.999999999",
		"2006-01-02 15:04", "2006-01-02", "2006/01/02 15:04:05", "2006/01/02", time.RFC1123Z, time.RFC1123, time.RFC822Z, "02 Jan 2006 15:04:05 -0700",
		"02/Jan/2006:15:04:05 -0700", time.ANSIC, "Jan 2 2006 15:04:05", "Jan 2, 2006", "20060102T150405Z", "20060102150405", "20060102",
	} {
		if t, err := time.Parse(layout, strings.TrimSpace(s)); err == nil {
			return t
		}
	}
	in.raisef("ArgumentError", "no time information in %s", inspect(s))
	return time.Time{}
}
