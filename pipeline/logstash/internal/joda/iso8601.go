package joda

import "time"

// ISO8601 reads what Logstash calls ISO8601: Joda's dateTimeParser (a date, perhaps a
// time behind T, perhaps an offset), or a date, a space, a time with a fraction and
// perhaps an offset.
func ISO8601(s string, loc *time.Location) (time.Time, error) {
	f := fields{defaultYear: 1970}
	n, ok := isoDate(s, &f)
	switch {
	case n == len(s) && ok && n > 0:
		return f.time(loc)
	case ok && n > 0 && s[n] == ' ' && f.given(hasDay):
		if n, ok = spaced(s, n+1, &f); !ok || n != len(s) {
			return time.Time{}, ErrMismatch
		}
		return f.time(loc)
	case !ok || s == "" || s[n] != 'T' && s[n] != 't':
		return time.Time{}, ErrMismatch
	}
	n = isoTime(s, n+1, &f)
	if n < 0 {
		return time.Time{}, ErrMismatch
	}
	if n < len(s) {
		l, m := offset(s[n:])
		f.zone = l
		n += m
	}
	if n != len(s) {
		return time.Time{}, ErrMismatch
	}
	return f.time(loc)
}

// isoDate reads yyyy[-MM[-dd]], yyyy-DDD and xxxx-Www[-e]; a missing date is one of no
// length.
func isoDate(s string, f *fields) (n int, ok bool) {
	if s != "" && (s[0] == 'T' || s[0] == 't') {
		return 0, true
	}
	year, n := number(s, 9, true)
	if n == 0 {
		return 0, false
	}
	f.year, f.has = year, f.has|hasYear
	if n == len(s) || s[n] != '-' {
		return n, true
	}
	if n+1 < len(s) && s[n+1] == 'W' {
		return isoWeek(s, n+2, f)
	}
	v, digits := number(s[n+1:], 3, false)
	if digits == 3 {
		return n + 4, f.set('D', v)
	}
	if digits == 0 || !f.set('M', v) {
		return n, false
	}
	n += 1 + digits
	if n == len(s) || s[n] != '-' {
		return n, true
	}
	v, digits = number(s[n+1:], 2, false)
	return n + 1 + digits, digits > 0 && f.set('d', v)
}

func isoWeek(s string, n int, f *fields) (int, bool) {
	f.weekYear, f.has = f.year, f.has&^hasYear|hasWeekYear
	v, digits := number(s[n:], 2, false)
	if digits == 0 || !f.set('w', v) {
		return n, false
	}
	n += digits
	if n == len(s) || s[n] != '-' {
		return n, true
	}
	v, digits = number(s[n+1:], 1, false)
	return n + 1 + digits, digits > 0 && f.set('e', v)
}

// isoTime reads HH[:mm[:ss]], each of which may have a fraction, from n on and returns
// where it ends; -1: what is there is out of bounds. The time may be missing.
func isoTime(s string, n int, f *fields) int {
	unit := 3_600_000
	for i, letter := range []byte{'H', 'm', 's'} {
		at := n
		if i > 0 {
			if at == len(s) || s[at] != ':' {
				break
			}
			at++
		}
		v, digits := number(s[at:], 2, false)
		if digits == 0 {
			return n
		}
		if !f.set(letter, v) {
			return -1
		}
		n = at + digits
		if n < len(s) && (s[n] == '.' || s[n] == ',') {
			return isoFraction(s, n+1, unit, f)
		}
		unit /= 60
	}
	return n
}

// isoFraction reads the fraction of an hour, minute or second; unit is that in
// milliseconds.
func isoFraction(s string, n, unit int, f *fields) int {
	start := n
	total, scale := 0, 1
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		if scale < 1e9 {
			total, scale = total*10+int(s[n]-'0'), scale*10
		}
		n++
	}
	if n == start {
		return -1
	}
	milli := int(int64(total) * int64(unit) / int64(scale))
	if unit == 3_600_000 {
		f.minute, milli = milli/60_000, milli%60_000
	}
	if unit >= 60_000 {
		f.second, milli = milli/1000, milli%1000
	}
	f.milli = milli
	return n
}

// spaced reads HH:mm:ss.SSS or HH:mm:ss,SSS and perhaps an offset.
func spaced(s string, n int, f *fields) (int, bool) {
	for i, letter := range []byte{'H', 'm', 's'} {
		if i > 0 {
			if n == len(s) || s[n] != ':' {
				return n, false
			}
			n++
		}
		v, digits := number(s[n:], 2, false)
		if digits == 0 || !f.set(letter, v) {
			return n, false
		}
		n += digits
	}
	if n == len(s) || s[n] != '.' && s[n] != ',' {
		return n, false
	}
	milli, digits := fraction(s[n+1:], 3)
	if digits == 0 {
		return n, false
	}
	f.milli = milli
	n += 1 + digits
	if n < len(s) {
		l, m := offset(s[n:])
		f.zone = l
		n += m
	}
	return n, true
}
