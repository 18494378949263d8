package esdate

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFormats(t *testing.T) {
	for _, c := range []struct{ format, text, want string }{
		{"strict_date_optional_time", "2015-01-01", "2015-01-01T00:00:00.000Z"},
		{"strict_date_optional_time", "2015", "2015-01-01T00:00:00.000Z"},
		{"strict_date_optional_time", "2015-01-01T12:10:30Z", "2015-01-01T12:10:30.000Z"},
		{"strict_date_optional_time", "2015-01-01T12:10:30.123456789+02:00", "2015-01-01T10:10:30.123Z"},
		{"strict_date_optional_time", "2015-01-01T12:10:30,5", "2015-01-01T12:10:30.500Z"},
		{"epoch_millis", "1422748813000", "1422748813000"},
		{"epoch_second", "1422748813", "1422748813"},
		{"yyyy|MM|dd 'T'HH:mm:ss.SSSSSS'Z'", "2015|02|01 T00:00:00.001999Z", "2015|02|01 T00:00:00.001999Z"},
		{"dd/MMM/yyyy:HH:mm:ss Z", "07/Feb/2024:10:11:12 +0000", "07/Feb/2024:10:11:12 +0000"},
		{"yyyy-MM-dd||epoch_millis", "0", "1970-01-01"},
		{"yyyy-MM-dd[ HH:mm]", "2020-02-03", "2020-02-03 00:00"},
		{"basic_date", "20240229", "20240229"},
		{"hh:mm a", "11:05 PM", "11:05 PM"},
	} {
		f, err := ParseFormat(c.format)
		require.NoError(t, err, c.format)
		at, err := f.Parse(c.text, false, time.UTC)
		require.NoError(t, err, c.text)
		require.Equal(t, c.want, f.Text(at.UTC()), c.text)
	}
	for _, c := range [][2]string{
		{"strict_date_optional_time", "2015-1-1"}, {"strict_date_optional_time", "2015-02-30"}, {"strict_date_optional_time", "yesterday"},
		{"epoch_millis", "x"}, {"yyyy-MM-dd", "2015-01-01x"}, {"strict_date_optional_time", "2015-01-01T25:00"},
	} {
		f, err := ParseFormat(c[0])
		require.NoError(t, err)
		_, err = f.Parse(c[1], false, time.UTC)
		require.ErrorContains(t, err, "failed to parse date field ["+c[1]+"]")
	}
	for _, bad := range []string{"", "yyyy'", "strict_nothing_at_all", "yyyy]", "b"} {
		_, err := ParseFormat(bad)
		require.ErrorContains(t, err, "Invalid format", bad)
	}
}

func TestMath(t *testing.T) {
	now := time.Date(2024, 3, 31, 13, 14, 15, 999_000_000, time.UTC)
	berlin, err := ParseZone("Europe/Berlin")
	require.NoError(t, err)
	for _, c := range []struct {
		text string
		up   bool
		loc  *time.Location
		want string
	}{
		{"now", false, time.UTC, "2024-03-31T13:14:15.999Z"},
		{"now-1h/d", false, time.UTC, "2024-03-31T00:00:00.000Z"},
		{"now/d", true, time.UTC, "2024-03-31T23:59:59.999Z"},
		{"now-1M", false, time.UTC, "2024-02-29T13:14:15.999Z"},
		{"now/w", false, time.UTC, "2024-03-25T00:00:00.000Z"},
		{"now/y", true, time.UTC, "2024-12-31T23:59:59.999Z"},
		{"now+1d-1s", false, time.UTC, "2024-04-01T13:14:14.999Z"},
		{"2001.5.1", false, time.UTC, ""},
		{"2001-02-01||+1M/d", false, time.UTC, "2001-03-01T00:00:00.000Z"},
		{"2001-02-01", true, time.UTC, "2001-02-01T23:59:59.999Z"},
		{"2001-02", true, time.UTC, "2001-02-01T23:59:59.999Z"},
		{"now/d", false, berlin, "2024-03-30T23:00:00.000Z"},
		{"2024-07-01T00:00:00", false, berlin, "2024-06-30T22:00:00.000Z"},
		{"now/x", false, time.UTC, ""}, {"now-", false, time.UTC, ""}, {"now*2", false, time.UTC, ""}, {"now/2d", false, time.UTC, ""},
	} {
		got, err := Default.Math(c.text, c.up, c.loc, now)
		if c.want == "" {
			require.Error(t, err, c.text)
			continue
		}
		require.NoError(t, err, c.text)
		require.Equal(t, c.want, Default.Text(got.UTC()), c.text)
	}
}

func TestRounding(t *testing.T) {
	berlin, err := ParseZone("Europe/Berlin")
	require.NoError(t, err)
	at := func(s string) int64 {
		v, err := Default.Parse(s, false, time.UTC)
		require.NoError(t, err)
		return v.UnixMilli()
	}
	day := Rounding{Unit: Day, Loc: berlin}
	key := day.Floor(at("2024-03-31T12:00:00Z"))
	require.Equal(t, at("2024-03-30T23:00:00Z"), key)
	require.Equal(t, at("2024-03-31T22:00:00Z"), day.Next(key), "a day of 23 hours")
	month := Rounding{Unit: Month, Loc: time.UTC, Offset: 86_400_000}
	require.Equal(t, at("2024-01-02T00:00:00Z"), month.Floor(at("2024-02-01T23:00:00Z")))
	fixed := Rounding{Fixed: 30 * 86_400_000, Offset: -4 * 86_400_000}
	require.EqualValues(t, 1420070400000, fixed.Floor(at("2015-01-11T12:10:30Z")))
	require.EqualValues(t, 1422662400000, fixed.Next(1420070400000))
	local := Rounding{Fixed: 86_400_000, Loc: time.FixedZone("", 3600)}
	require.Equal(t, at("2024-01-01T23:00:00Z"), local.Floor(at("2024-01-02T22:59:59Z")))
	require.EqualValues(t, -1000, Rounding{Fixed: 1000}.Floor(-1))
}

func TestZones(t *testing.T) {
	for _, s := range []string{"Z", "UTC", "+01:00", "-0330", "+5", "America/New_York"} {
		_, err := ParseZone(s)
		require.NoError(t, err, s)
	}
	for _, s := range []string{"../etc/passwd", "+99:00", "Local", "Mars/Olympus"} {
		_, err := ParseZone(s)
		require.ErrorContains(t, err, "unknown time-zone ID", s)
	}
}

func TestDetection(t *testing.T) {
	for s, want := range map[string]bool{
		"2015-01-01T12:10:30Z": true, "2015-01-01": true, "2015/01/01": true, "2015/01/01 10:00:00": true,
		"2015": false, "20150101": false, "2015-13-01": false, "1234-abcd": false, "": false, "10.0.0.1": false,
	} {
		_, ok := LooksLikeDate(s)
		require.Equal(t, want, ok, s)
	}
}

// FuzzMath reads formats, dates and date math that clients send.
func FuzzMath(f *testing.F) {
	for _, s := range [][2]string{{"strict_date_optional_time", "now-1h/d"}, {"yyyy|MM|dd 'T'HH:mm:ss.SSSSSS'Z'", "2015|02|01 T00:00:00.001999Z"},
		{"epoch_millis||yyyy[-MM]", "2001-02-01||+1M/d"}, {"dd/MMM/yyyy:HH:mm:ss Z", "07/Feb/2024:10:11:12 +0000"}} {
		f.Add(s[0], s[1], true)
	}
	f.Fuzz(func(t *testing.T, format, text string, up bool) {
		LooksLikeDate(text)
		if d, err := ParseDuration(text); err == nil && d == 0 {
			_ = d
		}
		ff, err := ParseFormat(format)
		if err != nil {
			return
		}
		at, err := ff.Math(text, up, time.UTC, time.Unix(1e9, 0))
		if err != nil {
			return
		}
		ff.Text(at)
		r := Rounding{Unit: Week, Loc: time.UTC}
		if y := at.Year(); y > 0 && y < 9999 {
			key := r.Floor(at.UnixMilli())
			require.LessOrEqual(t, key, at.UnixMilli())
			require.Greater(t, r.Next(key), at.UnixMilli())
		}
	})
}
