package rowstore

import (
	"fmt"
	"time"
)

// timeParser reads the engine's times (2006-01-02T15:04:05.999999999Z). Rows of
// a block are near each other in time, so it remembers the last minute.
type timeParser struct {
	minute string // "2006-01-02T15:04"
	base   int64  // its begin in nanoseconds
}

const minuteLen = len("2006-01-02T15:04")

func (p *timeParser) parse(s string) (int64, error) {
	if len(s) < minuteLen+len(":05Z") || s[len(s)-1] != 'Z' {
		return 0, fmt.Errorf("BUG: engine's time %q", s)
	}
	if s[:minuteLen] != p.minute {
		t, err := time.Parse("2006-01-02T15:04", s[:minuteLen])
		if err != nil {
			return 0, fmt.Errorf("BUG: engine's time %q: %w", s, err)
		}
		p.minute, p.base = t.Format("2006-01-02T15:04"), t.UnixNano()
	}
	// ":05.999999999Z", the fraction with one to nine digits or none.
	sec := int64(s[minuteLen+1]-'0')*10 + int64(s[minuteLen+2]-'0')
	var frac int64
	if digits := s[minuteLen+3 : len(s)-1]; digits != "" {
		for i := 1; i < 10; i++ {
			frac *= 10
			if i < len(digits) {
				frac += int64(digits[i] - '0')
			}
		}
	}
	return p.base + sec*int64(time.Second) + frac, nil
}
