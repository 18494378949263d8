package esdate

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Format is one or several ("a||b") formats: the first that can reads, the first
// writes.
type Format struct {
	text string
	alts []layout
}

// layout is one format.
type layout struct {
	epoch time.Duration // of epoch_millis and epoch_second, else 0
	nanos bool          // prints nanoseconds
	read  []element
	write []element
}

// named are Elasticsearch's names for patterns. A name without "strict_" reads the
// same here but for years and days of one digit.
var named = map[string]string{
	"date_time":                        "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
	"date_time_no_millis":              "yyyy-MM-dd'T'HH:mm:ssXXX",
	"date":                             "yyyy-MM-dd",
	"date_hour":                        "yyyy-MM-dd'T'HH",
	"date_hour_minute":                 "yyyy-MM-dd'T'HH:mm",
	"date_hour_minute_second":          "yyyy-MM-dd'T'HH:mm:ss",
	"date_hour_minute_second_fraction": "yyyy-MM-dd'T'HH:mm:ss.SSS",
	"date_hour_minute_second_millis":   "yyyy-MM-dd'T'HH:mm:ss.SSS",
	"time":                             "HH:mm:ss.SSSXXX",
	"time_no_millis":                   "HH:mm:ssXXX",
	"hour":                             "HH",
	"hour_minute":                      "HH:mm",
	"hour_minute_second":               "HH:mm:ss",
	"year":                             "yyyy",
	"year_month":                       "yyyy-MM",
	"year_month_day":                   "yyyy-MM-dd",
	"ordinal_date":                     "yyyy-DDD",
	"ordinal_date_time":                "yyyy-DDD'T'HH:mm:ss.SSSXXX",
	"basic_date":                       "yyyyMMdd",
	"basic_date_time":                  "yyyyMMdd'T'HHmmss.SSSXX",
	"basic_date_time_no_millis":        "yyyyMMdd'T'HHmmssXX",
	"iso8601":                          optionalTime,
	"date_optional_time":               optionalTime,
	"date_optional_time_nanos":         optionalTime,
}

// optionalTime has a fraction of any length (f) and a zone of any kind (X).
const optionalTime = "yyyy[-MM[-dd['T'[HH[:mm[:ss[f]]]][X]]]]"

// Default is what dates are written in and read from where nothing else is said.
var Default = must(ParseFormat("strict_date_optional_time||epoch_millis"))

func must(f *Format, err error) *Format {
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return f
}

// maxFormat bounds the length of a format.
const maxFormat = 256

// ParseFormat reads names and Java patterns, separated by "||".
func ParseFormat(s string) (*Format, error) {
	if s == "" || len(s) > maxFormat {
		return nil, errors.New("Invalid format: No date pattern provided")
	}
	f := &Format{text: s}
	for _, one := range strings.Split(s, "||") {
		l, err := parseLayout(one)
		if err != nil {
			return nil, fmt.Errorf("Invalid format: [%s]: %w", s, err)
		}
		f.alts = append(f.alts, l)
	}
	return f, nil
}

// String is the format as it was given.
func (f *Format) String() string { return f.text }

func parseLayout(s string) (layout, error) {
	switch s {
	case "epoch_millis":
		return layout{epoch: time.Millisecond}, nil
	case "epoch_second":
		return layout{epoch: time.Second}, nil
	}
	name := strings.TrimPrefix(s, "strict_")
	pattern, known := named[name]
	if !known {
		if strings.Contains(s, "_") {
			return layout{}, errors.New("Unknown format name")
		}
		elements, err := compile(s)
		return layout{read: elements, write: elements}, err
	}
	elements, err := compile(pattern)
	l := layout{read: elements, write: elements}
	if pattern == optionalTime && err == nil {
		out := "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"
		if strings.HasSuffix(name, "_nanos") {
			out = "yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSSXXX"
		}
		l.write, err = compile(out)
	}
	return l, err
}

// Parse reads a time. A text without a zone is in loc. What is left out of it is the
// first of its kind, or, with roundUp, the last hour, minute, second and nanosecond.
func (f *Format) Parse(s string, roundUp bool, loc *time.Location) (time.Time, error) {
	for i := range f.alts {
		if t, ok := f.alts[i].parse(s, roundUp, loc); ok {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("failed to parse date field [%s] with format [%s]", s, f.text)
}

// Text writes a time.
func (f *Format) Text(t time.Time) string { return f.alts[0].text(t) }

// Epoch says whether times are written as numbers.
func (f *Format) Epoch() bool { return f.alts[0].epoch != 0 }

func (l *layout) parse(s string, roundUp bool, loc *time.Location) (time.Time, bool) {
	if l.epoch != 0 {
		return parseEpoch(s, l.epoch)
	}
	p := parts{year: 1970, month: 1, day: 1}
	if roundUp {
		p.hour, p.minute, p.second, p.nanos = 23, 59, 59, 999_999_999
	}
	rest, ok := readAll(l.read, s, &p)
	if !ok || rest != "" {
		return time.Time{}, false
	}
	return p.time(loc)
}

func parseEpoch(s string, unit time.Duration) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n > 1<<50 || n < -1<<50 {
		return time.Time{}, false
	}
	var part float64
	if fraction != "" {
		if part, err = strconv.ParseFloat("0."+fraction, 64); err != nil {
			return time.Time{}, false
		}
	}
	nanos := time.Duration(part * float64(unit))
	if unit == time.Second {
		return time.Unix(n, int64(nanos)).UTC(), true
	}
	return time.UnixMilli(n).Add(nanos).UTC(), true
}

func (l *layout) text(t time.Time) string {
	switch l.epoch {
	case time.Millisecond:
		return strconv.FormatInt(t.UnixMilli(), 10)
	case time.Second:
		return strconv.FormatInt(t.Unix(), 10)
	}
	var b []byte
	for _, e := range l.write {
		b = e.append(b, t)
	}
	return string(b)
}

// LooksLikeDate says whether Elasticsearch's date detection takes a text for a date,
// and which. Numbers are none.
func LooksLikeDate(s string) (time.Time, bool) {
	if len(s) < 8 || len(s) > 40 || s[0] < '0' || s[0] > '9' || s[4] != '-' && s[4] != '/' {
		return time.Time{}, false
	}
	if s[4] == '-' {
		return detected.alts[0].parse(s, false, time.UTC)
	}
	for i := range slashed.alts {
		if t, ok := slashed.alts[i].parse(s, false, time.UTC); ok {
			return t, true
		}
	}
	return time.Time{}, false
}

var (
	detected = must(ParseFormat("strict_date_optional_time"))
	slashed  = must(ParseFormat("yyyy/MM/dd HH:mm:ss||yyyy/MM/dd"))
)
