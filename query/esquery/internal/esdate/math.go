package esdate

import (
	"fmt"
	"strings"
	"time"
)

// Math reads a time with date math: "now" or a date, then, after "||" behind a date,
// any number of +1d, -2h, /M. With roundUp a missing part of the date and a rounding
// go to the end of their unit, as Elasticsearch does for gt and lte.
func (f *Format) Math(s string, roundUp bool, loc *time.Location, now time.Time) (time.Time, error) {
	if ops, ok := strings.CutPrefix(s, "now"); ok {
		return apply(now.In(loc).Truncate(time.Millisecond), ops, roundUp)
	}
	date, ops, hasMath := strings.Cut(s, "||")
	t, err := f.Parse(date, roundUp && !hasMath, loc)
	if err != nil || !hasMath {
		return t, err
	}
	return apply(t.In(loc), ops, roundUp)
}

func apply(t time.Time, ops string, roundUp bool) (time.Time, error) {
	for s := ops; s != ""; {
		op := s[0]
		s = s[1:]
		if op != '+' && op != '-' && op != '/' {
			return t, fmt.Errorf("operator not supported for date math [%s]", ops)
		}
		n, width := number(s, 9)
		s = s[width:]
		if width == 0 {
			n = 1
		}
		if s == "" {
			return t, fmt.Errorf("truncated date math [%s]", ops)
		}
		unit := s[0]
		s = s[1:]
		if op == '/' && n != 1 {
			return t, fmt.Errorf("rounding `/` can only be used on single unit types [%s]", ops)
		}
		if op == '-' {
			n = -n
		}
		var ok bool
		if op == '/' {
			t, ok = roundTo(t, unit, roundUp)
		} else {
			t, ok = add(t, n, unit)
		}
		if !ok {
			return t, fmt.Errorf("unit [%c] not supported for date math [%s]", unit, ops)
		}
		if y := t.Year(); y < -9999 || y > 99999 {
			return t, fmt.Errorf("date math [%s] leaves the range of years", ops)
		}
	}
	return t, nil
}

func add(t time.Time, n int, unit byte) (time.Time, bool) {
	const far = 300_000 // years, months... beyond this overflow
	if unit == 'y' || unit == 'M' || unit == 'w' || unit == 'd' {
		n = min(max(n, -far*12), far*12)
	}
	switch unit {
	case 'y':
		return addMonths(t, 12*n), true
	case 'M':
		return addMonths(t, n), true
	case 'w':
		return t.AddDate(0, 0, 7*n), true
	case 'd':
		return t.AddDate(0, 0, n), true
	case 'h', 'H':
		return t.Add(time.Duration(min(max(n, -1e6), 1e6)) * time.Hour), true
	case 'm':
		return t.Add(time.Duration(min(max(n, -1e8), 1e8)) * time.Minute), true
	case 's':
		return t.Add(time.Duration(n) * time.Second), true
	}
	return t, false
}

// addMonths keeps the day, or takes the month's last if it has none such.
func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

var unitOf = map[byte]Unit{'y': Year, 'M': Month, 'w': Week, 'd': Day, 'h': Hour, 'H': Hour, 'm': Minute, 's': Second}

func roundTo(t time.Time, letter byte, up bool) (time.Time, bool) {
	unit, ok := unitOf[letter]
	if !ok {
		return t, false
	}
	start := unit.floor(t)
	if up {
		return unit.next(start).Add(-time.Millisecond), true
	}
	return start, true
}
