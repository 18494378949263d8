package tail

import (
	"hash/maphash"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/model"
)

// group is the readers of one query: it is evaluated once for all of them.
type group struct {
	key     string
	matcher *logql.Matcher
	// equal is what the group is filed under: a label that its streams must have, the
	// zero Label if there is none.
	equal   model.Label
	readers []*Subscription
	// spent is the worker's time for the group in a window.
	window uint64
	spent  time.Duration
	// broken says that evaluating the query panicked.
	broken bool
}

// index finds the groups of a tenant that a stream can match.
type index struct {
	groups map[string]*group
	// equal files groups by one of their equality matchers, others are the rest.
	equal  map[model.Label][]*group
	others []*group

	// routes remembers what streams match, by a hash of their labels, until groups
	// change.
	seed   maphash.Seed
	routes map[uint64]route
	sets   labelSets
}

// route is the answer for one stream. The labels are compared, since hashes of
// hostile streams may be equal.
type route struct {
	labels model.Labels
	groups []*group
}

// maxRoutes bounds the remembered streams; past it all are forgotten.
const maxRoutes = 20_000

func newIndex() *index {
	return &index{groups: map[string]*group{}, equal: map[model.Label][]*group{}, seed: maphash.MakeSeed(), routes: map[uint64]route{}}
}

// add puts a reader into the group of its query.
func (ix *index) add(q *logql.LogExpr, s *Subscription) error {
	key := q.String()
	g := ix.groups[key]
	if g == nil {
		m, err := logql.NewMatcher(q)
		if err != nil {
			return err
		}
		g = &group{key: key, matcher: m}
		for _, x := range q.Matchers {
			if x.Type == labels.MatchEqual && x.Value != "" {
				g.equal = model.Label{Name: x.Name, Value: x.Value}
				break
			}
		}
		ix.groups[key] = g
		if g.equal.Name != "" {
			ix.equal[g.equal] = append(ix.equal[g.equal], g)
		} else {
			ix.others = append(ix.others, g)
		}
		clear(ix.routes)
	}
	s.group = g
	g.readers = append(g.readers, s)
	return nil
}

func (ix *index) remove(s *Subscription) {
	g := s.group
	g.readers = slices.DeleteFunc(g.readers, func(x *Subscription) bool { return x == s })
	if len(g.readers) > 0 {
		return
	}
	delete(ix.groups, g.key)
	is := func(x *group) bool { return x == g }
	if g.equal.Name == "" {
		ix.others = slices.DeleteFunc(ix.others, is)
	} else if ix.equal[g.equal] = slices.DeleteFunc(ix.equal[g.equal], is); len(ix.equal[g.equal]) == 0 {
		delete(ix.equal, g.equal)
	}
	clear(ix.routes)
}

// route returns the groups whose selector selects the stream.
func (ix *index) route(stream model.Labels) []*group {
	hash := ix.hash(stream)
	if r, ok := ix.routes[hash]; ok && slices.Equal(r.labels, stream) {
		return r.groups
	}
	var found []*group
	for _, l := range stream {
		found = appendSelecting(found, ix.equal[l], stream)
	}
	found = appendSelecting(found, ix.others, stream)
	if len(ix.routes) >= maxRoutes {
		clear(ix.routes)
	}
	ix.routes[hash] = route{cloneLabels(stream), found}
	return found
}

func appendSelecting(found, candidates []*group, stream model.Labels) []*group {
	for _, g := range candidates {
		if g.matcher.Selects(stream) {
			found = append(found, g)
		}
	}
	return found
}

func (ix *index) hash(ls model.Labels) uint64 {
	var h maphash.Hash
	h.SetSeed(ix.seed)
	for _, l := range ls {
		_, _ = h.WriteString(l.Name)
		_ = h.WriteByte(0)
		_, _ = h.WriteString(l.Value)
		_ = h.WriteByte(0)
	}
	return h.Sum64()
}
