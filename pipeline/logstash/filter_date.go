package logstash

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash/internal/joda"
)

// dateFilter reads a time from a field, by the first of several forms that fits.
type dateFilter struct {
	source   Ref
	target   Ref
	forms    []dateForm
	zone     *time.Location
	dynamic  *Template // the zone when it comes from the event
	failTags []string
	now      func() time.Time
}

// dateForm reads one form of a time from a value of any type.
type dateForm func(v any, loc *time.Location, now time.Time) (time.Time, bool)

func newDate(s *Settings, env *Env) (any, error) {
	f := &dateFilter{
		target:   s.Ref("target", timestampField),
		failTags: stringsOr(s, "tag_on_failure", "_dateparsefailure"),
		zone:     time.Local,
		now:      env.Now,
	}
	locale := s.String("locale", "en")
	if !joda.Known(locale) {
		s.Errorf("locale", "the names of months and days of %q are not known; known are %s", locale, strings.Join(joda.Locales(), ", "))
	}
	f.timezone(s)
	match := s.Strings("match")
	if len(match) < 2 {
		s.Errorf("match", `write a field and at least one form: match => ["timestamp", "ISO8601"]`)
		return Func(f.filter), nil
	}
	f.source = s.ref("match", match[0])
	for _, form := range match[1:] {
		f.forms = append(f.forms, newDateForm(s, form, locale))
	}
	return Func(f.filter), nil
}

func (f *dateFilter) timezone(s *Settings) {
	id := s.String("timezone", "")
	switch {
	case id == "":
	case strings.Contains(id, "%{"):
		f.dynamic = s.Template("timezone", "")
	default:
		zone, ok := joda.Zone(id)
		if !ok {
			s.Errorf("timezone", "there is no zone %q; zones are written as Europe/Paris, UTC or +02:00", id)
			return
		}
		f.zone = zone
	}
}

func newDateForm(s *Settings, form, locale string) dateForm {
	switch form {
	case "ISO8601":
		return func(v any, loc *time.Location, _ time.Time) (time.Time, bool) {
			text, ok := v.(string)
			if !ok {
				return time.Time{}, false
			}
			t, err := joda.ISO8601(text, loc)
			return t, err == nil
		}
	case "UNIX":
		return unixSeconds
	case "UNIX_MS":
		return unixMillis
	case "TAI64N":
		return tai64n
	}
	p, err := joda.Compile(form, locale)
	if err != nil {
		s.Errorf("match", "%q: %v", form, err)
		return nil
	}
	return func(v any, loc *time.Location, now time.Time) (time.Time, bool) {
		text, ok := v.(string)
		if !ok {
			return time.Time{}, false
		}
		t, err := p.Time(text, loc, now)
		return t, err == nil
	}
}

func (f *dateFilter) filter(e *pipeline.Event) bool {
	v, ok := f.source.Get(e)
	if !ok || v == nil {
		return false
	}
	loc, ok := f.location(e)
	if ok {
		for _, form := range f.forms {
			if t, ok := form(v, loc, f.now()); ok {
				return f.target.Set(e, t.UTC())
			}
		}
	}
	for _, tag := range f.failTags {
		Tag(e, tag)
	}
	return false
}

func (f *dateFilter) location(e *pipeline.Event) (*time.Location, bool) {
	if f.dynamic == nil {
		return f.zone, true
	}
	return joda.Zone(f.dynamic.Expand(e))
}

// maxUnix is the last second of UNIX, as in Logstash: what is larger is milliseconds.
const maxUnix = math.MaxInt32

func unixSeconds(v any, _ *time.Location, _ time.Time) (time.Time, bool) {
	switch v := v.(type) {
	case int64:
		return time.Unix(v, 0), v <= maxUnix
	case float64:
		if !(math.Abs(v) <= maxUnix) {
			return time.Time{}, false
		}
		return time.UnixMilli(int64(v * 1000)), true
	case string:
		whole, fraction, hasPoint := strings.Cut(v, ".")
		seconds, err := strconv.ParseInt(whole, 10, 64)
		if err != nil || seconds > maxUnix {
			return time.Time{}, false
		}
		if !hasPoint {
			return time.Unix(seconds, 0), true
		}
		milli, err := strconv.ParseUint((fraction + "000")[:3], 10, 16)
		return time.UnixMilli(seconds*1000 + int64(milli)), err == nil && fraction != ""
	}
	return time.Time{}, false
}

func unixMillis(v any, _ *time.Location, _ time.Time) (time.Time, bool) {
	switch v := v.(type) {
	case int64:
		return time.UnixMilli(v), true
	case float64:
		return time.UnixMilli(int64(v)), math.Abs(v) < 1<<53
	case string:
		ms, err := strconv.ParseInt(v, 10, 64)
		return time.UnixMilli(ms), err == nil
	}
	return time.Time{}, false
}

// tai64n reads 16 hexadecimal digits of seconds and 8 of nanoseconds behind an optional
// @. Like Logstash it takes TAI to be ten seconds ahead of UTC.
func tai64n(v any, _ *time.Location, _ time.Time) (time.Time, bool) {
	text, ok := v.(string)
	if text = strings.TrimPrefix(text, "@"); !ok || len(text) < 24 {
		return time.Time{}, false
	}
	seconds, err := strconv.ParseUint(text[:16], 16, 64)
	if err != nil {
		return time.Time{}, false
	}
	nanos, err := strconv.ParseUint(text[16:24], 16, 32)
	if err != nil {
		return time.Time{}, false
	}
	t := time.Unix(int64(seconds&(1<<62-1))-10, int64(nanos)).Truncate(time.Millisecond)
	return t, true
}
