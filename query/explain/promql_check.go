package explain

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

const (
	// manySeries is from how many on a selector that nothing sums up is too much for a
	// graph.
	manySeries = 500
	// shortRange is the shortest range that surely holds two samples of usual scrapes.
	shortRange = 30 * time.Second
)

func (w *promWalk) checkSelector(x *parser.VectorSelector, name string, m Metric, path []parser.Expr) {
	text := x.String()
	if name == "" && !slices.ContainsFunc(x.LabelMatchers, func(l *labels.Matcher) bool {
		return l.Name == labels.MetricName && l.Value != ".+" && l.Value != ".*"
	}) {
		w.warn(Warning{"no_metric_name", "no metric is named: every series with these labels is read", "name the metric", clip(text)})
	}
	function := enclosingCall(path)
	counter, known := isCounter(name, m)
	switch {
	case known && !counter && forCounters[function]:
		w.warn(Warning{"rate_of_gauge", fmt.Sprintf("%s is a gauge: %s takes each fall for a restart and counts it as growth", name, function),
			"use deriv() or delta(), or look at the gauge itself", name})
	case known && counter && forGauges[function]:
		w.warn(Warning{"delta_of_counter", fmt.Sprintf("%s is a counter: %s does not allow for restarts", name, function), "use rate() or increase()", name})
	case known && counter && m.Type != "histogram" && !underRate(path) && !strings.HasSuffix(name, "_info"):
		w.warn(Warning{"counter_without_rate", name + " is a counter: its value only says how much there was since its process began", "use rate(" + name + "[5m])", name})
	}
	if m.Series > manySeries && !underAggregation(path) {
		w.warn(Warning{"many_series", fmt.Sprintf("%s has %d series and nothing adds them up", name, m.Series), "aggregate with sum by (...) or topk(10, ...)", name})
	}
}

// enclosingCall is the innermost function around the last of path, without what only
// groups.
func enclosingCall(path []parser.Expr) string {
	for i := len(path) - 2; i >= 0; i-- {
		switch x := path[i].(type) {
		case *parser.ParenExpr, *parser.MatrixSelector, *parser.StepInvariantExpr:
		case *parser.Call:
			return x.Func.Name
		default:
			return ""
		}
	}
	return ""
}

// rawIsFine are functions for which a counter's own value is right.
var rawIsFine = map[string]bool{"absent": true, "absent_over_time": true, "present_over_time": true, "count_over_time": true, "changes": true, "resets": true, "timestamp": true,
	"last_over_time": true, "rate": true, "irate": true, "increase": true, "delta": true, "idelta": true, "deriv": true, "predict_linear": true, "histogram_count": true, "histogram_sum": true}

func underRate(path []parser.Expr) bool {
	return slices.ContainsFunc(path, func(x parser.Expr) bool {
		switch x := x.(type) {
		case *parser.Call:
			return rawIsFine[x.Func.Name]
		case *parser.AggregateExpr:
			return x.Op == parser.COUNT || x.Op == parser.GROUP
		case *parser.BinaryExpr: // the right side of "and", or the age of a restart
			return x.Op.IsSetOperator()
		}
		return false
	})
}

func underAggregation(path []parser.Expr) bool {
	return slices.ContainsFunc(path, func(x parser.Expr) bool {
		switch x := x.(type) {
		case *parser.AggregateExpr:
			return true
		case *parser.Call:
			return x.Func.Name == "absent" || x.Func.Name == "scalar"
		}
		return false
	})
}

func (w *promWalk) checkCall(x *parser.Call) {
	switch name := x.Func.Name; name {
	case "rate", "irate", "increase":
		switch a := unparen(x.Args[0]).(type) {
		case *parser.SubqueryExpr:
			if aggregates(a.Expr) {
				w.warn(Warning{"sum_before_rate", name + " of a sum: when one process restarts the sum falls and the fall is taken for a restart of all",
					"first " + name + "(...), then the sum: sum(" + name + "(x[5m]))", clip(x.String())})
			}
		case *parser.MatrixSelector:
			if a.Range > 0 && a.Range < shortRange {
				w.warn(Warning{"short_range", fmt.Sprintf("%s needs two samples within %s, which scrapes every 15 s or more do not surely give", name, span(a.Range)),
					"use at least four times the scrape interval, such as [1m]", clip(x.String())})
			}
			if name == "irate" && a.Range > 30*time.Minute {
				w.warn(Warning{"irate_long_range", "irate only looks at the last two samples: a long range changes nothing", "use rate() for an average", clip(x.String())})
			}
		}
	case "histogram_quantile":
		w.checkHistogram(x)
	}
}

func aggregates(x parser.Expr) bool {
	_, ok := unparen(x).(*parser.AggregateExpr)
	return ok
}

// checkHistogram looks at what a quantile of classic buckets needs: le, and a rate.
func (w *promWalk) checkHistogram(x *parser.Call) {
	text, inner := clip(x.String()), unparen(x.Args[1])
	classic := strings.Contains(inner.String(), "_bucket")
	if a, ok := inner.(*parser.AggregateExpr); ok && classic {
		if has := slices.Contains(a.Grouping, "le"); has == a.Without {
			w.warn(Warning{"quantile_without_le", "histogram_quantile needs the label le, which the aggregation drops: the answer is empty", "sum by (le, ...)", text})
		}
		if a.Op != parser.SUM {
			w.warn(Warning{"quantile_of_" + a.Op.String(), "buckets are counts: only their sum makes sense", "use sum by (le, ...)", text})
		}
	}
	if classic && !strings.Contains(inner.String(), "rate(") && !strings.Contains(inner.String(), "increase(") {
		w.warn(Warning{"quantile_without_rate", "without rate the quantile is over everything since the processes began", "histogram_quantile(q, sum by (le) (rate(x_bucket[5m])))", text})
	}
}

func (w *promWalk) checkQuantile(q parser.Expr, text string) {
	n, ok := unparen(q).(*parser.NumberLiteral)
	if ok && (n.Val < 0 || n.Val > 1) {
		w.warn(Warning{"quantile_out_of_bounds", fmt.Sprintf("a quantile is between 0 and 1, this is %g", n.Val), fmt.Sprintf("did you mean %g?", n.Val/100), clip(text)})
	}
}

// identifying are labels that usually have a value of their own for each request, user
// or container.
var identifying = []string{"trace_id", "span_id", "request_id", "user_id", "session_id", "id", "uid", "email", "ip", "client_ip", "url", "uuid"}

func (w *promWalk) checkAggregate(x *parser.AggregateExpr) {
	for _, g := range x.Grouping {
		if !x.Without && slices.Contains(identifying, g) {
			w.warn(Warning{"high_cardinality", "grouping by " + g + " can give as many series as there are values", "use topk(10, ...) around it, or leave it out", clip(x.String())})
		}
	}
	if b, ok := unparen(x.Expr).(*parser.BinaryExpr); ok && x.Op == parser.AVG && b.Op == parser.DIV {
		w.warn(Warning{"average_of_ratios", "an average of ratios weighs each series alike, however much happens in it", "divide the sums: sum(a) / sum(b)", clip(x.String())})
	}
}

func (w *promWalk) checkBinary(x *parser.BinaryExpr) {
	l, lok := unparen(x.LHS).(*parser.AggregateExpr)
	r, rok := unparen(x.RHS).(*parser.AggregateExpr)
	if !lok || !rok || x.VectorMatching == nil || x.VectorMatching.On || len(x.VectorMatching.MatchingLabels) > 0 || x.Op.IsSetOperator() || l.Without || r.Without {
		return
	}
	a, b := slices.Sorted(slices.Values(l.Grouping)), slices.Sorted(slices.Values(r.Grouping))
	if !slices.Equal(a, b) {
		w.warn(Warning{"labels_differ", fmt.Sprintf("the left side has the labels (%s), the right one (%s): series only meet where all labels are equal, so the answer is empty",
			strings.Join(a, ", "), strings.Join(b, ", ")), "group both alike, or use on(...) group_left", clip(x.String())})
	}
}

func (w *promWalk) checkWhole(x parser.Expr) {
	if x.Type() == parser.ValueTypeMatrix {
		w.warn(Warning{"raw_samples", "the answer is raw samples, which only a table shows", "use a function such as rate() for a graph", clip(x.String())})
	}
	slices.SortStableFunc(w.out.Warnings, func(a, b Warning) int { return strings.Compare(a.Code, b.Code) })
}
