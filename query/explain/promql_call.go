package explain

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

// call says what a function does. In the noun %s stands for what it is given, %r for
// the span of time that it looks at.
type call struct{ words, noun string }

var calls = map[string]call{
	"rate":                         {"how much each series grows per second, on average over %r; restarts that set a counter back to zero are allowed for", "the growth per second (over %r) of %s"},
	"irate":                        {"how much each series grows per second between its last two samples within %r", "the momentary growth per second of %s"},
	"increase":                     {"how much each series grew in %r, extrapolated to its whole length; restarts are allowed for", "the growth in %r of %s"},
	"delta":                        {"the difference between the end and the start of %r, extrapolated; for gauges", "the change in %r of %s"},
	"idelta":                       {"the difference between the last two samples within %r", "the last change of %s"},
	"deriv":                        {"the slope per second of a straight line through the samples of %r; for gauges", "the slope per second of %s"},
	"predict_linear":               {"where a straight line through the samples of %r will be after the given seconds", "the forecast of %s"},
	"changes":                      {"how often the value changed within %r", "the changes in %r of %s"},
	"resets":                       {"how often a counter fell back within %r: usually restarts", "the resets in %r of %s"},
	"avg_over_time":                {"the average of each series over %r", "the average over %r of %s"},
	"min_over_time":                {"the lowest value of each series in %r", "the minimum over %r of %s"},
	"max_over_time":                {"the highest value of each series in %r", "the maximum over %r of %s"},
	"sum_over_time":                {"the sum of all samples of each series in %r", "the sum over %r of %s"},
	"count_over_time":              {"how many samples each series has in %r", "the number of samples in %r of %s"},
	"last_over_time":               {"the newest sample of each series in %r", "the last value within %r of %s"},
	"first_over_time":              {"the oldest sample of each series in %r", "the first value within %r of %s"},
	"present_over_time":            {"1 for each series that has a sample in %r", "the presence within %r of %s"},
	"absent_over_time":             {"1 if nothing matches in %r, else nothing; for alerts on missing data", "the absence within %r of %s"},
	"stddev_over_time":             {"the standard deviation of each series over %r", "the standard deviation over %r of %s"},
	"stdvar_over_time":             {"the variance of each series over %r", "the variance over %r of %s"},
	"mad_over_time":                {"the median absolute deviation of each series over %r", "the median absolute deviation over %r of %s"},
	"quantile_over_time":           {"a quantile of the samples of each series in %r", "the quantile over %r of %s"},
	"double_exponential_smoothing": {"a smoothed value that follows level and trend over %r", "the smoothed value of %s"},
	"histogram_quantile":           {"the value below which the given share of observations lies, interpolated within buckets", "the quantile of %s"},
	"histogram_avg":                {"the average of the observations in each native histogram", "the average observation of %s"},
	"histogram_count":              {"the number of observations in each native histogram", "the observations of %s"},
	"histogram_sum":                {"the sum of the observations in each native histogram", "the sum of observations of %s"},
	"histogram_fraction":           {"the share of observations between two bounds", "the share of observations of %s"},
	"histogram_stddev":             {"the estimated standard deviation of the observations", "the standard deviation of the observations of %s"},
	"absent":                       {"1 if nothing matches, else nothing; for alerts on missing data", "the absence of %s"},
	"abs":                          {"the absolute value", "the absolute value of %s"},
	"ceil":                         {"rounded up", "%s, rounded up"},
	"floor":                        {"rounded down", "%s, rounded down"},
	"round":                        {"rounded to the nearest", "%s, rounded"},
	"sqrt":                         {"the square root", "the square root of %s"},
	"exp":                          {"e to the power of the value", "e to the power of %s"},
	"ln":                           {"the natural logarithm", "the natural logarithm of %s"},
	"log2":                         {"the logarithm of base 2", "the binary logarithm of %s"},
	"log10":                        {"the logarithm of base 10", "the decimal logarithm of %s"},
	"sgn":                          {"the sign: -1, 0 or 1", "the sign of %s"},
	"clamp":                        {"values below the first bound become it, values above the second too", "%s, within bounds"},
	"clamp_min":                    {"values below the bound become it", "%s, from a lower bound on"},
	"clamp_max":                    {"values above the bound become it", "%s, up to an upper bound"},
	"sort":                         {"sorted by value, lowest first (only in tables)", "%s, sorted"},
	"sort_desc":                    {"sorted by value, highest first (only in tables)", "%s, sorted from the highest"},
	"sort_by_label":                {"sorted by labels (only in tables)", "%s, sorted by labels"},
	"sort_by_label_desc":           {"sorted by labels, last first (only in tables)", "%s, sorted by labels"},
	"label_replace":                {"writes a label made from another one by a regular expression; values stay", "%s, with a label rewritten"},
	"label_join":                   {"writes a label joined from others; values stay", "%s, with labels joined"},
	"scalar":                       {"the value of the only series as a number; NaN unless there is exactly one", "the number of %s"},
	"vector":                       {"a number as a series without labels", "%s"},
	"time":                         {"the time of evaluation in seconds since 1970", "now"},
	"timestamp":                    {"when each sample was taken, in seconds since 1970", "the time of the samples of %s"},
	"info":                         {"adds the labels of info metrics, such as target_info", "%s, with labels of its target"},
	"hour":                         {"the hour of the day, 0 to 23, in UTC", "the hour of %s"},
	"minute":                       {"the minute of the hour", "the minute of %s"},
	"day_of_week":                  {"the day of the week, 0 is Sunday, in UTC", "the weekday of %s"},
	"day_of_month":                 {"the day of the month, in UTC", "the day of %s"},
	"day_of_year":                  {"the day of the year, in UTC", "the day of the year of %s"},
	"days_in_month":                {"how many days the month has", "the days of the month of %s"},
	"month":                        {"the month, 1 to 12, in UTC", "the month of %s"},
	"year":                         {"the year, in UTC", "the year of %s"},
}

// onRange are functions whose first argument is a span of time of counters, by what they
// are for.
var forCounters = map[string]bool{"rate": true, "irate": true, "increase": true, "resets": true}

var forGauges = map[string]bool{"delta": true, "idelta": true, "deriv": true, "predict_linear": true}

func (w *promWalk) call(x *parser.Call, path []parser.Expr) (words, noun string) {
	var inner, window string
	for _, arg := range x.Args {
		n := w.walk(arg, path)
		switch a := unparen(arg).(type) {
		case *parser.MatrixSelector:
			window = span(a.Range)
			inner = n
		case *parser.SubqueryExpr:
			window = span(a.Range)
			inner = n
		default:
			if arg.Type() == parser.ValueTypeVector || inner == "" && arg.Type() == parser.ValueTypeScalar {
				inner = n
			}
		}
	}
	c, known := calls[x.Func.Name]
	if !known {
		c = call{"the function " + x.Func.Name, x.Func.Name + " of %s"}
	}
	if window == "" {
		window = "the range"
	}
	fill := strings.NewReplacer("%r", window, "%s", inner).Replace
	words, noun = fill(c.words), fill(c.noun)
	if x.Func.Name == "histogram_quantile" || x.Func.Name == "quantile_over_time" {
		name := quantileName(x.Args[0].String())
		noun = strings.Replace(noun, "the quantile", "the "+name, 1)
		words = "the " + name + ": " + words
		w.checkQuantile(x.Args[0], x.String())
	}
	w.checkCall(x)
	return words, noun
}

func unparen(x parser.Expr) parser.Expr {
	for {
		p, ok := x.(*parser.ParenExpr)
		if !ok {
			return x
		}
		x = p.Expr
	}
}
