// Package explain says in words what a PromQL or LogQL query does, part by part, and
// warns of what is usually a mistake. It walks the parse tree: nothing is evaluated.
package explain

import (
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// MaxQuery bounds the text that is explained, in bytes.
const MaxQuery = 16 << 10

// maxParts bounds the parts of an explanation.
const maxParts = 500

// Part is a part of a query and what it does. From and To are byte offsets in the
// query, both 0 if they are not known.
type Part struct {
	Text  string `json:"text"`
	From  int    `json:"from"`
	To    int    `json:"to"`
	Words string `json:"words"`
	Depth int    `json:"depth"`
}

// Warning is what is usually a mistake.
type Warning struct {
	// Code is stable: "rate_of_gauge".
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Text    string `json:"text,omitempty"`
}

// Explanation is a query in words.
type Explanation struct {
	// Summary is the whole in one sentence.
	Summary string `json:"summary"`
	// Parts are in the order of evaluation, the innermost first.
	Parts    []Part    `json:"parts"`
	Warnings []Warning `json:"warnings"`
}

// Error is a query that does not parse; Line and Column count from 1, 0 if unknown.
type Error struct {
	Message      string
	Hint         string
	Line, Column int
}

func (e *Error) Error() string { return e.Message }

// Metric is what is known of a metric name.
type Metric struct {
	// Type is Prometheus': counter, gauge, histogram, summary; "" if unknown.
	Type string
	Help string
	// Series is how many series it has, 0 if unknown.
	Series int
}

// Lookup tells of a metric name; it must be fast. It may be nil.
type Lookup func(name string) Metric

// span is a duration in words: "5 minutes", "1h30m".
func span(d time.Duration) string {
	if d < 0 {
		return "-" + span(-d)
	}
	for _, u := range []struct {
		size time.Duration
		name string
	}{{7 * 24 * time.Hour, "week"}, {24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if d >= u.size && d%u.size == 0 {
			if n := int64(d / u.size); n == 1 {
				return "1 " + u.name
			} else {
				return fmt.Sprintf("%d %ss", n, u.name)
			}
		}
	}
	return model.Duration(d).String()
}

// list is "a, b and c".
func list(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:len(items)-1], ", ") + " and " + items[len(items)-1]
}

func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// clip shortens a text for a message.
func clip(s string) string {
	const most = 120
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
