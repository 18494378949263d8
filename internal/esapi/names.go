package esapi

import (
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// maxName is the longest name of an index in bytes.
const maxName = 255

// CheckName says what is wrong with the name of an index, a data stream or an alias,
// in Elasticsearch's words; nil if it may be one.
func CheckName(name string) *Error {
	bad := func(why string) *Error {
		return &Error{Status: http.StatusBadRequest, Type: "invalid_index_name_exception",
			Reason: "Invalid index name [" + clip(name) + "], " + why, Index: clip(name)}
	}
	switch {
	case name == "":
		return bad("must not be empty")
	case len(name) > maxName:
		return bad("index name is too long, (" + strconv.Itoa(len(name)) + " > 255)")
	case name == "." || name == "..":
		return bad("must not be '.' or '..'")
	case strings.ContainsAny(name, `\/*?"<>| ,`) || strings.ContainsFunc(name, unicode.IsControl):
		return bad(`must not contain the following characters ['\','/','*','?','"','<','>','|',' ',',']`)
	case strings.ContainsAny(name, "#:"):
		return bad("must not contain '#' or ':'")
	case name[0] == '_' || name[0] == '-' || name[0] == '+':
		return bad("must not start with '_', '-', or '+'")
	case strings.ToLower(name) != name:
		return bad("must be lowercase")
	}
	return nil
}

func clip(s string) string {
	if len(s) > maxName {
		return strings.ToValidUTF8(s[:maxName], "") + "..."
	}
	return s
}

// Match says whether name matches a pattern in which * stands for any text.
func Match(pattern, name string) bool {
	first, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == name
	}
	name, ok := strings.CutPrefix(name, first)
	if !ok {
		return false
	}
	for {
		part, more, again := strings.Cut(rest, "*")
		if !again {
			return strings.HasSuffix(name, part)
		}
		at := strings.Index(name, part)
		if at < 0 {
			return false
		}
		name, rest = name[at+len(part):], more
	}
}

// Expand returns the comma-separated patterns of a path as a test: _all and * mean
// everything, -pattern takes away.
func Expand(expression string) func(name string) bool {
	parts := strings.Split(expression, ",")
	return func(name string) bool {
		matched := false
		for i, p := range parts {
			switch {
			case p == "_all":
				matched = true
			case i > 0 && strings.HasPrefix(p, "-"):
				matched = matched && !Match(p[1:], name)
			default:
				matched = matched || Match(p, name)
			}
		}
		return matched
	}
}

// IsPattern says whether an expression may name several indices.
func IsPattern(expression string) bool {
	return expression == "" || expression == "_all" || strings.ContainsAny(expression, "*,")
}

// ResolveDateMath returns the concrete name that <static-{now/d{yyyy.MM.dd}}> stands
// for at now; other names come back as they are. Of date math {now}, {now/d}, {now/M},
// {now/y}, {now/H} and formats of y, M, d and H are known; ok is false for the rest.
func ResolveDateMath(name string, now time.Time) (_ string, ok bool) {
	if !strings.HasPrefix(name, "<") || !strings.HasSuffix(name, ">") {
		return name, true
	}
	var out strings.Builder
	rest := name[1 : len(name)-1]
	for {
		static, expr, found := strings.Cut(rest, "{")
		out.WriteString(static)
		if !found {
			return out.String(), true
		}
		math, after, closed := strings.Cut(expr, "}")
		if math, format, has := strings.Cut(math, "{"); has {
			if !strings.HasPrefix(after, "}") {
				return "", false
			}
			after = after[1:]
			if !writeDate(&out, math, format, now) {
				return "", false
			}
		} else if !closed || !writeDate(&out, math, "yyyy.MM.dd", now) {
			return "", false
		}
		rest = after
	}
}

func writeDate(out *strings.Builder, math, format string, now time.Time) bool {
	switch math {
	case "now", "now/d", "now/M", "now/y", "now/H":
	default:
		return false
	}
	now = now.UTC()
	day, hour := now.Day(), now.Hour()
	if math == "now/M" || math == "now/y" {
		day = 1
	}
	month := now.Month()
	if math == "now/y" {
		month = time.January
	}
	if math != "now" && math != "now/H" {
		hour = 0
	}
	at := time.Date(now.Year(), month, day, hour, 0, 0, 0, time.UTC)
	layout := strings.NewReplacer("yyyy", "2006", "YYYY", "2006", "uuuu", "2006", "MM", "01", "dd", "02", "HH", "15").Replace(format)
	if strings.ContainsFunc(layout, unicode.IsLetter) {
		return false
	}
	out.WriteString(at.Format(layout))
	return true
}
