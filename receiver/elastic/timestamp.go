package elastic

import (
	"math"
	"strconv"
	"time"
)

// parseTime reads a date as Elasticsearch's strict_date_optional_time||epoch_millis
// does, and as RFC 3339 is written: a date, with a time or not, with any precision and
// offset (UTC if there is none), or milliseconds since the Unix epoch. It returns
// nanoseconds; ok is false for what is no date or does not fit.
func parseTime(s string) (ns int64, ok bool) {
	if isMillis(s) {
		return parseMillis(s)
	}
	p := dateParser{s: s}
	year, month, day := p.number(4), 1, 1
	hour, minute, second, nanos, offset := 0, 0, 0, 0, 0
	if p.take('-') {
		if month = p.number(2); p.take('-') {
			day = p.number(2)
		}
	}
	if p.take('T') || p.take('t') || p.take(' ') {
		hour = p.number(2)
		if p.take(':') {
			if minute = p.number(2); p.take(':') {
				second = p.number(2)
				nanos = p.fraction()
			}
		}
		offset = p.offset()
	}
	if p.bad || p.at != len(s) || year < 1678 || year > 2261 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) ||
		hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, nanos, time.UTC).UnixNano() - int64(offset)*int64(time.Second), true
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// dateParser reads digits and marks; what is not there makes it bad.
type dateParser struct {
	s   string
	at  int
	bad bool
}

func (p *dateParser) number(digits int) int {
	n := 0
	for range digits {
		if p.at == len(p.s) || p.s[p.at] < '0' || p.s[p.at] > '9' {
			p.bad = true
			return 0
		}
		n = n*10 + int(p.s[p.at]-'0')
		p.at++
	}
	return n
}

func (p *dateParser) take(c byte) bool {
	if p.at < len(p.s) && p.s[p.at] == c {
		p.at++
		return true
	}
	return false
}

// fraction reads .123456789 as nanoseconds; further digits are dropped.
func (p *dateParser) fraction() int {
	if !p.take('.') && !p.take(',') {
		return 0
	}
	n, unit, begin := 0, 100_000_000, p.at
	for ; p.at < len(p.s) && p.s[p.at] >= '0' && p.s[p.at] <= '9'; p.at++ {
		n += int(p.s[p.at]-'0') * unit
		unit /= 10
	}
	p.bad = p.bad || p.at == begin
	return n
}

// offset reads Z, +01, +0100 or +01:00 in seconds.
func (p *dateParser) offset() int {
	sign := 1
	switch {
	case p.at == len(p.s), p.take('Z'), p.take('z'):
		return 0
	case p.take('-'):
		sign = -1
	case !p.take('+'):
		p.bad = true
		return 0
	}
	hours, minutes := p.number(2), 0
	if p.take(':') || p.at < len(p.s) {
		minutes = p.number(2)
	}
	p.bad = p.bad || hours > 18 || minutes > 59
	return sign * (hours*60 + minutes) * 60
}

// isMillis tells milliseconds from years: more than four digits, or a sign.
func isMillis(s string) bool {
	if s == "" || s[0] == '-' {
		return true
	}
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n > 4
}

// parseMillis reads milliseconds since the Unix epoch, with or without a fraction.
func parseMillis(s string) (ns int64, ok bool) {
	if ms, err := strconv.ParseInt(s, 10, 64); err == nil {
		return ms * 1e6, ms > math.MinInt64/1_000_000 && ms < math.MaxInt64/1_000_000
	}
	ms, err := strconv.ParseFloat(s, 64)
	if err != nil || !(math.Abs(ms) < math.MaxInt64/1_000_000) {
		return 0, false
	}
	whole, part := math.Modf(ms)
	return int64(whole)*1e6 + int64(part*1e6), true
}
