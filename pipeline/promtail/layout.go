package promtail

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// layout reads a time from a text.
type layout func(string) (time.Time, error)

// layout returns the one of a format: a name, or a layout of Go's. Names carry their
// zone; location is for layouts without one, nil is UTC.
func (c *compiler) layout(format string, location *time.Location) layout {
	if named, ok := namedLayout(format); ok {
		return func(s string) (time.Time, error) { return time.Parse(named, s) }
	}
	switch format {
	case "Unix":
		return unixSeconds
	case "UnixMs":
		return unixUnits(time.Millisecond)
	case "UnixUs":
		return unixUnits(time.Microsecond)
	case "UnixNs":
		return unixUnits(time.Nanosecond)
	}
	if location == nil {
		location = time.UTC
	}
	if !strings.Contains(format, "06") {
		return func(s string) (time.Time, error) { return yearless(format, location, s, c.env.Now()) }
	}
	return func(s string) (time.Time, error) { return time.ParseInLocation(format, s, location) }
}

func namedLayout(name string) (string, bool) {
	switch name {
	case "ANSIC":
		return time.ANSIC, true
	case "UnixDate":
		return time.UnixDate, true
	case "RubyDate":
		return time.RubyDate, true
	case "RFC822":
		return time.RFC822, true
	case "RFC822Z":
		return time.RFC822Z, true
	case "RFC850":
		return time.RFC850, true
	case "RFC1123":
		return time.RFC1123, true
	case "RFC1123Z":
		return time.RFC1123Z, true
	case "RFC3339":
		return time.RFC3339, true
	case "RFC3339Nano":
		return time.RFC3339Nano, true
	}
	return "", false
}

// unixSeconds reads seconds with decimals of any number.
func unixSeconds(s string) (time.Time, error) {
	whole, decimals, _ := strings.Cut(s, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || whole == s {
		return time.Unix(seconds, 0), err
	}
	fraction, err := strconv.ParseInt(decimals, 10, 64)
	nanoseconds := int64(float64(fraction) * math.Pow(10, float64(9-len(decimals))))
	return time.Unix(seconds, nanoseconds), err
}

func unixUnits(unit time.Duration) layout {
	return func(s string) (time.Time, error) {
		i, err := strconv.ParseInt(s, 10, 64)
		return time.Unix(0, i*int64(unit)), err
	}
}

// yearless reads a time without a year: that of now, but for Decembers that are read
// in January and Januaries in December.
func yearless(format string, location *time.Location, s string, now time.Time) (time.Time, error) {
	t, err := time.ParseInLocation(format, s, location)
	if err != nil {
		return t, err
	}
	if t.Year() != 0 {
		return t, fmt.Errorf("%q has a year, its format has none", s)
	}
	year := now.Year()
	switch {
	case t.Month() == time.December && now.Month() == time.January:
		year--
	case t.Month() == time.January && now.Month() == time.December:
		year++
	}
	return t.AddDate(year, 0, 0), nil
}
