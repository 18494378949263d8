package explain

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// PromQL explains a PromQL expression. The error is an *Error.
func PromQL(query string, lookup Lookup) (Explanation, error) {
	if len(query) > MaxQuery {
		return Explanation{}, &Error{Message: fmt.Sprintf("the query has %d bytes, at most %d are explained", len(query), MaxQuery)}
	}
	x, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	if err != nil {
		return Explanation{}, promqlError(query, err)
	}
	if lookup == nil {
		lookup = func(string) Metric { return Metric{} }
	}
	w := &promWalk{query: query, lookup: lookup, out: Explanation{Parts: []Part{}, Warnings: []Warning{}}}
	w.out.Summary = sentence(w.walk(x, nil))
	w.checkWhole(x)
	return w.out, nil
}

// promqlError adds what to do about the usual errors.
func promqlError(query string, err error) *Error {
	out := &Error{Message: err.Error()}
	var all parser.ParseErrors
	if errors.As(err, &all) && len(all) > 0 {
		out.Message = all[0].Err.Error()
		at := min(max(int(all[0].PositionRange.Start), 0), len(query))
		out.Line = strings.Count(query[:at], "\n") + 1
		out.Column = at - strings.LastIndex(query[:at], "\n")
	}
	switch m := out.Message; {
	case strings.Contains(m, "expected type range vector"):
		out.Hint = "this function looks at a span of time: give the selector a range, such as [5m]"
	case strings.Contains(m, "expected type instant vector"), strings.Contains(m, "invalid expression type \"range vector\""):
		out.Hint = "a range such as [5m] must be inside a function that reads it: rate(), increase(), avg_over_time()"
	case strings.Contains(m, "ranges only allowed for vector selectors"):
		out.Hint = "a range belongs behind a selector: rate(x[5m]), or use a subquery (...)[1h:1m]"
	case strings.Contains(m, "must contain at least one non-empty matcher"):
		out.Hint = "name a metric or at least one label value"
	case strings.Contains(m, "unknown function"):
		out.Hint = "check the function's name: completion in the editor lists them"
	case strings.Contains(m, "unclosed") || strings.Contains(m, "unexpected end of input"):
		out.Hint = "something is open at the end: a parenthesis, a brace or a quote"
	}
	return out
}

type promWalk struct {
	query  string
	lookup Lookup
	out    Explanation
	depth  int
}

func (w *promWalk) warn(v Warning) {
	if !slices.ContainsFunc(w.out.Warnings, func(o Warning) bool { return o.Code == v.Code && o.Text == v.Text }) {
		w.out.Warnings = append(w.out.Warnings, v)
	}
}

// walk explains x and what is below it; it returns x as a noun phrase. path is what x is
// inside of, the outermost first.
func (w *promWalk) walk(x parser.Expr, path []parser.Expr) string {
	_, paren := x.(*parser.ParenExpr)
	if !paren {
		w.depth++
	}
	words, noun := w.describe(x, append(slices.Clip(path), x))
	if paren {
		return noun
	}
	w.depth--
	if len(w.out.Parts) >= maxParts {
		return "…"
	}
	p := x.PositionRange()
	part := Part{From: int(p.Start), To: int(p.End), Words: words, Depth: w.depth}
	if part.From < 0 || part.To > len(w.query) || part.From >= part.To {
		part.From, part.To, part.Text = 0, 0, clip(x.String())
	} else {
		part.Text = clip(strings.TrimSpace(w.query[part.From:part.To]))
	}
	w.out.Parts = append(w.out.Parts, part)
	return noun
}

// describe says what x does, in words of its own and as a noun phrase of the whole.
func (w *promWalk) describe(x parser.Expr, path []parser.Expr) (words, noun string) {
	switch x := x.(type) {
	case *parser.ParenExpr:
		noun = w.walk(x.Expr, path)
		return noun, noun
	case *parser.NumberLiteral:
		noun = strconv.FormatFloat(x.Val, 'g', -1, 64)
		return "the number " + noun, noun
	case *parser.StringLiteral:
		return "the text " + strconv.Quote(x.Val), strconv.Quote(x.Val)
	case *parser.UnaryExpr:
		noun = w.walk(x.Expr, path)
		if x.Op == parser.SUB {
			return "turns the sign around", "minus " + noun
		}
		return "keeps the sign", noun
	case *parser.StepInvariantExpr:
		return w.describe(x.Expr, path)
	case *parser.VectorSelector:
		return w.selector(x, path)
	case *parser.MatrixSelector:
		s, ok := x.VectorSelector.(*parser.VectorSelector)
		if !ok {
			return "samples of a span of time", x.String()
		}
		_, noun = w.selector(s, path)
		return "every sample of the last " + span(x.Range) + " of " + noun, noun
	case *parser.SubqueryExpr:
		noun = w.walk(x.Expr, path)
		step := "the default step"
		if x.Step > 0 {
			step = span(x.Step)
		}
		return "evaluates what is inside every " + step + " over the last " + span(x.Range) + ", and hands all those values on", noun
	case *parser.Call:
		return w.call(x, path)
	case *parser.AggregateExpr:
		return w.aggregate(x, path)
	case *parser.BinaryExpr:
		return w.binary(x, path)
	}
	return x.String(), x.String()
}

func (w *promWalk) selector(x *parser.VectorSelector, path []parser.Expr) (words, noun string) {
	name := x.Name
	if name == "" {
		for _, m := range x.LabelMatchers {
			if m.Name == labels.MetricName && m.Type == labels.MatchEqual {
				name = m.Value
			}
		}
	}
	metric := w.metric(name)
	noun = name
	if name == "" {
		noun = "every metric"
		for _, m := range x.LabelMatchers {
			if m.Name == labels.MetricName {
				noun = "the metrics whose name " + strings.TrimPrefix(condition(m), labels.MetricName+" ")
			}
		}
	}
	if c := conditions(x.LabelMatchers); c != "" {
		noun += " where " + c
	}
	noun += moment(x)
	words = "the series of " + noun
	if metric.Type != "" {
		words += " (" + metric.Type + ")"
	}
	if metric.Help != "" {
		words += ": " + clip(strings.TrimRight(metric.Help, ". "))
	}
	warnMatchers(x.LabelMatchers, w.warn)
	w.checkSelector(x, name, metric, path)
	return words, noun
}

// moment says at which other time than now a selector looks.
func moment(x *parser.VectorSelector) string {
	var out string
	switch {
	case x.OriginalOffset > 0:
		out = ", " + span(x.OriginalOffset) + " earlier"
	case x.OriginalOffset < 0:
		out = ", " + span(-x.OriginalOffset) + " later"
	}
	switch {
	case x.Timestamp != nil:
		out += " at the fixed time " + strconv.FormatFloat(float64(*x.Timestamp)/1000, 'f', -1, 64)
	case x.StartOrEnd == parser.START:
		out += " at the start of the range"
	case x.StartOrEnd == parser.END:
		out += " at the end of the range"
	}
	return out
}

// metric is what is known of a name; a histogram's or summary's parts are counters.
func (w *promWalk) metric(name string) Metric {
	m := w.lookup(name)
	base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_sum"), "_count")
	if base == name {
		return m
	}
	if family := w.lookup(base); family.Type == "histogram" || family.Type == "summary" {
		m.Type = "counter"
		if m.Help == "" {
			m.Help = family.Help
		}
	}
	return m
}

// isCounter says whether a name is a counter's; known is false if that is a guess that
// nothing supports.
func isCounter(name string, m Metric) (counter, known bool) {
	switch m.Type {
	case "counter":
		return true, true
	case "gauge":
		return false, true
	case "histogram", "summary":
		return true, true // native histograms and parts
	}
	for _, suffix := range []string{"_total", "_count", "_sum", "_bucket"} {
		if strings.HasSuffix(name, suffix) {
			return true, true
		}
	}
	return false, false
}

var aggregations = map[parser.ItemType]string{
	parser.SUM: "the sum", parser.AVG: "the average", parser.MIN: "the lowest", parser.MAX: "the highest", parser.COUNT: "the number of series",
	parser.STDDEV: "the standard deviation", parser.STDVAR: "the variance", parser.GROUP: "one series of value 1",
}

func (w *promWalk) aggregate(x *parser.AggregateExpr, path []parser.Expr) (words, noun string) {
	inner := w.walk(x.Expr, path)
	param := ""
	if x.Param != nil {
		param = x.Param.String()
	}
	what, ok := aggregations[x.Op]
	switch x.Op {
	case parser.TOPK:
		what = "the " + param + " highest"
	case parser.BOTTOMK:
		what = "the " + param + " lowest"
	case parser.QUANTILE:
		what = "the " + quantileName(param) + " over series"
		w.checkQuantile(x.Param, x.String())
	case parser.COUNT_VALUES:
		what = "how many series have each value (as label " + param + ")"
	case parser.LIMITK:
		what = "any " + param + " series"
	case parser.LIMIT_RATIO:
		what = "a share of " + param + " of the series"
	default:
		if !ok {
			what = x.Op.String()
		}
	}
	scope := ", over all of them"
	if len(x.Grouping) > 0 && !x.Without {
		scope = " for each " + list(x.Grouping)
	} else if x.Without {
		scope = " after dropping the label " + list(x.Grouping)
		if len(x.Grouping) == 0 {
			scope = " for each set of labels"
		}
	}
	w.checkAggregate(x)
	return what + scope, what + scope + ", of " + inner
}

// quantileName is 0.95 as "95th percentile".
func quantileName(text string) string {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return "quantile " + text
	}
	if f == 0.5 {
		return "median"
	}
	n := strconv.FormatFloat(f*100, 'g', 5, 64)
	suffix := "th"
	if !strings.HasSuffix(n, "11") && !strings.HasSuffix(n, "12") && !strings.HasSuffix(n, "13") && !strings.Contains(n, ".") {
		switch n[len(n)-1] {
		case '1':
			suffix = "st"
		case '2':
			suffix = "nd"
		case '3':
			suffix = "rd"
		}
	}
	return n + suffix + " percentile"
}

var operators = map[parser.ItemType]string{
	parser.ADD: "plus", parser.SUB: "minus", parser.MUL: "times", parser.DIV: "divided by", parser.MOD: "modulo", parser.POW: "to the power of", parser.ATAN2: "atan2 with",
}

var comparisons = map[parser.ItemType]string{
	parser.EQLC: "equal to", parser.NEQ: "other than", parser.GTR: "above", parser.LSS: "below", parser.GTE: "at or above", parser.LTE: "at or below",
}

func (w *promWalk) binary(x *parser.BinaryExpr, path []parser.Expr) (words, noun string) {
	left, right := w.walk(x.LHS, path), w.walk(x.RHS, path)
	match := matching(x.VectorMatching)
	w.checkBinary(x)
	if name, ok := operators[x.Op]; ok {
		return "the left side " + name + " the right side" + match, left + " " + name + " " + right
	}
	if name, ok := comparisons[x.Op]; ok {
		if x.ReturnBool {
			return "1 where the left side is " + name + " the right one, else 0" + match, "whether " + left + " is " + name + " " + right
		}
		return "keeps the series of the left side whose value is " + name + " the right one" + match, left + ", only where it is " + name + " " + right
	}
	switch x.Op {
	case parser.LAND:
		return "keeps the series of the left side that also have one on the right" + match, left + ", only where there is " + right
	case parser.LOR:
		return "all of the left side, and of the right side what the left lacks" + match, left + ", or else " + right
	case parser.LUNLESS:
		return "keeps the series of the left side that have none on the right" + match, left + ", except where there is " + right
	}
	return x.Op.String(), left + " " + x.Op.String() + " " + right
}

func matching(m *parser.VectorMatching) string {
	if m == nil {
		return ""
	}
	out := ""
	switch {
	case m.On && len(m.MatchingLabels) == 0:
		out = "; all series are compared with one another"
	case m.On:
		out = "; series belong together when " + list(m.MatchingLabels) + " are equal"
	case len(m.MatchingLabels) > 0:
		out = "; series belong together when all labels but " + list(m.MatchingLabels) + " are equal"
	case m.Card == parser.CardOneToOne:
		out = "; series belong together when all labels are equal"
	}
	switch m.Card {
	case parser.CardManyToOne:
		out += "; several on the left may belong to one on the right"
	case parser.CardOneToMany:
		out += "; several on the right may belong to one on the left"
	}
	if len(m.Include) > 0 {
		out += ", from which they get " + list(m.Include)
	}
	return out
}
