package esquery

import (
	"strconv"
	"strings"

	"github.com/valyala/fastjson"
)

// boolQuery matches when all of must and none of mustNot do, and at least need of
// should.
type boolQuery struct {
	must, should, mustNot []query
	need                  int
}

func (q *boolQuery) match(d *document) bool {
	for _, m := range q.must {
		if !m.match(d) {
			return false
		}
	}
	for _, m := range q.mustNot {
		if m.match(d) {
			return false
		}
	}
	if q.need <= 0 {
		return true
	}
	n := 0
	for i, s := range q.should {
		if s.match(d) {
			if n++; n >= q.need {
				return true
			}
		}
		if n+len(q.should)-i-1 < q.need {
			return false
		}
	}
	return false
}

func (q *boolQuery) prefilter() prefilter {
	var all []prefilter
	for _, m := range q.must {
		all = append(all, m.prefilter())
	}
	for _, m := range q.mustNot {
		all = append(all, not(m.prefilter()))
		if p := m.prefilter(); !p.exact {
			all = append(all, everything)
		}
	}
	if q.need > len(q.should) {
		return none
	}
	if q.need > 0 {
		var one []prefilter
		for _, s := range q.should {
			one = append(one, s.prefilter())
		}
		switch {
		case q.need == len(q.should):
			all = append(all, one...)
		default:
			p := or(one...)
			p.exact = p.exact && q.need == 1
			all = append(all, p)
		}
	}
	return and(all...)
}

func (q *boolQuery) marks(to []span, p *path, text string) []span {
	for _, m := range q.must {
		to = m.marks(to, p, text)
	}
	for _, m := range q.should {
		to = m.marks(to, p, text)
	}
	return to
}

// anyOf matches when one does.
func anyOf(qs ...query) query {
	if len(qs) == 1 {
		return qs[0]
	}
	return &boolQuery{should: qs, need: 1}
}

func parseBool(c *compiler, v *fastjson.Value) (query, error) {
	q := &boolQuery{}
	spec := ""
	err := parameters(v, "bool", func(key string, m *fastjson.Value) (bool, error) {
		var to *[]query
		switch key {
		case "must", "filter":
			to = &q.must
		case "should":
			to = &q.should
		case "must_not":
			to = &q.mustNot
		case "minimum_should_match":
			var err error
			spec, err = textOf(m, key)
			return true, err
		case "adjust_pure_negative":
			_, err := boolOf(m, key)
			return true, err
		default:
			return false, nil
		}
		for _, item := range items(m) {
			if item.Type() == fastjson.TypeNull {
				continue
			}
			one, err := c.compile(item)
			if err != nil {
				return true, err
			}
			*to = append(*to, one)
		}
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	q.need, err = minimumShould(spec, len(q.should), len(q.must) == 0)
	return q, err
}

// minimumShould says how many of n optional clauses must match; alone: there are no
// others, so that it is one at least.
func minimumShould(spec string, n int, alone bool) (int, error) {
	if n == 0 {
		return 0, nil
	}
	least := 0
	if alone {
		least = 1
	}
	if spec == "" {
		return least, nil
	}
	need, err := evalMinimum(spec, n)
	return max(need, least), err
}

// evalMinimum reads Elasticsearch's minimum_should_match: 2, -1, 75%, -25%, and
// conditions such as 2<-25% 9<-3.
func evalMinimum(spec string, n int) (int, error) {
	spec = strings.TrimSpace(spec)
	if strings.Contains(spec, "<") {
		result := n
		for _, part := range strings.Fields(strings.ReplaceAll(spec, " <", "<")) {
			bound, then, ok := strings.Cut(part, "<")
			b, err := strconv.Atoi(bound)
			if !ok || err != nil {
				return 0, illegalf("failed to parse minimum_should_match [%.40s]", spec)
			}
			if n <= b {
				return result, nil
			}
			if result, err = evalMinimum(then, n); err != nil {
				return 0, err
			}
		}
		return result, nil
	}
	text, percent := strings.CutSuffix(spec, "%")
	v, err := strconv.Atoi(text)
	if err != nil || v > 1e6 || v < -1e6 {
		return 0, illegalf("failed to parse minimum_should_match [%.40s]", spec)
	}
	if percent {
		v = v * n / 100
	}
	if v < 0 {
		v += n
	}
	return max(v, 0), nil
}

func parseConstantScore(c *compiler, v *fastjson.Value) (query, error) {
	var q query
	err := parameters(v, "constant_score", func(key string, m *fastjson.Value) (bool, error) {
		if key != "filter" {
			return false, nil
		}
		var err error
		q, err = c.compile(m)
		return true, err
	})
	if err == nil && q == nil {
		err = parsingf("[constant_score] requires a 'filter' element")
	}
	return q, err
}

func parseDisMax(c *compiler, v *fastjson.Value) (query, error) {
	q := &boolQuery{need: 1}
	err := parameters(v, "dis_max", func(key string, m *fastjson.Value) (bool, error) {
		switch key {
		case "queries":
			for _, item := range items(m) {
				one, err := c.compile(item)
				if err != nil {
					return true, err
				}
				q.should = append(q.should, one)
			}
		case "tie_breaker":
			_, err := floatOf(m, key)
			return true, err
		default:
			return false, nil
		}
		return true, nil
	})
	if err == nil && len(q.should) == 0 {
		err = parsingf("[dis_max] requires 'queries' field with at least one clause")
	}
	return q, err
}

// parseBoosting matches what its positive part does: the rest is about scores.
func parseBoosting(c *compiler, v *fastjson.Value) (query, error) {
	var q query
	err := parameters(v, "boosting", func(key string, m *fastjson.Value) (bool, error) {
		switch key {
		case "positive":
			var err error
			q, err = c.compile(m)
			return true, err
		case "negative":
			_, err := c.compile(m)
			return true, err
		case "negative_boost":
			_, err := floatOf(m, key)
			return true, err
		}
		return false, nil
	})
	if err == nil && q == nil {
		err = parsingf("[boosting] query requires 'positive' query to be set'")
	}
	return q, err
}
