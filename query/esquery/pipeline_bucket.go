package esquery

import "math"

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
