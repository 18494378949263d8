package dashfeed

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/pharosd/pharos/logs/logql"
)

// stream is log lines under one set of labels.
type stream struct {
	labels map[string]string
	line   func(n int) string
}

// logql notes the streams that a query selects and lines that pass its stages.
func (f *Feed) logql(query string) {
	if strings.TrimSpace(query) == "" {
		return
	}
	for _, reading := range f.asks.Values.Readings(query) {
		expr, err := logql.Parse(reading)
		if err != nil {
			continue
		}
		for _, e := range logSelections(expr) {
			f.streams = append(f.streams, f.stream(e))
		}
		return
	}
	f.Unread = append(f.Unread, query)
}

// selection is a selector with its stages, and the label that is read as a number.
type selection struct {
	log    *logql.LogExpr
	unwrap string
	labels []string
}

func logSelections(e logql.Expr) []selection {
	switch e := e.(type) {
	case *logql.LogExpr:
		return []selection{{log: e}}
	case *logql.RangeAggregation:
		s := selection{log: e.Range.Log}
		if e.Range.Unwrap != nil {
			s.unwrap = e.Range.Unwrap.Label
		}
		if e.Grouping != nil {
			s.labels = e.Grouping.Labels
		}
		return []selection{s}
	case *logql.VectorAggregation:
		out := logSelections(e.Expr)
		if !e.Grouping.Without {
			for i := range out {
				out[i].labels = append(out[i].labels, e.Grouping.Labels...)
			}
		}
		return out
	case *logql.BinaryOp:
		return append(logSelections(e.Left), logSelections(e.Right)...)
	case *logql.LabelReplace:
		return logSelections(e.Expr)
	}
	return nil
}

func (f *Feed) stream(s selection) stream {
	w := &walk{feed: f}
	ls := map[string]string{}
	for _, m := range s.log.Matchers {
		if values := w.wanted(m); len(values) > 0 {
			ls[m.Name] = values[0]
		}
	}
	if len(ls) == 0 {
		ls["job"] = f.value("job")
	}
	fields := map[string]any{"level": "error", "msg": "request served"}
	for _, l := range s.labels {
		if _, ok := ls[l]; !ok {
			fields[l] = f.value(l)
		}
	}
	for _, m := range labelFilters.FindAllStringSubmatch(s.log.String(), -1) {
		if _, ok := ls[m[1]]; !ok && m[1] != "__error__" {
			fields[m[1]] = fieldValue(m[2], m[3])
		}
	}
	var needed []string
	for _, st := range s.log.Stages {
		if filter, ok := st.(*logql.LineFilter); ok {
			needed = append(needed, lineText(filter))
		}
	}
	text := s.log.String()
	line := func(n int) string {
		one := map[string]any{}
		for k, v := range fields {
			one[k] = v
		}
		one["msg"] = strings.TrimSpace(fmt.Sprint(fields["msg"], " ", strings.Join(needed, " ")))
		if s.unwrap != "" {
			one[s.unwrap] = fmt.Sprint(10 + n%7)
		}
		return format(text, one)
	}
	return stream{labels: ls, line: line}
}

// labelFilters are conditions on labels after a parser, as the canonical text has them.
var labelFilters = regexp.MustCompile(`\| \(*([a-zA-Z_]\w*)\s*(=~|!=|!~|==|=|>=|<=|>|<)\s*("(?:[^"\\]|\\.)*"|[\w.]+)`)

func fieldValue(op, value string) string {
	v := strings.Trim(value, `"`)
	switch op {
	case "=", "==", ">=", "<=":
		return v
	case "=~":
		return sample("^(?:"+v+")$", v)
	case ">":
		return v + "1"
	case "<":
		return "0"
	}
	return "other"
}

// lineText is a text that a line filter lets pass, "" for one that excludes.
func lineText(filter *logql.LineFilter) string {
	text := filter.String()
	value := ""
	if at := strings.IndexAny(text, "\"`"); at >= 0 {
		value = strings.Trim(text[at:], "\"`")
	}
	switch {
	case strings.HasPrefix(text, "|="):
		return strings.ReplaceAll(value, `\"`, `"`)
	case strings.HasPrefix(text, "|~"):
		return sample(value, "")
	}
	return ""
}

// format writes fields as the query's parser reads them.
func format(query string, fields map[string]any) string {
	switch {
	case strings.Contains(query, "| regexp "):
		_, pattern, _ := strings.Cut(query, "| regexp ")
		return sample(strings.Trim(firstQuoted(pattern), "\"`"), fmt.Sprint(fields["msg"]))
	case strings.Contains(query, "| pattern "):
		_, pattern, _ := strings.Cut(query, "| pattern ")
		return captures.ReplaceAllStringFunc(strings.Trim(firstQuoted(pattern), "\"`"), func(name string) string {
			if v, ok := fields[strings.Trim(name, "<>")]; ok {
				return fmt.Sprint(v)
			}
			return "1"
		})
	case strings.Contains(query, "| logfmt"):
		var b strings.Builder
		for k, v := range fields {
			fmt.Fprintf(&b, "%s=%q ", k, fmt.Sprint(v))
		}
		return strings.TrimSpace(b.String())
	}
	out, err := json.Marshal(fields)
	if err != nil {
		return fmt.Sprint(fields["msg"])
	}
	return string(out)
}

var captures = regexp.MustCompile(`<\w*>`)

// firstQuoted is the quoted text that a text begins with.
func firstQuoted(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	if end := strings.IndexByte(s[1:], s[0]); end >= 0 {
		return s[:end+2]
	}
	return s
}
