package logql

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
)

// rangeEvaluator slides a window over the points of all series.
type rangeEvaluator struct {
	e      *RangeAggregation
	agg    func(points []point) float64
	series []*rangeSeries
	absent model.Labels // of absent_over_time
}

// newRange returns the evaluator of a range aggregation. outer is the grouping of a
// sum around it, which is applied to the lines at once: fewer labels need to be
// parsed and fewer series kept.
func (q *query) newRange(ctx context.Context, e *RangeAggregation, outer *Grouping) (evaluator, error) {
	defer q.plan.child(e.String()).begin(q)()
	if q.engine.cache != nil && !logs.ArchiveUseFrom(ctx).Included() { // the archive grows without a word
		return q.newCachedRange(ctx, e, outer)
	}
	return q.readRange(ctx, e, outer, q.params)
}

// readRange reads the points of a range aggregation for the steps of p.
func (q *query) readRange(ctx context.Context, e *RangeAggregation, outer *Grouping, p Params) (evaluator, error) {
	r := &rangeEvaluator{e: e, agg: rangeAggregator(e, accumulates(e, p) && !q.engine.rowsOnly)}
	if e.Op == opAbsentOverTime {
		r.absent = absentLabels(e.Range.Log.Matchers)
	}
	key := fmt.Sprintf("%s\xff%d\xff%d", rangeKey(ctx, q, e, outer), p.Start, p.End)
	series, known := q.ranges[key]
	if !known {
		var err error
		var shared bool
		series, shared, err = q.engine.flights.do(ctx, key, func() ([]*rangeSeries, error) {
			plan, err := q.planRange(e, outer, p)
			if err != nil {
				return nil, err
			}
			return plan.read(ctx)
		})
		if err != nil {
			return nil, err
		}
		q.ranges[key] = series
		q.plan.Shared = shared
	}
	q.plan.Shared = q.plan.Shared || known
	r.series = make([]*rangeSeries, len(series))
	for i, s := range series { // each evaluator has a place of its own in it
		own := *s
		r.series[i] = &own
	}
	return r, nil
}

func (r *rangeEvaluator) at(t int64) ([]sample, error) {
	end := t - r.e.Range.Offset
	begin := end - r.e.Range.Interval
	var vec []sample
	for _, s := range r.series {
		for s.hi < len(s.points) && s.points[s.hi].time <= end {
			s.hi++
		}
		for s.lo < s.hi && s.points[s.lo].time <= begin {
			s.lo++
		}
		if s.lo == s.hi {
			continue
		}
		if s.failed {
			return nil, pipelineError(s.labels)
		}
		vec = append(vec, sample{s.labels, s.key, r.agg(s.points[s.lo:s.hi])})
	}
	if r.e.Op != opAbsentOverTime {
		return vec, nil
	}
	if len(vec) > 0 {
		return nil, nil
	}
	return []sample{{r.absent, labelsKey(r.absent), 1}}, nil
}

func pipelineError(ls model.Labels) error {
	kind := ls.Get(errorLabel)
	return &queryError{ErrPipeline, fmt.Sprintf(
		"pipeline error: '%s' for series: '%s'.\n"+
			"Use a label filter to intentionally skip this error. (e.g | __error__!=\"%s\").\n"+
			"To skip all potential errors you can match empty errors.(e.g __error__=\"\")\n"+
			"The label filter can also be specified after unwrap. (e.g | unwrap latency | __error__=\"\" )\n",
		kind, ls, kind)}
}

// absentLabels are those that the selector fixes to one value.
func absentLabels(ms []*labels.Matcher) model.Labels {
	var ls []model.Label
	var other []string
	for _, m := range ms {
		if m.Type == labels.MatchEqual && !has(ls, m.Name) {
			ls = append(ls, model.Label{Name: m.Name, Value: m.Value})
		} else {
			other = append(other, m.Name)
		}
	}
	ls = slices.DeleteFunc(ls, func(l model.Label) bool { return slices.Contains(other, l.Name) || l.Name == labels.MetricName })
	return model.NewLabels(ls...)
}

// extractor turns entries into numbers and series. It belongs to one goroutine.
type extractor struct {
	p        *pipeline
	grouping *Grouping // nil keeps all labels
	single   bool      // keeps none
	bytes    bool      // the number is the length of the line, else 1
	unwrap   *Unwrap
	partial  bool // not all labels are there: an entry with an error shows them all
	// values, if not nil, does without the pipeline.
	values *columnValues
}

// extraction is what extractors of a range aggregation are made of.
type extraction struct {
	extractor
	down   logs.And    // what the store does of the pipeline
	rest   []StageExpr // what remains
	value  string      // the label to unwrap
	filter []labelFilter
}

func newExtraction(e *RangeAggregation, outer *Grouping, push bool) (*extraction, error) {
	if err := e.Range.Unwrap.check(); err != nil {
		return nil, err
	}
	x := &extraction{}
	x.unwrap, x.bytes = e.Range.Unwrap, e.Op == opBytesOverTime || e.Op == opBytesRate
	exprs := e.Range.Log.Stages
	if !x.bytes {
		exprs = withoutFormats(exprs)
	}
	if _, err := compileStages(exprs); err != nil { // also of what the store does
		return nil, err
	}
	x.rest = reorder(exprs)
	if push {
		x.down, x.rest = pushDown(exprs)
	}
	g := e.Grouping
	if outer != nil {
		g = outer
	}
	x.single = g != nil && !g.Without && len(g.Labels) == 0 || e.Op == opAbsentOverTime
	x.grouping = g
	if x.unwrap != nil {
		x.filter, x.value = x.unwrap.Filters, x.unwrap.Label
		if g == nil || g.Without || len(g.Labels) == 0 {
			// The label itself would make a series of each value.
			without := Grouping{Without: true, Labels: []string{x.value}}
			if g != nil {
				without.Labels = append(slices.Clone(g.Labels), x.value)
			}
			x.grouping = &without
		}
	}
	return x, nil
}

// fromLines returns an extractor that runs the whole pipeline.
func (x *extraction) fromLines() (*extractor, error) {
	stages, err := compileStages(x.rest)
	if err != nil {
		return nil, err
	}
	return x.with(stages), nil
}

// with returns an extractor with these stages.
func (x *extraction) with(stages []stage) *extractor {
	out := x.extractor
	out.p = &pipeline{stages: stages}
	out.p.entry.labels.hints = newHints(stages, x.filter, x.grouping, x.single, x.value)
	return &out
}

// withoutFormats drops line_format stages whose line nobody reads, and with them
// the errors that they would have: as Loki does.
func withoutFormats(stages []StageExpr) []StageExpr {
	last := 0 // behind the last stage that reads lines
	for i, s := range stages {
		switch s.(type) {
		case *JSONStage, *LogfmtStage, *RegexpStage, *PatternStage, *UnpackStage, *LineFilter:
			last = i + 1
		}
	}
	var out []StageExpr
	for i, s := range stages {
		if _, ok := s.(*LineFormatStage); !ok || i < last {
			out = append(out, s)
		}
	}
	return out
}

// countsOnly says whether neither the text of lines nor their length matters.
func (x *extraction) countsOnly() bool {
	return len(x.rest) == 0 && x.unwrap == nil && !x.bytes
}

// metadata returns the names of structured metadata that can change the answer,
// nil if all can.
func (x *extraction) metadata() []string {
	if len(x.rest) > 0 || x.unwrap != nil {
		return nil
	}
	names := []string{errorLabel, errorDetailsLabel}
	switch g := x.grouping; {
	case x.single:
	case g == nil, g.Without:
		return nil
	default:
		for _, n := range g.Labels {
			names = append(names, n)
			if bare := strings.TrimSuffix(n, extractedSuffix); bare != n {
				names = append(names, bare)
			}
		}
	}
	return names
}

// number returns the value of the entry that the pipeline let through.
func (x *extractor) number() (float64, bool) {
	e := &x.p.entry
	if x.unwrap == nil {
		if x.bytes {
			return float64(len(e.line)), true
		}
		return 1, true
	}
	text, _ := e.labels.get(x.unwrap.Label)
	if text == "" { // not every line has the label
		return 0, false
	}
	v, err := convert(x.unwrap.Conversion, text)
	if err != nil {
		e.labels.err, e.labels.errDetails = errSampleExtraction, err.Error()
	}
	for _, f := range x.unwrap.Filters {
		if !f.match(&e.labels) {
			return 0, false
		}
	}
	return v, true
}

func convert(how, text string) (float64, error) {
	switch how {
	case "bytes":
		b, err := humanize.ParseBytes(text)
		return float64(b), err
	case "duration", "duration_seconds":
		d, err := time.ParseDuration(text)
		return d.Seconds(), err
	}
	return strconv.ParseFloat(text, 64)
}

// labels returns the labels of the series that the entry belongs to.
func (x *extractor) labels() []model.Label {
	ls := &x.p.entry.labels
	if x.single && ls.err == "" {
		return nil
	}
	return ls.grouped(x.grouping)
}
