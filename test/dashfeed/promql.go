package dashfeed

import (
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

var promqlParser = parser.NewParser(parser.Options{})

// maxQueryBytes is what the server takes; the parser needs time by the square of it.
const maxQueryBytes = 32 << 10

var legendLabel = regexp.MustCompile(`{{\s*([\w.]+)\s*}}`)

// promql notes what an expression asks of each metric.
func (f *Feed) promql(query, legend string) {
	if strings.TrimSpace(query) == "" {
		return
	}
	if len(query) > maxQueryBytes {
		f.Unread = append(f.Unread, query[:100])
		return
	}
	expr := f.parsePromQL(query)
	if expr == nil {
		f.Unread = append(f.Unread, query)
		return
	}
	var shown []string
	for _, found := range legendLabel.FindAllStringSubmatch(legend, -1) {
		if found[1] != "__name__" {
			shown = append(shown, found[1])
		}
	}
	w := &walk{feed: f}
	w.expr(expr, wish{labels: shown})
	for _, later := range w.defaults {
		later()
	}
}

func (f *Feed) parsePromQL(query string) parser.Expr {
	for _, reading := range f.asks.Values.Readings(query) {
		if expr, err := promqlParser.ParseExpr(reading); err == nil {
			return expr
		}
	}
	return nil
}

// wish is what the operators above a selector want of it.
type wish struct {
	labels  []string
	counter bool
	like    *float64
}

func (c wish) with(labels ...string) wish {
	c.labels = append(slices.Clone(c.labels), labels...)
	return c
}

type walk struct {
	feed *Feed
	// defaults are wishes for labels that only count where no selector names a value.
	defaults []func()
}

// expr walks an expression and returns the metrics that it shows with their own labels:
// those under no aggregation.
func (w *walk) expr(e parser.Expr, c wish) []*metric {
	switch e := e.(type) {
	case *parser.ParenExpr:
		return w.expr(e.Expr, c)
	case *parser.StepInvariantExpr:
		return w.expr(e.Expr, c)
	case *parser.UnaryExpr:
		return w.expr(e.Expr, c)
	case *parser.SubqueryExpr:
		return w.expr(e.Expr, c)
	case *parser.MatrixSelector:
		return w.expr(e.VectorSelector, c)
	case *parser.AggregateExpr:
		c.like = nil
		if !e.Without {
			c = c.with(e.Grouping...)
		}
		metrics := w.expr(e.Expr, c)
		if e.Op == parser.TOPK || e.Op == parser.BOTTOMK {
			return metrics
		}
		return nil
	case *parser.Call:
		return w.call(e, c)
	case *parser.BinaryExpr:
		return w.binary(e, c)
	case *parser.VectorSelector:
		return w.selector(e, c)
	}
	return nil
}

func (w *walk) call(e *parser.Call, c wish) []*metric {
	switch e.Func.Name {
	case "rate", "increase", "irate", "resets":
		c.counter = true
	case "label_replace":
		if src, ok := e.Args[3].(*parser.StringLiteral); ok {
			if re, ok := e.Args[4].(*parser.StringLiteral); ok && src.Val != "" {
				metrics := w.expr(e.Args[0], c.with(src.Val))
				for _, m := range metrics {
					if len(m.labels[src.Val]) == 0 {
						m.want(src.Val, sample("^(?:"+re.Val+")$", w.feed.value(src.Val)))
					}
				}
				return metrics
			}
		}
	case "label_join":
		for _, a := range e.Args[3:] {
			if s, ok := a.(*parser.StringLiteral); ok {
				c = c.with(s.Val)
			}
		}
	}
	var out []*metric
	for _, a := range e.Args {
		out = append(out, w.expr(a, c)...)
	}
	return out
}

func (w *walk) binary(e *parser.BinaryExpr, c wish) []*metric {
	left, right := c, c
	if number, ok := e.RHS.(*parser.NumberLiteral); ok && e.Op.IsComparisonOperator() && !e.ReturnBool {
		v := number.Val
		switch e.Op {
		case parser.GTR, parser.NEQ:
			v++
		case parser.LSS:
			v--
		}
		left.like = &v
	}
	m := e.VectorMatching
	if m != nil && m.On {
		left, right = left.with(m.MatchingLabels...), right.with(m.MatchingLabels...)
	}
	if m != nil && m.Card == parser.CardManyToOne {
		right = right.with(m.Include...)
	}
	if m != nil && m.Card == parser.CardOneToMany {
		left = left.with(m.Include...)
	}
	if e.Op == parser.LUNLESS {
		return w.expr(e.LHS, left) // what the right side would take away is not made
	}
	a, b := w.expr(e.LHS, left), w.expr(e.RHS, right)
	if m != nil && !m.On && !e.Op.IsSetOperator() {
		w.unify(a, b, m.MatchingLabels)
	}
	return append(a, b...)
}

// unify gives the metrics of two sides that are matched by all labels the same ones.
func (w *walk) unify(a, b []*metric, ignored []string) {
	w.defaults = append(w.defaults, func() {
		for _, pair := range [][2][]*metric{{a, b}, {b, a}} {
			for _, from := range pair[0] {
				for label, values := range from.labels {
					if slices.Contains(ignored, label) || label == "le" {
						continue
					}
					for _, to := range pair[1] {
						if len(to.labels[label]) == 0 && to != from {
							to.want(label, values...)
						}
					}
				}
			}
		}
	})
}

func (w *walk) selector(e *parser.VectorSelector, c wish) []*metric {
	names := []string{e.Name}
	if e.Name == "" {
		names = []string{"up"}
		for _, m := range e.LabelMatchers {
			if m.Name == labels.MetricName && (m.Type == labels.MatchEqual || m.Type == labels.MatchRegexp) && len(w.wanted(m)) > 0 {
				// One of several names: an exporter has one, and rates of two would be alike.
				names = w.wanted(m)[:1]
			}
		}
	}
	var out []*metric
	for _, name := range names {
		one := w.feed.metric(name)
		one.counter = one.counter || c.counter
		one.buckets = one.buckets || slices.Contains(c.labels, "le")
		if c.like != nil {
			one.like, one.hasLike = *c.like, true
		}
		for _, m := range e.LabelMatchers {
			if m.Name == labels.MetricName {
				continue
			}
			if values := w.wanted(m); len(values) > 0 {
				one.want(m.Name, values...)
			} else if m.Matches("") && (m.Type == labels.MatchEqual) {
				one.absent[m.Name] = true
			}
		}
		w.defaults = append(w.defaults, func() {
			for _, l := range c.labels {
				if len(one.labels[l]) == 0 && l != "le" && l != labels.MetricName {
					one.want(l, w.feed.value(l))
				}
			}
		})
		out = append(out, one)
	}
	return out
}

// wanted returns values that a matcher takes; none when the label may be absent.
func (w *walk) wanted(m *labels.Matcher) []string {
	usual := w.feed.value(m.Name)
	switch m.Type {
	case labels.MatchEqual:
		if m.Value == "" {
			return nil
		}
		return []string{m.Value}
	case labels.MatchRegexp:
		if m.Matches(usual) {
			return []string{usual}
		}
		var out []string
		for _, s := range samples(m.Value) {
			if s != "" && m.Matches(s) {
				out = append(out, s)
			}
		}
		return out
	default:
		if m.Matches("") {
			return nil
		}
		if m.Matches(usual) {
			return []string{usual}
		}
		return []string{usual + "-other"}
	}
}
