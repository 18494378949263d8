package explain

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/logs/logql"
)

// LogQL explains a LogQL query. The error is an *Error.
func LogQL(query string) (Explanation, error) {
	if len(query) > MaxQuery {
		return Explanation{}, &Error{Message: fmt.Sprintf("the query has %d bytes, at most %d are explained", len(query), MaxQuery)}
	}
	x, err := logql.Parse(query)
	if err != nil {
		return Explanation{}, logqlError(err)
	}
	w := &logWalk{out: Explanation{Parts: []Part{}, Warnings: []Warning{}}}
	w.out.Summary = sentence(w.expr(x))
	slices.SortStableFunc(w.out.Warnings, func(a, b Warning) int { return strings.Compare(a.Code, b.Code) })
	return w.out, nil
}

func logqlError(err error) *Error {
	out := &Error{Message: err.Error()}
	var parse *logql.ParseError
	if errors.As(err, &parse) {
		out.Message, out.Line, out.Column = parse.Msg, parse.Line, parse.Col
	}
	switch m := out.Message; {
	case strings.Contains(m, "at least one regexp or equality matcher"):
		out.Hint = "the selector needs one value that is not empty, such as {service_name=~\".+\"}"
	case strings.Contains(m, "unexpected $end"), strings.Contains(m, "unexpected end"):
		out.Hint = "something is open at the end: a parenthesis, a brace, a quote or a range such as [5m]"
	case strings.Contains(m, "unexpected IDENTIFIER"), strings.Contains(m, "unexpected STRING"):
		out.Hint = "a query begins with a selector {...}; stages follow with |, text filters with |= or !="
	}
	return out
}

type logWalk struct {
	out   Explanation
	depth int
}

func (w *logWalk) warn(v Warning) {
	if !slices.ContainsFunc(w.out.Warnings, func(o Warning) bool { return o.Code == v.Code && o.Text == v.Text }) {
		w.out.Warnings = append(w.out.Warnings, v)
	}
}

func (w *logWalk) part(text, words string) {
	if len(w.out.Parts) < maxParts {
		w.out.Parts = append(w.out.Parts, Part{Text: clip(text), Words: words, Depth: w.depth})
	}
}

// expr explains x and what is below it; it returns x as a noun phrase.
func (w *logWalk) expr(x logql.Expr) string {
	w.depth++
	words, noun := w.describe(x)
	w.depth--
	if words != "" {
		w.part(x.String(), words)
	}
	return noun
}

func (w *logWalk) describe(x logql.Expr) (words, noun string) {
	switch x := x.(type) {
	case *logql.LogExpr:
		return "", w.pipeline(x, false)
	case *logql.RangeAggregation:
		return w.rangeAggregation(x)
	case *logql.VectorAggregation:
		return w.vectorAggregation(x)
	case *logql.BinaryOp:
		l, r := w.expr(x.Left), w.expr(x.Right)
		return w.binary(x, l, r)
	case *logql.LabelReplace:
		inner := w.expr(x.Expr)
		return "writes the label " + x.Dst + " made from " + x.Src + " by a regular expression; values stay", inner + ", with " + x.Dst + " rewritten"
	case *logql.Literal:
		n := strconv.FormatFloat(x.Value, 'g', -1, 64)
		return "the number " + n, n
	case *logql.VectorLiteral:
		n := strconv.FormatFloat(x.Value, 'g', -1, 64)
		return "the number " + n + " as a series without labels", n
	case *logql.Variants:
		for _, v := range x.Variants {
			w.expr(v)
		}
		return "several aggregations of the same lines, read once", "variants of the lines of " + x.Of.Log.String()
	}
	return x.String(), x.String()
}

// pipeline explains a log query stage by stage; metric says that numbers are made of it.
func (w *logWalk) pipeline(x *logql.LogExpr, metric bool) string {
	matchers := conditions(x.Matchers)
	w.part(selectorText(x.Matchers), "the lines of the streams where "+matchers)
	warnMatchers(x.Matchers, w.warn)
	if !slices.ContainsFunc(x.Matchers, func(m *labels.Matcher) bool {
		return m.Type == labels.MatchEqual && m.Value != "" || m.Type == labels.MatchRegexp && m.Value != ".+" && m.Value != ".*"
	}) {
		w.warn(Warning{"selects_everything", "no stream is chosen: the lines of all streams are read", "name a service, an app or a job in the selector", selectorText(x.Matchers)})
	}
	noun := "the lines where " + matchers
	parsed, errors := "", false
	for _, s := range x.Stages {
		words, more := w.stage(s, parsed)
		w.part(s.String(), words)
		noun += more
		switch s := s.(type) {
		case *logql.JSONStage, *logql.LogfmtStage, *logql.RegexpStage, *logql.PatternStage, *logql.UnpackStage:
			parsed = strings.Fields(strings.TrimPrefix(s.String(), "|"))[0]
		case *logql.LabelFilterStage:
			errors = errors || strings.Contains(s.String(), "__error__")
		}
	}
	if metric && (parsed == "json" || parsed == "logfmt" && strings.Contains(x.String(), "--strict")) && !errors {
		w.warn(Warning{"errors_not_filtered", "a line that is no " + parsed + " fails the whole query", "add | __error__=\"\" after the parser", ""})
	}
	return noun
}

func selectorText(ms []*labels.Matcher) string {
	texts := make([]string, len(ms))
	for i, m := range ms {
		texts[i] = m.String()
	}
	return "{" + strings.Join(texts, ", ") + "}"
}

// stage says what a stage does, and what it adds to the whole's noun phrase. parsed is
// the parser before it, "" if there is none.
func (w *logWalk) stage(s logql.StageExpr, parsed string) (words, noun string) {
	switch s := s.(type) {
	case *logql.LineFilter:
		return w.lineFilter(s, parsed)
	case *logql.LabelFilterStage:
		text := strings.TrimSpace(strings.TrimPrefix(s.String(), "|"))
		if strings.Contains(text, "__error__") {
			return "chooses by whether the stages before failed: " + text, ""
		}
		return "keeps the lines where " + readable(text), ", where " + readable(text)
	case *logql.JSONStage:
		if len(s.Labels) > 0 {
			return "reads the named fields of JSON lines into labels", ""
		}
		return "reads all fields of JSON lines into labels (a.b becomes a_b; arrays are left out)", ""
	case *logql.LogfmtStage:
		return "reads key=value pairs of the line into labels", ""
	case *logql.RegexpStage:
		return "reads the named groups of a regular expression into labels", ""
	case *logql.PatternStage:
		return "reads what stands at <names> of the pattern into labels", ""
	case *logql.UnpackStage:
		return "unpacks lines that Promtail's pack stage made: labels and the original line", ""
	case *logql.DecolorizeStage:
		return "removes colour codes from the line", ""
	case *logql.LineFormatStage:
		return "writes the line anew from the template", ", rewritten"
	case *logql.LabelFormatStage:
		return "renames labels or makes them from templates", ""
	case *logql.DropStage:
		return "drops these labels", ""
	case *logql.KeepStage:
		return "keeps only these labels", ""
	}
	return s.String(), ""
}

// readable writes a label filter's operators in words.
func readable(text string) string {
	return strings.NewReplacer(" , ", " and ", "=~", " matches ", "!~", " does not match ", "!=", " is not ", ">=", " ≥ ", "<=", " ≤ ", "==", " is ", "=", " is ", ">", " > ", "<", " < ").Replace(text)
}

var lineOperators = map[string]string{
	"|=": "contains", "!=": "does not contain", "|~": "matches the regular expression", "!~": "does not match the regular expression",
	"|>": "fits the pattern", "!>": "does not fit the pattern",
}

func (w *logWalk) lineFilter(f *logql.LineFilter, parsed string) (words, noun string) {
	terms := make([]string, len(f.Terms))
	for i, t := range f.Terms {
		terms[i] = strconv.Quote(t.Text)
		if t.IP {
			terms[i] = "an address of " + terms[i]
		}
		if (f.Op == "|~" || f.Op == "!~") && isLiteral(t.Text) {
			w.warn(Warning{"regexp_without_pattern", f.String() + " is a regular expression that is just a text", "write " + strings.Replace(f.Op, "~", "=", 1) + " " + strconv.Quote(t.Text) + ", which is faster", f.String()})
		}
	}
	phrase := lineOperators[f.Op] + " " + strings.Join(terms, " or ")
	if parsed != "" {
		w.warn(Warning{"filter_after_parser", f.String() + " stands after | " + parsed + ": lines are parsed only to be dropped", "put text filters first, right behind the selector", f.String()})
	}
	return "keeps lines whose text " + phrase, ", whose text " + phrase
}

var rangeWords = map[string][2]string{
	"count_over_time":    {"counts the lines of each stream in each %r", "the number of lines in %r of %s"},
	"rate":               {"the lines per second of each stream, on average over %r", "the lines per second (over %r) of %s"},
	"bytes_over_time":    {"the bytes of each stream's lines in each %r", "the bytes in %r of %s"},
	"bytes_rate":         {"the bytes per second of each stream, on average over %r", "the bytes per second (over %r) of %s"},
	"absent_over_time":   {"1 if there is no line in %r, else nothing; for alerts", "the absence within %r of %s"},
	"sum_over_time":      {"adds up the values read from the lines of %r", "the sum over %r of %u of %s"},
	"avg_over_time":      {"the average of the values read from the lines of %r", "the average over %r of %u of %s"},
	"max_over_time":      {"the highest of the values read from the lines of %r", "the maximum over %r of %u of %s"},
	"min_over_time":      {"the lowest of the values read from the lines of %r", "the minimum over %r of %u of %s"},
	"quantile_over_time": {"a quantile of the values read from the lines of %r", "the %q over %r of %u of %s"},
	"stddev_over_time":   {"the standard deviation of the values of %r", "the standard deviation over %r of %u of %s"},
	"stdvar_over_time":   {"the variance of the values of %r", "the variance over %r of %u of %s"},
	"first_over_time":    {"the first value of %r", "the first value in %r of %u of %s"},
	"last_over_time":     {"the last value of %r", "the last value in %r of %u of %s"},
	"rate_counter":       {"how much a counter that is read from the lines grows per second over %r", "the growth per second (over %r) of %u of %s"},
}

func (w *logWalk) rangeAggregation(x *logql.RangeAggregation) (words, noun string) {
	inner := w.pipeline(x.Range.Log, true)
	unwrapped := "the values"
	if u := x.Range.Unwrap; u != nil {
		unwrapped = u.Label
		read := "reads the label " + u.Label + " as a number"
		if u.Conversion != "" {
			read += " (" + u.Conversion + ")"
		}
		w.part("| unwrap "+u.Label, read+"; lines where it is none fail the query unless filtered by __error__")
	}
	c, ok := rangeWords[x.Op]
	if !ok {
		c = [2]string{x.Op + " over %r", x.Op + " over %r of %s"}
	}
	q := ""
	if x.Param != nil {
		q = quantileName(strconv.FormatFloat(*x.Param, 'g', -1, 64))
		if *x.Param < 0 || *x.Param > 1 {
			w.warn(Warning{"quantile_out_of_bounds", fmt.Sprintf("a quantile is between 0 and 1, this is %g", *x.Param), fmt.Sprintf("did you mean %g?", *x.Param/100), clip(x.String())})
		}
	}
	fill := strings.NewReplacer("%r", span(time.Duration(x.Range.Interval)), "%s", inner, "%u", unwrapped, "%q", q).Replace
	words, noun = fill(c[0]), fill(c[1])
	if x.Range.Offset != 0 {
		noun += ", " + span(time.Duration(x.Range.Offset)) + " earlier"
	}
	if g := x.Grouping; g != nil {
		words += grouped(g.Labels, g.Without)
		w.checkGrouping(g.Labels, g.Without, x.String())
	}
	return words, noun
}

func grouped(names []string, without bool) string {
	switch {
	case without && len(names) > 0:
		return ", after dropping " + list(names)
	case len(names) > 0:
		return ", for each " + list(names)
	}
	return ", all together"
}

func (w *logWalk) checkGrouping(names []string, without bool, text string) {
	for _, name := range names {
		if !without && slices.Contains(identifying, name) {
			w.warn(Warning{"high_cardinality", "grouping by " + name + " can give as many series as there are values", "use topk(10, ...) around it, or leave it out", clip(text)})
		}
	}
}

var vectorWords = map[string]string{
	"sum": "the sum", "avg": "the average", "max": "the highest", "min": "the lowest", "count": "the number of series", "stddev": "the standard deviation",
	"stdvar": "the variance", "sort": "sorted by value", "sort_desc": "sorted by value, highest first",
}

func (w *logWalk) vectorAggregation(x *logql.VectorAggregation) (words, noun string) {
	inner := w.expr(x.Expr)
	what, ok := vectorWords[x.Op]
	if !ok {
		kind := map[string]string{"topk": "highest", "bottomk": "lowest", "approx_topk": "highest (estimated)"}[x.Op]
		what = fmt.Sprintf("the %d %s", x.Param, kind)
	}
	if r, ok := x.Expr.(*logql.RangeAggregation); ok && x.Op == "avg" && (r.Op == "avg_over_time" || r.Op == "quantile_over_time") {
		w.warn(Warning{"average_of_averages", "an average of averages weighs each stream alike, however many lines it has", "aggregate in the range function: " + r.Op + "(... [5m]) by (label)", clip(x.String())})
	}
	scope := grouped(x.Grouping.Labels, x.Grouping.Without)
	w.checkGrouping(x.Grouping.Labels, x.Grouping.Without, x.String())
	return what + scope, what + scope + ", of " + inner
}

var logOperators = map[string]string{
	"+": "plus", "-": "minus", "*": "times", "/": "divided by", "%": "modulo", "^": "to the power of",
	"==": "equal to", "!=": "other than", ">": "above", "<": "below", ">=": "at or above", "<=": "at or below",
}

var comparison = regexp.MustCompile(`^(==|!=|[<>]=?)$`)

func (w *logWalk) binary(x *logql.BinaryOp, l, r string) (words, noun string) {
	name := logOperators[x.Op]
	switch {
	case comparison.MatchString(x.Op) && !x.Bool:
		return "keeps the series of the left side whose value is " + name + " the right one", l + ", only where it is " + name + " " + r
	case name != "":
		return "the left side " + name + " the right side", l + " " + name + " " + r
	case x.Op == "and":
		return "keeps the series of the left side that also have one on the right", l + ", only where there is " + r
	case x.Op == "or":
		return "all of the left side, and of the right side what the left lacks", l + ", or else " + r
	}
	return "keeps the series of the left side that have none on the right", l + ", except where there is " + r
}
