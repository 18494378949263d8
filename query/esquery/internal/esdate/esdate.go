// Package esdate reads and writes times as Elasticsearch does: its named formats and
// Java's patterns, date math ("now-1h/d", "2024-01-01||+1M"), time zones, and the
// rounding of date histograms. Times are Go's, in UTC unless a zone is given.
package esdate

import (
	"fmt"
	"strings"
	"time"
)

// ParseZone reads a time zone: an identifier of the tz database, UTC, Z, or an
// offset such as +01:00.
func ParseZone(s string) (*time.Location, error) {
	switch s {
	case "", "Z", "UTC", "GMT", "utc":
		return time.UTC, nil
	}
	if s[0] == '+' || s[0] == '-' {
		if seconds, n := parseOffset(s, true); n == len(s) {
			return time.FixedZone(s, seconds), nil
		}
		return nil, fmt.Errorf("unknown time-zone ID: %s", s)
	}
	// The name becomes a file name of the tz database.
	if len(s) > 64 || strings.Contains(s, "..") || s == "Local" {
		return nil, fmt.Errorf("unknown time-zone ID: %.64s", s)
	}
	loc, err := time.LoadLocation(s)
	if err != nil {
		return nil, fmt.Errorf("unknown time-zone ID: %s", s)
	}
	return loc, nil
}

// parseOffset reads +hh[:][mm] at the begin of s and returns seconds and the length,
// 0 if there is none. Only with loose a single digit is an hour.
func parseOffset(s string, loose bool) (seconds, n int) {
	if s == "" || s[0] != '+' && s[0] != '-' {
		return 0, 0
	}
	hours, i := number(s[1:], 2)
	if i == 0 || i == 1 && !loose {
		return 0, 0
	}
	n = 1 + i
	rest := strings.TrimPrefix(s[n:], ":")
	if minutes, k := number(rest, 2); k == 2 && minutes < 60 {
		n = len(s) - len(rest) + 2
		seconds = minutes * 60
	}
	if hours > 18 {
		return 0, 0
	}
	seconds += hours * 3600
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, n
}

// number reads at most width digits and returns how many there were.
func number(s string, width int) (v, n int) {
	for n < len(s) && n < width && s[n] >= '0' && s[n] <= '9' {
		v = v*10 + int(s[n]-'0')
		n++
	}
	return v, n
}

// Millis returns t in milliseconds since the epoch, rounded down.
func Millis(t time.Time) int64 { return t.UnixMilli() }

// FromMillis returns the time in UTC.
func FromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
