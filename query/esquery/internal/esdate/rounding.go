package esdate

import (
	"fmt"
	"strings"
	"time"
)

// Unit is a unit of the calendar.
type Unit int

// The units, from small to large.
const (
	Second Unit = iota + 1
	Minute
	Hour
	Day
	Week
	Month
	Quarter
	Year
)

// floor returns the begin of the unit that t is in, by its zone's clock.
func (u Unit) floor(t time.Time) time.Time {
	y, m, d := t.Date()
	loc := t.Location()
	switch u {
	case Second:
		return t.Truncate(time.Second)
	case Minute:
		return t.Add(-time.Duration(t.Second())*time.Second - time.Duration(t.Nanosecond()))
	case Hour:
		return t.Add(-time.Duration(t.Minute())*time.Minute - time.Duration(t.Second())*time.Second - time.Duration(t.Nanosecond()))
	case Day:
		return time.Date(y, m, d, 0, 0, 0, 0, loc)
	case Week:
		return time.Date(y, m, d-(int(t.Weekday())+6)%7, 0, 0, 0, 0, loc)
	case Month:
		return time.Date(y, m, 1, 0, 0, 0, 0, loc)
	case Quarter:
		return time.Date(y, (m-1)/3*3+1, 1, 0, 0, 0, 0, loc)
	}
	return time.Date(y, 1, 1, 0, 0, 0, 0, loc)
}

// next returns the begin of the unit after the one that begins at t.
func (u Unit) next(t time.Time) time.Time {
	switch u {
	case Second:
		return t.Add(time.Second)
	case Minute:
		return t.Add(time.Minute)
	case Hour:
		return t.Add(time.Hour)
	case Day:
		return t.AddDate(0, 0, 1)
	case Week:
		return t.AddDate(0, 0, 7)
	case Month:
		return t.AddDate(0, 1, 0)
	case Quarter:
		return t.AddDate(0, 3, 0)
	}
	return t.AddDate(1, 0, 0)
}

var calendarUnits = map[string]Unit{
	"second": Second, "1s": Second, "minute": Minute, "1m": Minute, "hour": Hour, "1h": Hour, "day": Day, "1d": Day,
	"week": Week, "1w": Week, "month": Month, "1M": Month, "quarter": Quarter, "1q": Quarter, "year": Year, "1y": Year,
}

// ParseCalendar reads a calendar interval.
func ParseCalendar(s string) (Unit, bool) {
	u, ok := calendarUnits[s]
	return u, ok
}

// ParseDuration reads a number and one of Elasticsearch's units (nanos, micros, ms, s,
// m, h, d, w).
func ParseDuration(s string) (time.Duration, error) {
	text, negative := strings.CutPrefix(s, "-")
	if !negative {
		text = strings.TrimPrefix(text, "+")
	}
	n, width := number(text, 15)
	unit, ok := map[string]time.Duration{
		"nanos": 1, "micros": time.Microsecond, "ms": time.Millisecond, "s": time.Second, "m": time.Minute,
		"h": time.Hour, "H": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour,
	}[text[width:]]
	if width == 0 || !ok || n > int(1<<62/unit) {
		return 0, fmt.Errorf("failed to parse setting value [%.40s] as a time value: unit is missing or unrecognized", s)
	}
	d := time.Duration(n) * unit
	if negative {
		d = -d
	}
	return d, nil
}

// Rounding puts times into buckets: of a fixed width, or a unit of the calendar, by
// the clock of a zone.
type Rounding struct {
	// Fixed is the width in milliseconds, 0 for a Unit.
	Fixed int64
	Unit  Unit
	Loc   *time.Location
	// Offset moves the buckets, in milliseconds.
	Offset int64
}

// Floor returns the begin of the bucket of a time, both in milliseconds.
func (r Rounding) Floor(ms int64) int64 {
	ms -= r.Offset
	if r.Fixed == 0 {
		return r.Unit.floor(time.UnixMilli(ms).In(r.Loc)).UnixMilli() + r.Offset
	}
	shift := r.zoneOffset(ms)
	local := ms + shift
	return local - mod(local, r.Fixed) - shift + r.Offset
}

// Next returns the begin of the bucket after the one that begins at key.
func (r Rounding) Next(key int64) int64 {
	if r.Fixed == 0 {
		return r.Unit.next(time.UnixMilli(key-r.Offset).In(r.Loc)).UnixMilli() + r.Offset
	}
	next := r.Floor(key + r.Fixed)
	if next <= key { // the clock was turned back
		return key + r.Fixed
	}
	return next
}

// Width is about how long a bucket is, in milliseconds, never more than it is.
func (r Rounding) Width() int64 {
	if r.Fixed != 0 {
		return r.Fixed
	}
	return [...]int64{0, 1000, 60_000, 3_600_000, 23 * 3_600_000, 7*24*3_600_000 - 3_600_000, 28*24*3_600_000 - 3_600_000,
		90*24*3_600_000 - 3_600_000, 365*24*3_600_000 - 3_600_000}[r.Unit]
}

// UTC says whether buckets of a fixed width lie at multiples of it, but for Offset.
func (r Rounding) UTC() bool { return r.Fixed != 0 && (r.Loc == nil || r.Loc == time.UTC) }

func (r Rounding) zoneOffset(ms int64) int64 {
	if r.Loc == nil || r.Loc == time.UTC {
		return 0
	}
	_, seconds := time.UnixMilli(ms).In(r.Loc).Zone()
	return int64(seconds) * 1000
}

func mod(a, b int64) int64 {
	m := a % b
	if m < 0 {
		m += b
	}
	return m
}
