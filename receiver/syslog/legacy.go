package syslog

import (
	"strings"
	"time"
)

// parse3164 reads what follows the priority of a message in the form that RFC 3164
// found in the field: a time, a host and a tag, each of which may be missing. The time
// may also be as RFC 3339 has it (rsyslog's RSYSLOG_ForwardFormat), have a year, or
// fractions and a mark before it (Cisco).
func parse3164(m *message, s string, now time.Time, zone *time.Location) {
	rest, ok := takeTime(m, s, now, zone)
	if !ok {
		// Without a time there is no host: what could be one is the program.
		m.app, m.proc, m.text = takeTag(s)
		return
	}
	host, after, found := strings.Cut(rest, " ")
	if found && isHost(host) {
		m.host, rest = host, after
	}
	m.app, m.proc, m.text = takeTag(rest)
}

// isHost tells a host from a tag, which ends in a colon or has a process' number.
func isHost(s string) bool {
	return s != "" && !strings.HasSuffix(s, ":") && !strings.ContainsAny(s, "[]/()%\"=")
}

// stamps are the forms of the time, the longer before those that begin them.
var stamps = []struct {
	layout string
	year   bool
}{
	{"Jan _2 2006 15:04:05.999999999", true},
	{"Jan _2 15:04:05.999999999", false},
	{"Jan 02 15:04:05.999999999", false},
}

// longestTime is more than any form of the time takes.
const longestTime = 48

func takeTime(m *message, s string, now time.Time, zone *time.Location) (rest string, ok bool) {
	s = strings.TrimLeft(s, " ")
	if len(s) > 0 && s[0] >= '0' && s[0] <= '9' {
		word, after, _ := strings.Cut(s, " ")
		if len(word) <= longestTime {
			if t, err := time.Parse(time.RFC3339Nano, strings.TrimSuffix(word, ":")); err == nil {
				m.time, m.whole = t, t.Nanosecond() == 0
				return after, true
			}
		}
		// Cisco counts its messages: "237: *Jan  8 19:46:03.295: ".
		if digits := strings.TrimRight(word, ":"); digits != word && strings.Trim(digits, "0123456789") == "" {
			return takeTime(m, after, now, zone)
		}
		return s, false
	}
	s = strings.TrimLeft(s, ":*. ")
	end := timeEnd(s)
	if end == 0 {
		return s, false
	}
	for _, f := range stamps {
		t, err := time.ParseInLocation(f.layout, s[:end], zone)
		if err != nil {
			continue
		}
		if !f.year {
			t = nearestYear(t, now)
		}
		m.time, m.whole = t, t.Nanosecond() == 0
		return strings.TrimLeft(s[end:], ": "), true
	}
	return s, false
}

// timeEnd is where "Jan  2 [2006 ]15:04:05[.999]" ends, 0 if s does not begin so.
func timeEnd(s string) int {
	colon := strings.IndexByte(s[:min(len(s), 24)], ':')
	if len(s) < 15 || s[3] != ' ' || colon < 6 {
		return 0
	}
	end := colon + len(":04:05")
	if end > len(s) {
		return 0
	}
	if end < len(s) && s[end] == '.' {
		end++
		for end < len(s) && end < longestTime && s[end] >= '0' && s[end] <= '9' {
			end++
		}
	}
	return end
}

// nearestYear gives a time without a year the one that brings it nearest to now: at
// New Year messages of both years are under way.
func nearestYear(t, now time.Time) time.Time {
	var best time.Time
	for year := now.Year() - 1; year <= now.Year()+1; year++ {
		at := time.Date(year, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
		if at.Day() != t.Day() {
			continue // no 29 February
		}
		if best.IsZero() || at.Sub(now).Abs() < best.Sub(now).Abs() {
			best = at
		}
	}
	return best
}

// maxTag is longer than RFC 3164's 32: programs' names are.
const maxTag = 128

// takeTag reads "program[process]: text", "program: text" and what has neither.
func takeTag(s string) (app, proc, text string) {
	end := 0
	for end < len(s) && end <= maxTag && s[end] > ' ' && s[end] != ':' && s[end] != '[' {
		end++
	}
	if end == 0 || end == len(s) || end > maxTag {
		return "", "", s
	}
	app, rest := s[:end], s[end:]
	if rest[0] == '[' {
		closing := strings.IndexByte(rest[:min(len(rest), maxTag)], ']')
		if closing < 0 {
			return "", "", s
		}
		proc, rest = rest[1:closing], rest[closing+1:]
		if !strings.HasPrefix(rest, ":") {
			if proc == "" || strings.Trim(proc, "0123456789") != "" {
				return "", "", s
			}
			return app, proc, strings.TrimPrefix(rest, " ")
		}
	}
	if rest[0] != ':' {
		return "", "", s
	}
	// "http://..." and "12:30" are text.
	if rest = rest[1:]; rest != "" && rest[0] != ' ' && proc == "" {
		return "", "", s
	}
	return app, proc, strings.TrimPrefix(rest, " ")
}
