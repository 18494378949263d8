package logql

import (
	"context"

	"github.com/grafana/regexp"

	"github.com/pharosd/pharos/model"
)

type labelReplaceEvaluator struct {
	e     *LabelReplace
	re    *regexp.Regexp
	next  evaluator
	cache map[string]sample // by the key of the series
}

func (q *query) newLabelReplace(ctx context.Context, e *LabelReplace) (evaluator, error) {
	re, err := regexp.Compile(anchored(e.Regex))
	if err != nil {
		return nil, parseErrorf("invalid regex in label_replace: %s", err)
	}
	next, err := q.evaluator(ctx, e.Expr)
	return &labelReplaceEvaluator{e: e, re: re, next: next, cache: map[string]sample{}}, err
}

func (l *labelReplaceEvaluator) at(t int64) ([]sample, error) {
	vec, err := l.next.at(t)
	if err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(vec))
	for i, s := range vec {
		r, ok := l.cache[s.key]
		if !ok {
			r = l.replace(s)
			l.cache[s.key] = r
		}
		// Loki keeps one of the two at random.
		if seen[r.key] {
			return nil, executionErrorf("vector cannot contain metrics with the same labelset")
		}
		seen[r.key] = true
		vec[i].labels, vec[i].key = r.labels, r.key
	}
	return vec, nil
}

func (l *labelReplaceEvaluator) replace(s sample) sample {
	src := s.labels.Get(l.e.Src)
	at := l.re.FindStringSubmatchIndex(src)
	if at == nil {
		return s
	}
	value := string(l.re.ExpandString(nil, l.e.Replacement, src, at))
	ls := groupLabels(s.labels, Grouping{Labels: []string{l.e.Dst}, Without: true})
	if value != "" {
		ls = append(ls, model.Label{Name: l.e.Dst, Value: value})
		sortLabels(ls)
	}
	return sample{labels: ls, key: labelsKey(ls)}
}
