package esquery

import (
	"context"
	"errors"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/logs"
)

// aggregateByCount answers aggregations from the store's grouped counts, without
// reading a document that has the fields where the store keeps them, if the store can
// do the whole query: histograms of @timestamp of a fixed width, terms, and these in
// each other. It returns false if there is anything else.
func (s *search) aggregateByCount(ctx context.Context, pre prefilter) (bool, error) {
	if s.aggs.none() || !pre.exact || s.terminateAfter > 0 {
		return false, nil
	}
	chains := make([]countChain, len(s.aggs.list))
	for i, a := range s.aggs.list {
		if !chains[i].add(a.spec) {
			return false, nil
		}
	}
	g := s.aggs.collectors(s.run)
	for i, c := range g.cs {
		err := s.countChain(ctx, pre, chains[i], c)
		var ours *Error
		if err != nil && ctx.Err() == nil && !errors.As(err, &ours) {
			return false, nil // too many groups for the store: read, within our own bounds
		}
		if err != nil {
			return false, err
		}
	}
	var err error
	s.results, err = g.results(&reduction{run: s.run})
	return true, err
}

// countChain is an aggregation whose buckets have at most one aggregation, which is
// one too.
type countChain struct {
	histogram *histogramAgg
	// terms are from the outer to the inner; the histogram is within this many.
	terms  []*termsAgg
	within int
}

// maxCountedTerms bounds the fields of one count.
const maxCountedTerms = 2

// add takes a spec and what is in its buckets; false if it is not countable.
func (c *countChain) add(spec aggSpec) bool {
	var subs *aggregations
	switch a := spec.(type) {
	case *histogramAgg:
		if c.histogram != nil || !a.countable() {
			return false
		}
		c.histogram, c.within, subs = a, len(c.terms), a.subs
	case *termsAgg:
		if len(c.terms) == maxCountedTerms || !a.countable() {
			return false
		}
		c.terms, subs = append(c.terms, a), a.subs
	default:
		return false
	}
	switch {
	case subs == nil || len(subs.list) == 0: // pipelines at most
		return true
	case len(subs.list) > 1:
		return false
	}
	return c.add(subs.list[0].spec)
}

// countable says whether the buckets are those of the store.
func (a *histogramAgg) countable() bool {
	return a.rounding != nil && a.rounding.Step() != 0 && a.path != nil && a.path.kind == timestampPath && a.script == nil && a.hard == nil
}

func (a *termsAgg) countable() bool {
	src := &a.sources[0]
	return !a.multi && src.path != nil && (src.path.kind == indexPath || src.path.kind == plainPath) && src.script == nil && src.missing == nil
}

// by is where the store has the key of a terms aggregation.
func (a *termsAgg) by() []logs.Field {
	p := a.sources[0].path
	if p.kind == indexPath {
		return []logs.Field{{Kind: logs.Label, Name: indexLabel}, {Kind: logs.Label, Name: serviceLabel}}
	}
	return []logs.Field{{Kind: logs.Parsed, Name: p.column}}
}

// came selects what came through Elasticsearch.
var came = logs.InStreams{Matchers: []*labels.Matcher{labels.MustNewMatcher(labels.MatchNotEqual, indexLabel, "")}}

// kept selects the entries whose fields for terms are columns; nil: all.
func (c *countChain) kept() logs.Filter {
	var all logs.And
	for _, a := range c.terms {
		if a.sources[0].path.kind == plainPath {
			all = append(all, logs.Exists{Field: a.by()[0]})
		}
	}
	if len(all) == 0 {
		return nil
	}
	return append(all, logs.HasFormat{Format: logs.JSON}, came)
}

func (s *search) countChain(ctx context.Context, pre prefilter, chain countChain, c collector) error {
	kept := chain.kept()
	if kept == nil {
		return s.countGroups(ctx, pre.filter, chain, c)
	}
	if err := s.countGroups(ctx, and(pre, prefilter{filter: kept}).filter, chain, c); err != nil {
		return err
	}
	rest := and(pre, prefilter{filter: logs.Not{Filter: kept}})
	// Documents surely without a field are in the buckets around it all the same.
	around, field := chain.around()
	has := existsOn(field)
	if has.filter != nil && (around.histogram != nil || len(around.terms) > 0) {
		if err := s.countGroups(ctx, and(rest, prefilter{filter: logs.Not{Filter: has.filter}}).filter, around, c); err != nil {
			return err
		}
	}
	rest = and(rest, has)
	workers := newPerWorker(func() collector { return chain.outer().collector(s.run) })
	sc := &scanner{run: s.run, where: rest.filter}
	if err := sc.scan(ctx, minTime, maxTime, func(id int, d *document) error { return workers.get(id).collect(d) }); err != nil {
		return err
	}
	for _, w := range workers.all {
		if err := c.merge(w); err != nil {
			return err
		}
	}
	return nil
}

func (c *countChain) outer() aggSpec {
	if c.histogram != nil && c.within == 0 {
		return c.histogram
	}
	return c.terms[0]
}

// around is the part of a chain before the first field of documents, and that field.
func (c *countChain) around() (countChain, *path) {
	k := slices.IndexFunc(c.terms, func(a *termsAgg) bool { return a.sources[0].path.kind == plainPath })
	out := countChain{terms: c.terms[:k]}
	if c.histogram != nil && c.within <= k {
		out.histogram, out.within = c.histogram, c.within
	}
	return out, c.terms[k].sources[0].path
}

// groupSize is about what a group of the store takes.
const groupSize = 150

func (s *search) countGroups(ctx context.Context, where logs.Filter, chain countChain, c collector) error {
	start, end := timeRange(where)
	if start >= end {
		return nil
	}
	g := logs.Grouping{}
	if h := chain.histogram; h != nil {
		step := h.rounding.Step()
		g.Step, g.Offset = step*1e6, mod(h.rounding.Offset, step)*1e6
	}
	for _, a := range chain.terms {
		g.By = append(g.By, a.by()...)
	}
	groups, err := s.engine.reader.Count(ctx, s.tenant, logs.Query{Start: start, End: end, Where: where}, g)
	if errors.Is(err, logs.ErrMemory) {
		return tooLarge("the store has for one")
	}
	if err != nil {
		return err
	}
	if err := s.keep(groupSize * len(groups)); err != nil {
		return err
	}
	defer s.memory.Add(-int64(groupSize * len(groups)))
	types := keyTypes{search: s, where: where}
	for _, one := range groups {
		var keys []term
		by := one.By
		for _, a := range chain.terms {
			t, err := types.term(ctx, a, by)
			if err != nil {
				return err
			}
			keys, by = append(keys, t), by[len(a.by()):]
		}
		if err := fill(c, floorDiv(one.Time, 1e6), keys, int64(one.Entries)); err != nil {
			return err
		}
	}
	return nil
}

// fill adds n documents to a collector's bucket, and to those in it.
func fill(c collector, ms int64, keys []term, n int64) error {
	var t *tally
	var err error
	switch c := c.(type) {
	case *histogramCollector:
		t, err = c.bucket(float64(ms))
	case *termsCollector:
		if len(keys) == 0 {
			return nil
		}
		if t, err = c.bucketOf(keys[0]); t == nil {
			return err // excluded
		}
		keys = keys[1:]
	}
	if err != nil {
		return err
	}
	t.docs += n
	if t.subs == nil {
		return nil
	}
	for _, sub := range t.subs.cs {
		if err := fill(sub, ms, keys, n); err != nil {
			return err
		}
	}
	return nil
}

func (c *termsCollector) bucketOf(t term) (*tally, error) {
	if c.agg.include != nil && !c.agg.include.has(t.text) || c.agg.exclude != nil && c.agg.exclude.has(t.text) {
		return nil, nil
	}
	b, err := c.bucket(t.text, t)
	if err != nil {
		return nil, err
	}
	return b.tally, nil
}

// keyTypes says what the texts of columns are in documents: 500 may be a number or a
// text. One document is looked at for each field, as a field has one type.
type keyTypes struct {
	*search
	where logs.Filter
	known map[string]bool
}

func (k *keyTypes) term(ctx context.Context, a *termsAgg, by []string) (term, error) {
	p := a.sources[0].path
	text := by[0]
	if p.kind == indexPath {
		switch {
		case text != "":
		case by[1] != "":
			text = restIndex + "-" + by[1]
		default:
			text = restIndex
		}
		return term{text: text}, nil
	}
	v := typed(text)
	if p.keyword {
		v = newText(text)
	}
	_, isNumber := logs.ParseNumber(text)
	isBool := text == "true" || text == "false"
	if !isNumber && !isBool {
		return termOf(&v), nil
	}
	isText, err := k.isText(ctx, p, text, isBool)
	switch {
	case err != nil || isText:
		return termOf(&v), err
	case isBool:
		v = newBool(text == "true")
	default:
		v = newNumber(text)
	}
	return termOf(&v), nil
}

// isText looks at a document whose column has the text.
func (k *keyTypes) isText(ctx context.Context, p *path, text string, isBool bool) (bool, error) {
	key := p.column
	if isBool {
		key += " bool"
	}
	if known, ok := k.known[key]; ok {
		return known, nil
	}
	is := true
	where := and(prefilter{filter: k.where}, prefilter{filter: logs.Equals{Field: logs.Field{Kind: logs.Parsed, Name: p.column}, Value: text}})
	start, end := timeRange(k.where)
	var rd reader
	err := k.engine.reader.Select(ctx, k.tenant, logs.Query{Start: start, End: end, Where: where.filter, Limit: 1}, func(b *logs.Block) error {
		rd.begin(b)
		vs := rd.read(0).values(nil, p)
		is = !slices.ContainsFunc(vs, func(v value) bool { return v.kind != textValue })
		return nil
	})
	if k.known == nil {
		k.known = map[string]bool{}
	}
	k.known[key] = is
	return is, err
}

func mod(a, b int64) int64 {
	m := a % b
	if m < 0 {
		m += b
	}
	return m
}
