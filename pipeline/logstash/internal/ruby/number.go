package ruby

import (
	"math"
	"strconv"
	"strings"
)

// ParseInt is String#to_i: the whole number that a text begins with, 0 without one.
// What does not fit into 64 bits becomes the nearest that does.
func ParseInt(s string) int64 {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	end := 0
	if end < len(s) && (s[end] == '-' || s[end] == '+') {
		end++
	}
	end = digitRun(s, end)
	n, err := strconv.ParseInt(strings.ReplaceAll(s[:end], "_", ""), 10, 64)
	if err != nil && n == 0 {
		return 0
	}
	return n
}

// ParseFloat is String#to_f: the number that a text begins with, 0 without one.
func ParseFloat(s string) float64 {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	end := 0
	if end < len(s) && (s[end] == '-' || s[end] == '+') {
		end++
	}
	end = digitRun(s, end)
	if end+1 < len(s) && s[end] == '.' && isDigit(s[end+1]) {
		end = digitRun(s, end+1)
	}
	if end > 0 && end+1 < len(s) && (s[end] == 'e' || s[end] == 'E') {
		exp := end + 1
		if s[exp] == '-' || s[exp] == '+' {
			exp++
		}
		if exp < len(s) && isDigit(s[exp]) {
			end = digitRun(s, exp)
		}
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(s[:end], "_", ""), 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0
	}
	return f
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// digitRun is where digits from i on end; single underscores may part them.
func digitRun(s string, i int) int {
	for i < len(s) && (isDigit(s[i]) || s[i] == '_' && i > 0 && isDigit(s[i-1]) && i+1 < len(s) && isDigit(s[i+1])) {
		i++
	}
	return i
}
