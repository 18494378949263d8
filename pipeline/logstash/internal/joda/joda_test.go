package joda

import (
	"testing"
	"time"
)

var now = time.Date(2024, 6, 15, 12, 0, 0, 0, time.UTC)

func mustZone(t testing.TB, id string) *time.Location {
	t.Helper()
	l, ok := Zone(id)
	if !ok {
		t.Fatalf("there is no zone %s", id)
	}
	return l
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct{ pattern, locale, zone, in, want string }{
		{"dd/MMM/yyyy:HH:mm:ss Z", "", "UTC", "24/Feb/2015:23:13:42 +0100", "2015-02-24T22:13:42.000Z"},
		{"MMM dd HH:mm:ss Z", "", "UTC", "Nov 24 01:29:01 -0800", "2024-11-24T09:29:01.000Z"},
		{"yyyy MMM dd HH:mm:ss", "", "America/Los_Angeles", "2013 Jun 24 01:29:01", "2013-06-24T08:29:01.000Z"},
		{"MMM  d HH:mm:ss", "", "UTC", "Mar  6 00:01:25", "2024-03-06T00:01:25.000Z"},
		{"yyyy-MM-dd'T'HH:mm:ss.SSSZZ", "", "UTC", "2001-12-07T23:54:54.123+05:30", "2001-12-07T18:24:54.123Z"},
		{"yyyyMMddHHmmssSSS", "", "UTC", "20010102030405006", "2001-01-02T03:04:05.006Z"},
		{"yyyy-MM-dd HH:mm:ss.SSSSSS", "", "UTC", "2001-01-02 03:04:05.123987", "2001-01-02T03:04:05.123Z"},
		{"yy/MM/dd", "", "UTC", "99/01/02", "1999-01-02T00:00:00.000Z"},
		{"yy/MM/dd", "", "UTC", "43/01/02", "2043-01-02T00:00:00.000Z"},
		{"yyMMdd", "", "UTC", "450102", "1945-01-02T00:00:00.000Z"},
		{"EEE MMM dd HH:mm:ss yyyy", "", "UTC", "Sun Feb 01 10:11:12 2015", "2015-02-01T10:11:12.000Z"},
		{"EEEE, d MMMM yyyy h:mm a", "", "UTC", "monday, 2 february 2015 12:05 am", "2015-02-02T00:05:00.000Z"},
		{"d MMMM yyyy", "fr", "UTC", "14 juillet 2020", "2020-07-14T00:00:00.000Z"},
		{"dd.MMM.yyyy", "de-DE", "UTC", "03.Mrz.2020", "2020-03-03T00:00:00.000Z"},
		{"d 'de' MMMM 'de' yyyy", "es", "UTC", "5 de enero de 2020", "2020-01-05T00:00:00.000Z"},
		{"d MMMM yyyy", "ru", "UTC", "9 мая 2020", "2020-05-09T00:00:00.000Z"},
		{"yyyy-DDD", "", "UTC", "2024-366", "2024-12-31T00:00:00.000Z"},
		{"xxxx-'W'ww-e", "", "UTC", "2024-W01-2", "2024-01-02T00:00:00.000Z"},
		{"yyyy-MM-dd HH:mm:ss ZZZ", "", "UTC", "2020-07-01 10:00:00 Europe/Berlin", "2020-07-01T08:00:00.000Z"},
		{"yyyy-MM-dd HH:mm z", "", "UTC", "2020-07-01 10:00 PST", "2020-07-01T17:00:00.000Z"},
		{"HH 'o''clock' yyyy", "", "UTC", "05 o'clock 2020", "2020-01-01T05:00:00.000Z"},
		{"yyyy-MM-dd kk:mm", "", "UTC", "2020-01-01 24:10", "2020-01-01T00:10:00.000Z"},
		{"yyyy-MM-dd HH:mm", "", "Europe/Berlin", "2020-10-25 02:30", "2020-10-25T00:30:00.000Z"}, // shown twice: the earlier
		{"yyyy-MM-dd HH:mm", "", "America/New_York", "2020-11-01 01:30", "2020-11-01T05:30:00.000Z"},
	} {
		p, err := Compile(c.pattern, c.locale)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		got, err := p.Time(c.in, mustZone(t, c.zone), now)
		if s := got.UTC().Format("2006-01-02T15:04:05.000Z"); err != nil || s != c.want {
			t.Errorf("%s on %q: %s, %v, want %s", c.pattern, c.in, s, err, c.want)
		}
	}
	for pattern, in := range map[string]string{
		"yyyy-MM-dd": "2021-02-29", "yyyy/MM/dd": "2013/Apr/21", "MMM dd": "Foo 12", "HH:mm": "24:00", "HH:mm ": "10:00",
		"yyyy": "2020 ", "dd MMM yyyy": "01 jAn 2020", "yyyy-MM-dd HH:mm Z": "2020-01-01 00:00 0100",
	} {
		p, err := Compile(pattern, "")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.Time(in, time.UTC, now); err == nil {
			t.Errorf("%s takes %q for %v", pattern, in, got)
		}
	}
	berlin, err := Compile("yyyy-MM-dd HH:mm", "")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := berlin.Time("2020-03-29 02:30", mustZone(t, "Europe/Berlin"), now); err == nil {
		t.Errorf("a time that clocks skip is %v", got)
	}
	if _, err := Compile("yyyy-MM-ddTHH", ""); err == nil {
		t.Error("an unquoted T is taken")
	}
}

func TestYearIsGuessed(t *testing.T) {
	p, err := Compile("MMM dd HH:mm:ss", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		now, in string
		year    int
	}{
		{"2014-01-01", "Dec 31 23:59:00", 2013},
		{"2013-12-31", "Jan 01 01:00:00", 2014},
		{"2013-11-30", "Dec 31 23:59:00", 2013},
		{"2013-12-31", "Dec 31 23:59:00", 2013},
	} {
		at, err := time.Parse(time.DateOnly, c.now)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Time(c.in, time.UTC, at)
		if err != nil || got.Year() != c.year {
			t.Errorf("%q read on %s is %v, %v; want the year %d", c.in, c.now, got, err, c.year)
		}
	}
}

func TestISO8601(t *testing.T) {
	for in, want := range map[string]string{
		"2001-01-01T00:00:00-0800":      "2001-01-01T08:00:00.000Z",
		"2004-07-04T12:27:27-00:00":     "2004-07-04T12:27:27.000Z",
		"2001-12-07T23:54:54Z":          "2001-12-07T23:54:54.000Z",
		"2001-12-07T23:54:54,123Z":      "2001-12-07T23:54:54.123Z",
		"2001-11-06 20:45:45.123-0000":  "2001-11-06T20:45:45.123Z",
		"2001-12-07 23:54:54.123Z":      "2001-12-07T23:54:54.123Z",
		"2001-11-06 20:45:45,123":       "2001-11-06T20:45:45.123Z",
		"2001-11-06":                    "2001-11-06T00:00:00.000Z",
		"2001":                          "2001-01-01T00:00:00.000Z",
		"2001-310":                      "2001-11-06T00:00:00.000Z",
		"2001-W45-2":                    "2001-11-06T00:00:00.000Z",
		"2001-11-06T20":                 "2001-11-06T20:00:00.000Z",
		"2001-11-06T20:45.5":            "2001-11-06T20:45:30.000Z",
		"2001-11-06T20:45:45.123456789": "2001-11-06T20:45:45.123Z",
		"2001-11-06T20:45:45+01":        "2001-11-06T19:45:45.000Z",
	} {
		got, err := ISO8601(in, time.UTC)
		if s := got.UTC().Format("2006-01-02T15:04:05.000Z"); err != nil || s != want {
			t.Errorf("%q: %s, %v, want %s", in, s, err, want)
		}
	}
	for _, bad := range []string{"", "x", "2001-11-06 20:45:45", "2001-13-01", "2001-11-06T25:00:00", "2001-11-06T20:45:45 Z", "2001-11-06x"} {
		if got, err := ISO8601(bad, time.UTC); err == nil {
			t.Errorf("%q is taken for %v", bad, got)
		}
	}
}

func FuzzPattern(f *testing.F) {
	f.Add("dd/MMM/yyyy:HH:mm:ss Z", "24/Feb/2015:23:13:42 +0100", "en")
	f.Add("EEEE d 'x' MMMM yy ZZZ", "Monday 2 x March 20 Europe/Paris", "fr")
	f.Add("xxxx-'W'ww-e G a z", "2024-W01-2 AD PM EST", "de")
	f.Fuzz(func(t *testing.T, pattern, in, locale string) {
		_, _ = ISO8601(in, time.UTC)
		p, err := Compile(pattern, locale)
		if err != nil {
			return
		}
		_, _ = p.Time(in, time.UTC, now)
	})
}

func BenchmarkISO8601(b *testing.B) {
	for b.Loop() {
		if _, err := ISO8601("2024-05-01T12:00:00.123+02:00", time.UTC); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkApache(b *testing.B) {
	p, err := Compile("dd/MMM/yyyy:HH:mm:ss Z", "")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := p.Time("24/Feb/2015:23:13:42 +0100", time.UTC, now); err != nil {
			b.Fatal(err)
		}
	}
}
