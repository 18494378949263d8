package joda

import (
	"strings"
	"time"
)

// read takes one element of a pattern from the start of s.
func (p *Pattern) read(e *element, s string, f *fields, now time.Time) (n int, ok bool) {
	switch {
	case e.letter == 0:
		if len(s) < len(e.literal) || s[:len(e.literal)] != e.literal && !strings.EqualFold(s[:len(e.literal)], e.literal) {
			return 0, false
		}
		return len(e.literal), true
	case e.text:
		return p.readText(e, s, f)
	case e.letter == 'S':
		f.milli, n = fraction(s, e.most)
		return n, n > 0
	case e.letter == 'Z':
		f.zone, n = offset(s)
		return n, n > 0
	case e.twoDigits:
		return readTwoDigitYear(e, s, f, now)
	}
	signed := e.letter == 'y' || e.letter == 'x' || e.letter == 'Y'
	v, n := number(s, e.most, signed)
	return n, n > 0 && f.set(e.letter, v)
}

// set puts a number into its field and reports whether it is within the bounds.
func (f *fields) set(letter byte, v int) bool {
	in := func(lo, hi int) bool { return lo <= v && v <= hi }
	switch letter {
	case 'y', 'Y':
		f.year, f.has = v, f.has|hasYear
	case 'x':
		f.weekYear, f.has = v, f.has|hasWeekYear
	case 'C':
		f.century, f.has = v, f.has|hasCentury
	case 'M':
		f.month, f.has = v, f.has|hasMonth
		return in(1, 12)
	case 'd':
		f.day, f.has = v, f.has|hasDay
		return in(1, 31)
	case 'D':
		f.yearDay, f.has = v, f.has|hasYearDay
		return in(1, 366)
	case 'w':
		f.week, f.has = v, f.has|hasWeek
		return in(1, 53)
	case 'e':
		f.weekDay, f.has = v, f.has|hasWeekDay
		return in(1, 7)
	case 'H':
		f.hour, f.has = v, f.has|hasHour
		return in(0, 23)
	case 'k':
		f.hour, f.has = v%24, f.has|hasHour
		return in(1, 24)
	case 'h':
		f.clockHalf, f.has = v%12, f.has|hasHalf
		return in(1, 12)
	case 'K':
		f.clockHalf, f.has = v, f.has|hasHalf
		return in(0, 11)
	case 'm':
		f.minute = v
		return in(0, 59)
	case 's':
		f.second = v
		return in(0, 59)
	}
	return true
}

// number reads up to most digits; n 0: there is none.
func number(s string, most int, signed bool) (v, n int) {
	sign := 1
	if signed && len(s) > 1 && (s[0] == '-' || s[0] == '+') {
		if s[0] == '-' {
			sign = -1
		}
		n = 1
	}
	start := n
	for n < len(s) && n-start < most && s[n] >= '0' && s[n] <= '9' {
		v = v*10 + int(s[n]-'0')
		n++
	}
	if n == start {
		return 0, 0
	}
	return sign * v, n
}

// fraction reads up to most digits of the fraction of a second, of which Joda keeps
// milliseconds.
func fraction(s string, most int) (milli, n int) {
	unit := 100
	for n < len(s) && n < most && s[n] >= '0' && s[n] <= '9' {
		milli += int(s[n]-'0') * unit
		unit /= 10
		n++
	}
	return milli, n
}

// readTwoDigitYear takes two digits within 80 years back and 19 ahead; when lenient,
// another number of digits or a sign makes it the year itself.
func readTwoDigitYear(e *element, s string, f *fields, now time.Time) (int, bool) {
	digits := 0
	for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		digits++
	}
	signed := len(s) > 0 && (s[0] == '-' || s[0] == '+')
	if e.lenient && (signed || digits != 2) {
		v, n := number(s, 9, true)
		return n, n > 0 && f.set(e.letter, v)
	}
	if digits < 2 {
		return 0, false
	}
	low := now.Year() - 80
	v := int(s[0]-'0')*10 + int(s[1]-'0')
	year := low - low%100 + v
	if v < low%100 {
		year += 100
	}
	return 2, f.set(e.letter, year)
}

// offset reads Z, +hh, +hhmm, +hh:mm and with seconds.
func offset(s string) (*time.Location, int) {
	if s == "" {
		return nil, 0
	}
	if s[0] == 'Z' || s[0] == 'z' {
		return time.UTC, 1
	}
	if s[0] != '+' && s[0] != '-' {
		return nil, 0
	}
	n := 1
	total := 0
	separated := false
	for part := range 3 {
		at := n
		if part > 0 {
			colon := at < len(s) && s[at] == ':'
			if part == 1 {
				separated = colon
			}
			if colon != separated || at >= len(s) {
				break
			}
			if colon {
				at++
			}
		}
		v, digits := number(s[at:], 2, false)
		if digits != 2 || part == 0 && v > 23 || v > 59 {
			break
		}
		total += v * []int{3600, 60, 1}[part]
		n = at + 2
	}
	if n == 1 {
		return nil, 0
	}
	if s[0] == '-' {
		total = -total
	}
	return fixed(total), n
}

// fixed avoids an allocation for the usual offset.
func fixed(seconds int) *time.Location {
	if seconds == 0 {
		return time.UTC
	}
	return time.FixedZone("", seconds)
}

func (p *Pattern) readText(e *element, s string, f *fields) (int, bool) {
	switch e.letter {
	case 'M':
		v, n := longest(p.names.months, s)
		f.month, f.has = v+1, f.has|hasMonth
		return n, n > 0
	case 'E':
		v, n := longest(p.names.days, s)
		f.weekDay, f.has = v+1, f.has|hasWeekDay
		return n, n > 0
	case 'a':
		v, n := longest(p.names.halves, s)
		f.pm, f.has = v == 1, f.has|hasPM
		return n, n > 0
	case 'G':
		v, n := longest(eras, s)
		f.bc = v == 1
		return n, n > 0
	case 'z':
		v, n := longest(zoneNames, s)
		if n > 0 {
			f.zone = zone(zoneIDs[v])
		}
		return n, n > 0 && f.zone != nil
	case 'Z':
		n := zoneIDLength(s)
		for ; n > 0; n-- { // the longest that there is
			if l := zone(s[:n]); l != nil {
				f.zone = l
				return n, true
			}
		}
	}
	return 0, false
}

const longestZoneID = 32

func zoneIDLength(s string) int {
	n := 0
	for n < len(s) && n < longestZoneID {
		c := s[n]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("/_+-", c) >= 0) {
			break
		}
		n++
	}
	return n
}

// longest finds the longest of a list's variants that s begins with: as written, in
// lower or in upper case.
func longest(of [][]string, s string) (index, n int) {
	for i, variants := range of {
		for _, v := range variants {
			if len(v) > n && strings.HasPrefix(s, v) {
				index, n = i, len(v)
			}
		}
	}
	return index, n
}
