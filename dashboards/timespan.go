package dashboards

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	timeMath = regexp.MustCompile(`^(?:([+-])((?:\d{1,6}(?:ms|[smhdwMQy]))+)|/([smhdwMQy]))`)
	timeStep = regexp.MustCompile(`(\d+)(ms|[smhdwMQy])`)
)

// ParseTime reads a time of a dashboard: "now", "now-6h", "now-1h30m", "now-1d/d" (the start of that
// day, in UTC), milliseconds since the Unix epoch, or RFC 3339.
func ParseTime(text string, now time.Time) (time.Time, error) {
	text = strings.TrimSpace(text)
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil && ms > 0 && ms < 1<<52 {
		return time.UnixMilli(ms).UTC(), nil
	}
	rest, relative := strings.CutPrefix(text, "now")
	if !relative {
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return t, fmt.Errorf("%w: %.60q is no time: write now-6h, milliseconds or 2026-11-01T13:00:00Z", ErrBadInput, text)
		}
		return t.UTC(), nil
	}
	t := now.UTC()
	for steps := 0; rest != ""; steps++ {
		m := timeMath.FindStringSubmatch(rest)
		if m == nil || steps > 8 {
			return t, fmt.Errorf("%w: %.60q is no time: write now-6h or now-1d/d", ErrBadInput, text)
		}
		rest = rest[len(m[0]):]
		if m[3] != "" {
			t = startOf(t, m[3])
			continue
		}
		for _, step := range timeStep.FindAllStringSubmatch(m[2], 16) {
			n, _ := strconv.Atoi(step[1])
			if m[1] == "-" {
				n = -n
			}
			t = shift(t, n, step[2])
		}
	}
	return t, nil
}

func shift(t time.Time, n int, unit string) time.Time {
	switch unit {
	case "d":
		return t.AddDate(0, 0, n)
	case "w":
		return t.AddDate(0, 0, 7*n)
	case "M":
		return t.AddDate(0, n, 0)
	case "Q":
		return t.AddDate(0, 3*n, 0)
	case "y":
		return t.AddDate(n, 0, 0)
	}
	return t.Add(time.Duration(n) * map[string]time.Duration{"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour}[unit])
}

// startOf is the beginning of the minute, hour, day... that t is in; weeks begin on Monday.
func startOf(t time.Time, unit string) time.Time {
	year, month, day := t.Date()
	date := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	switch unit {
	case "d":
		return date(year, month, day)
	case "w":
		return date(year, month, day-(int(t.Weekday())+6)%7)
	case "M":
		return date(year, month, 1)
	case "Q":
		return date(year, (month-1)/3*3+1, 1)
	case "y":
		return date(year, time.January, 1)
	}
	return t.Truncate(map[string]time.Duration{"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour}[unit])
}

// LookBack is how much further back than the page's time a dashboard's panels look, by
// their own ranges, shifts and comparisons with an earlier time.
func LookBack(d *Document) time.Duration {
	var longest time.Duration
	now := time.Unix(0, 0)
	for _, p := range allPanels(d.tree) {
		var sum time.Duration
		for _, key := range []string{"timeFrom", "timeShift", "timeCompare"} {
			if key == "timeCompare" && text(p, key) == "__previousPeriod" {
				sum += ownSpan(d, now)
				continue
			}
			own := strings.TrimPrefix(strings.TrimPrefix(text(p, key), "now"), "-")
			if t, err := ParseTime("now-"+own, now); err == nil && own != "" {
				sum += now.Sub(t)
			}
		}
		longest = max(longest, sum)
	}
	return longest
}

// ownSpan is how long the time is that the dashboard itself asks for; nothing when that
// cannot be read.
func ownSpan(d *Document, now time.Time) time.Duration {
	own := child(d.tree, "time")
	from, errFrom := ParseTime(text(own, "from"), now)
	to, errTo := ParseTime(text(own, "to"), now)
	if errFrom != nil || errTo != nil {
		return 0
	}
	return max(0, to.Sub(from))
}
