package esquery

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/pharosd/pharos/query/esquery/internal/esdate"
)

// pipeline is an aggregation of other aggregations' results.
type pipeline struct {
	name string
	spec pipeSpec
	meta []byte
}

// pipeSpec is a parentPipeline or a siblingPipeline.
type pipeSpec interface {
	// paths are what it reads: "_count", "sum", "stats.avg", "histogram>sum".
	paths() []string
}

// parentPipeline works on the buckets that it is in.
type parentPipeline interface {
	pipeSpec
	apply(name string, list []*bucket) ([]*bucket, error)
}

// siblingPipeline looks at an aggregation beside it.
type siblingPipeline interface {
	pipeSpec
	reduce(rs *results) (result, error)
}

// pipe lets the level's pipelines work on buckets.
func (a *aggregations) pipe(list []*bucket) ([]*bucket, error) {
	if a == nil {
		return list, nil
	}
	for _, p := range a.pipes {
		parent, ok := p.spec.(parentPipeline)
		if !ok {
			continue
		}
		var err error
		if list, err = parent.apply(p.name, list); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// sortPipes puts pipelines behind those that they read.
func (a *aggregations) sortPipes() error {
	var sorted []*pipeline
	waiting := a.pipes
	for len(waiting) > 0 {
		var later []*pipeline
		for _, p := range waiting {
			ready := true
			for _, path := range p.spec.paths() {
				steps, _ := splitPath(path)
				for _, other := range waiting {
					ready = ready && other.name != steps[0] && other.name != path
				}
			}
			if ready {
				sorted = append(sorted, p)
			} else {
				later = append(later, p)
			}
		}
		if len(later) == len(waiting) {
			return illegalf("Cyclical dependency found with pipeline aggregator [%s]", clip(later[0].name))
		}
		waiting = later
	}
	a.pipes = sorted
	return nil
}

// parsePipeline returns false for what is no pipeline.
func parsePipeline(kind string, v *fastjson.Value) (pipeSpec, bool, error) {
	o := pipeOptions{kind: kind, gap: "skip", lag: 1}
	switch kind {
	case "derivative", "cumulative_sum", "serial_diff", "moving_fn", "moving_avg", "bucket_script", "bucket_selector":
		err := o.parse(v)
		return &bucketPipe{o}, true, err
	case "bucket_sort":
		s, err := parseBucketSort(v)
		return s, true, err
	case "avg_bucket", "max_bucket", "min_bucket", "sum_bucket", "stats_bucket", "extended_stats_bucket", "percentiles_bucket":
		err := o.parse(v)
		if err == nil && len(o.path) != 1 {
			err = illegalf("[%s] wants one [buckets_path]", kind)
		}
		return &siblingPipe{o}, true, err
	case "normalize", "cumulative_cardinality", "moving_percentiles", "inference", "bucket_count_ks_test", "bucket_correlation", "change_point":
		return nil, true, unsupportedf("the aggregation [%s]", kind)
	}
	return nil, false, nil
}

// pipeOptions are the settings of all kinds.
type pipeOptions struct {
	kind string
	// path by the name of the variable; "" where there is only one.
	path   map[string]string
	gap    string
	unit   int64 // of derivative, milliseconds
	lag    int
	window int
	shift  int
	script expression
	moving movingFunction
	format string

	percents []float64
	sigma    float64
}

func (o *pipeOptions) paths() []string {
	var out []string
	for _, p := range o.path {
		out = append(out, p)
	}
	return out
}

func (o *pipeOptions) parse(v *fastjson.Value) error {
	o.sigma, o.percents = 2, defaultPercents
	if o.kind == "moving_avg" {
		o.window, o.moving = 5, movingFunctions["unweightedAvg"]
	}
	var script *fastjson.Value
	err := settings(o.kind, v, func(key string, m *fastjson.Value) (bool, error) {
		if key == "script" {
			script = m
			return true, nil
		}
		return o.parameter(key, m)
	})
	if err != nil {
		return err
	}
	if len(o.path) == 0 {
		return illegalf("Required one of fields [buckets_path], but none were specified. ")
	}
	if script != nil {
		return o.setScript(script)
	}
	if o.kind == "bucket_script" || o.kind == "bucket_selector" || o.kind == "moving_fn" {
		return illegalf("Required [script]")
	}
	return nil
}

func (o *pipeOptions) parameter(key string, v *fastjson.Value) (bool, error) {
	var err error
	switch key {
	case "buckets_path":
		o.path, err = bucketsPath(v)
	case "gap_policy":
		if o.gap, err = textOf(v, key); err == nil && o.gap != "skip" && o.gap != "insert_zeros" && o.gap != "keep_values" {
			err = illegalf("Invalid gap policy: [%s], accepted values: [insert_zeros, skip, keep_values]", clip(o.gap))
		}
	case "format", "minimize", "predict":
		_, err = textOf(v, key)
	case "unit":
		var s string
		s, err = textOf(v, key)
		if unit, ok := esdate.ParseCalendar(s); ok {
			o.unit = esdate.Rounding{Unit: unit}.Width()
		} else if d, derr := esdate.ParseDuration(s); derr == nil && d > 0 {
			o.unit = d.Milliseconds()
		} else if err == nil {
			err = illegalf("unit [%s] is unknown", clip(s))
		}
		switch s {
		case "day", "1d":
			o.unit = 86_400_000
		case "week", "1w":
			o.unit = 7 * 86_400_000
		}
	case "lag":
		o.lag, err = intOf(v, key)
		if err == nil && o.lag < 1 {
			err = illegalf("Lag must be a positive, non-zero integer")
		}
	case "window":
		o.window, err = intOf(v, key)
		if err == nil && o.window <= 0 {
			err = illegalf("[window] must be a positive, non-zero integer.")
		}
	case "shift":
		o.shift, err = intOf(v, key)
	case "model":
		err = o.model(v)
	case "settings", "percents", "sigma":
		err = o.more(key, v)
	default:
		return false, nil
	}
	return true, err
}

func (o *pipeOptions) more(key string, v *fastjson.Value) (err error) {
	switch key {
	case "sigma":
		o.sigma, err = floatOf(v, key)
	case "percents":
		o.percents = nil
		for _, item := range items(v) {
			f, err := floatOf(item, key)
			if err != nil {
				return err
			}
			o.percents = append(o.percents, f)
		}
	}
	return err
}

// model is that of moving_avg, which Elasticsearch 8 replaced by moving_fn.
func (o *pipeOptions) model(v *fastjson.Value) error {
	s, err := textOf(v, "model")
	if err != nil {
		return err
	}
	f, ok := map[string]string{"simple": "unweightedAvg", "linear": "linearWeightedAvg", "ewma": "ewma"}[s]
	if !ok {
		return unsupportedf("the model [%s] of [moving_avg]", clip(s))
	}
	o.moving = movingFunctions[f]
	return nil
}

// bucketsPath reads one path, several in an array or by name.
func bucketsPath(v *fastjson.Value) (map[string]string, error) {
	out := map[string]string{}
	switch v.Type() {
	case fastjson.TypeObject:
		err := members(v, "buckets_path", func(key string, m *fastjson.Value) error {
			s, err := textOf(m, "buckets_path")
			out[key] = s
			return err
		})
		return out, err
	case fastjson.TypeArray:
		for i, item := range v.GetArray() {
			s, err := textOf(item, "buckets_path")
			if err != nil {
				return nil, err
			}
			out["_value"+string(appendWhole(nil, int64(i)))] = s
		}
		if len(out) == 1 {
			return map[string]string{"": out["_value0"]}, nil
		}
		return out, nil
	}
	s, err := textOf(v, "buckets_path")
	return map[string]string{"": s}, err
}

func (o *pipeOptions) setScript(v *fastjson.Value) error {
	if o.kind != "moving_fn" {
		var err error
		o.script, err = parseScript(v, nil)
		return err
	}
	text, params, err := scriptOf(v)
	if err != nil {
		return err
	}
	o.moving, err = parseMoving(text, params)
	return err
}

// value is what a bucket has at a path: NaN for a gap, that is where there is no
// document or no number.
func (o *pipeOptions) value(b *bucket, path string) (float64, error) {
	v, ok := b.metric(path)
	if !ok {
		return 0, illegalf("No aggregation found for path [%s]", clip(path))
	}
	if math.IsInf(v, 0) {
		v = math.NaN()
	}
	gap := math.IsNaN(v) || b.docs == 0 && path != "_count" && o.gap != "keep_values"
	if gap && path != "_key" {
		if o.gap == "insert_zeros" {
			return 0, nil
		}
		return math.NaN(), nil
	}
	return v, nil
}

// bucketPipe are the pipelines that add a number to each bucket, or leave some out.
type bucketPipe struct{ pipeOptions }

func (p *bucketPipe) apply(name string, list []*bucket) ([]*bucket, error) {
	if p.kind == "bucket_script" || p.kind == "bucket_selector" {
		return p.scripted(name, list)
	}
	values := make([]float64, len(list))
	for i, b := range list {
		for _, path := range p.path {
			var err error
			if values[i], err = p.value(b, path); err != nil {
				return nil, err
			}
		}
	}
	put := func(i int, v float64) { list[i].put(name, &valueResult{kind: "simple_value", value: v}) }
	switch p.kind {
	case "derivative":
		p.derive(name, list, values)
	case "cumulative_sum":
		sum := 0.0
		for i, v := range values {
			if !math.IsNaN(v) {
				sum += v
			}
			put(i, sum)
		}
	case "serial_diff":
		for i := p.lag; i < len(list); i++ {
			if d := values[i] - values[i-p.lag]; !math.IsNaN(d) {
				put(i, d)
			}
		}
	default:
		p.move(values, put)
	}
	return list, nil
}

// put adds a result to a bucket.
func (b *bucket) put(name string, r result) {
	if b.subs != nil {
		b.subs.byName[name] = r
	}
}

func (p *bucketPipe) derive(name string, list []*bucket, values []float64) {
	for i := 1; i < len(list); i++ {
		d := &derivativeResult{valueResult: valueResult{kind: "derivative", value: values[i] - values[i-1]}}
		if p.unit > 0 {
			d.normalized = d.value / ((list[i].number - list[i-1].number) / float64(p.unit))
			d.hasUnit = true
		}
		list[i].put(name, d)
	}
}

type derivativeResult struct {
	valueResult
	normalized float64
	hasUnit    bool
}

func (r *derivativeResult) metric(name string) (float64, bool) {
	if name == "normalized_value" {
		return r.normalized, true
	}
	return r.valueResult.metric(name)
}

func (r *derivativeResult) append(b []byte, typed bool) []byte {
	b = r.valueResult.append(b, typed)
	if !r.hasUnit {
		return b
	}
	return append(appendNumber(append(b[:len(b)-1], `,"normalized_value":`...), r.normalized, false), '}')
}

// move applies a function to windows of the values that there are.
func (p *bucketPipe) move(values []float64, put func(int, float64)) {
	var there []float64
	for _, v := range values {
		if !math.IsNaN(v) {
			there = append(there, v)
		}
	}
	clamp := func(i int) int { return min(max(i, 0), len(there)) }
	at := 0
	for i, v := range values {
		if math.IsNaN(v) {
			continue
		}
		window := there[clamp(at-p.window+p.shift):max(clamp(at+p.shift), clamp(at-p.window+p.shift))]
		at++
		if p.kind == "moving_avg" && len(window) == 0 {
			continue
		}
		put(i, p.moving(window))
	}
}

func (p *bucketPipe) scripted(name string, list []*bucket) ([]*bucket, error) {
	var kept []*bucket
	for _, b := range list {
		vars := scope{}
		gap := false
		for variable, path := range p.path {
			v, err := p.value(b, path)
			if err != nil {
				return nil, err
			}
			gap = gap || math.IsNaN(v)
			if variable == "" {
				variable = "_value"
			}
			vars[variable] = v
		}
		switch {
		case p.kind == "bucket_selector":
			if p.script.eval(vars) == 0 {
				continue
			}
		case !gap:
			b.put(name, &valueResult{kind: "simple_value", value: p.script.eval(vars)})
		}
		kept = append(kept, b)
	}
	return kept, nil
}

// bucketSort orders and cuts buckets.
type bucketSort struct {
	order      []orderKey
	from, size int
	gap        string
}

func parseBucketSort(v *fastjson.Value) (*bucketSort, error) {
	s := &bucketSort{size: math.MaxInt32}
	err := settings("bucket_sort", v, func(key string, m *fastjson.Value) (bool, error) {
		var err error
		switch key {
		case "sort":
			err = s.keys(m)
		case "from":
			s.from, err = intOf(m, key)
		case "size":
			s.size, err = intOf(m, key)
			if err == nil && s.size <= 0 {
				err = illegalf("[size] must be a positive integer: [bucket_sort]")
			}
		case "gap_policy":
			s.gap, err = textOf(m, key)
		default:
			return false, nil
		}
		return true, err
	})
	if err == nil && s.from < 0 {
		err = illegalf("[from] must be a non-negative integer: [bucket_sort]")
	}
	return s, err
}

func (s *bucketSort) keys(v *fastjson.Value) error {
	for _, item := range items(v) {
		if item.Type() == fastjson.TypeString {
			s.order = append(s.order, orderKey{path: string(item.GetStringBytes())})
			continue
		}
		err := members(item, "sort", func(path string, m *fastjson.Value) error {
			if m.Type() == fastjson.TypeObject {
				if m = m.Get("order"); m == nil {
					m = fastjson.MustParse(`"asc"`)
				}
			}
			text, err := textOf(m, "sort")
			s.order = append(s.order, orderKey{path, strings.EqualFold(text, "desc")})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *bucketSort) paths() []string {
	var out []string
	for _, k := range s.order {
		out = append(out, k.path)
	}
	return out
}

func (s *bucketSort) apply(_ string, list []*bucket) ([]*bucket, error) {
	values := map[*bucket][]float64{}
	for _, b := range list {
		for _, k := range s.order {
			v, ok := b.metric(k.path)
			if !ok && k.path != "_key" {
				v = math.NaN()
			}
			values[b] = append(values[b], v)
		}
	}
	list = slices.Clone(list)
	if s.gap != "insert_zeros" && len(s.order) > 0 { // buckets without any value are left out
		list = slices.DeleteFunc(list, func(b *bucket) bool {
			return !slices.ContainsFunc(values[b], func(v float64) bool { return !math.IsNaN(v) })
		})
	}
	slices.SortStableFunc(list, func(x, y *bucket) int {
		for i, k := range s.order {
			c := compareMetric(values[x][i], values[y][i], k.desc)
			if k.path == "_key" && c == 0 {
				c = cmp.Compare(x.name, y.name)
			}
			if k.desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	from := min(s.from, len(list))
	return list[from:min(len(list), from+s.size)], nil
}

// siblingPipe are avg_bucket and its kin.
type siblingPipe struct{ pipeOptions }

func (p *siblingPipe) reduce(rs *results) (result, error) {
	path := p.paths()[0]
	first, rest, ok := strings.Cut(path, ">")
	if !ok { // "histogram._count"
		first, rest, ok = strings.Cut(path, ".")
	}
	buckets, isBuckets := rs.get(first).(*bucketsResult)
	if !ok || !isBuckets {
		return nil, illegalf("No aggregation found for path [%s]: [%s] wants the path of buckets and a number in them", clip(path), p.kind)
	}
	s := &statsResult{min: math.Inf(1), max: math.Inf(-1), sigma: p.sigma, extended: p.kind == "extended_stats_bucket"}
	var all []float64
	var smallest, largest []string
	for _, b := range buckets.list {
		v, err := p.value(b, rest)
		if err != nil {
			return nil, err
		}
		if math.IsNaN(v) {
			continue
		}
		if v <= s.min {
			if v < s.min {
				smallest = nil
			}
			smallest = append(smallest, b.name)
		}
		if v >= s.max {
			if v > s.max {
				largest = nil
			}
			largest = append(largest, b.name)
		}
		s.count++
		s.sum += v
		s.squares += v * v
		s.min, s.max = min(s.min, v), max(s.max, v)
		all = append(all, v)
	}
	return p.of(s, all, smallest, largest), nil
}

func (p *siblingPipe) of(s *statsResult, all []float64, smallest, largest []string) result {
	number := func(name string) float64 {
		v, _ := s.metric(name)
		return v
	}
	switch p.kind {
	case "avg_bucket":
		return &valueResult{kind: "simple_value", value: number("avg")}
	case "sum_bucket":
		return &valueResult{kind: "simple_value", value: s.sum}
	case "min_bucket":
		return &extremeResult{valueResult{kind: "bucket_metric_value", value: number("min")}, smallest}
	case "max_bucket":
		return &extremeResult{valueResult{kind: "bucket_metric_value", value: number("max")}, largest}
	case "percentiles_bucket":
		slices.Sort(all)
		r := &percentilesResult{agg: &percentilesAgg{kind: "percentiles", percents: p.percents, keyed: true}}
		for _, q := range p.percents {
			v := math.NaN()
			if len(all) > 0 { // the nearest, without interpolation
				v = all[min(len(all)-1, max(0, int(math.Round(q/100*float64(len(all)-1)))))]
			}
			r.values = append(r.values, v)
		}
		return r
	}
	return s
}

// extremeResult is a number with the keys of the buckets that have it.
type extremeResult struct {
	valueResult
	keys []string
}

func (r *extremeResult) append(b []byte, typed bool) []byte {
	b = r.valueResult.append(b, typed)
	b = append(b[:len(b)-1], `,"keys":[`...)
	for i, k := range r.keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, k)
	}
	return append(b, ']', '}')
}
