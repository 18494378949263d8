package esquery

import (
	"math"

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
