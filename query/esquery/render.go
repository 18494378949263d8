package esquery

import (
	"strconv"
	"strings"
	"time"
)

// shards is what answers say about shards: there is one, and it never fails alone.
const shards = `"_shards":{"total":1,"successful":1,"skipped":0,"failed":0}`

func appendWhole(b []byte, i int64) []byte { return strconv.AppendInt(b, i, 10) }

// render writes the answer.
func (s *search) render() ([]byte, error) {
	b := []byte{'{'}
	if s.scrollID != "" {
		b = append(appendString(append(b, `"_scroll_id":`...), s.scrollID), ',')
	}
	if s.pit != "" {
		b = append(appendString(append(b, `"pit_id":`...), s.pit), ',')
	}
	took := max(s.engine.now().Sub(s.begin)/time.Millisecond, 0)
	b = appendWhole(append(b, `"took":`...), int64(took))
	b = strconv.AppendBool(append(b, `,"timed_out":`...), s.timedOut)
	if s.terminateAfter > 0 {
		b = strconv.AppendBool(append(b, `,"terminated_early":`...), s.terminated.Load())
	}
	if s.selection.empty() {
		b = append(b, `,"_shards":{"total":0,"successful":0,"skipped":0,"failed":0},"hits":`...)
	} else {
		b = append(b, `,`+shards+`,"hits":`...)
	}
	b, err := s.renderHits(b)
	if err != nil {
		return nil, err
	}
	if s.results != nil && !s.selection.empty() {
		b = s.results.append(append(b, `,"aggregations":`...), s.TypedKeys)
	}
	return append(b, '}'), nil
}

func (s *search) renderHits(b []byte) ([]byte, error) {
	b = append(b, '{')
	if s.total != 0 {
		n, relation := s.count()
		if s.TotalAsInt {
			b = append(appendWhole(append(b, `"total":`...), n), ',')
		} else {
			b = appendWhole(append(b, `"total":{"value":`...), n)
			b = append(b, `,"relation":"`+relation+`"},`...)
		}
	}
	scored := s.scored()
	hits := s.hits[min(s.from, len(s.hits)):]
	if scored && len(hits) > 0 {
		b = append(b, `"max_score":1.0,"hits":[`...)
	} else {
		b = append(b, `"max_score":null,"hits":[`...)
	}
	var r reader
	for i, h := range hits {
		if i > 0 {
			b = append(b, ',')
		}
		start := len(b)
		b = s.renderHit(b, h, h.doc.open(&r), scored)
		if err := s.keep(len(b) - start); err != nil {
			return nil, err
		}
	}
	return append(b, ']', '}'), s.remember(hits)
}

// count is the number of hits and whether it is a lower bound.
func (s *search) count() (int64, string) {
	n := s.found.Load()
	if c := s.context.counted(); c >= 0 {
		n = c
	}
	switch {
	case s.total > 0 && n > s.total:
		return s.total, "gte"
	case s.terminated.Load() || s.timedOut && !s.exactTotal:
		return n, "gte"
	}
	return n, "eq"
}

// scored says whether hits show a score: without a sort, or if it sorts by it.
func (s *search) scored() bool {
	if !s.sorted {
		return true
	}
	for _, k := range s.sort {
		if k.kind == byScore {
			return true
		}
	}
	return false
}

func (s *search) renderHit(b []byte, h *hit, d *document, scored bool) []byte {
	b = appendString(append(b, `{"_index":`...), d.index)
	b = appendString(append(b, `,"_id":`...), d.id())
	if s.version {
		b = append(b, `,"_version":1`...)
	}
	if s.seqNo {
		b = append(b, `,"_seq_no":0,"_primary_term":1`...)
	}
	if scored {
		b = append(b, `,"_score":1.0`...)
	} else {
		b = append(b, `,"_score":null`...)
	}
	if !s.source.off {
		b = append(b, `,"_source":`...)
		if s.source.whole() {
			b = d.source(b)
		} else {
			b = s.source.apply(b, d.source(nil))
		}
	}
	if len(s.fields) > 0 {
		b = s.fieldValues(b, d)
	}
	if s.highlight != nil {
		b = s.highlight.append(b, d, s.query)
	}
	if !s.sorted {
		return append(b, '}')
	}
	b = append(b, `,"sort":[`...)
	keys := s.order()
	n := 0
	for i := range keys {
		if keys[i].hidden {
			continue
		}
		if n > 0 {
			b = append(b, ',')
		}
		b = keys[i].append(b, &h.keys[i])
		n++
	}
	if n == 0 { // a scroll by _doc
		b = appendWhole(b, d.tie())
	}
	return append(b, ']', '}')
}

// remember moves the cursor of a scroll behind the last hit.
func (s *search) remember(hits []*hit) error {
	if s.context == nil {
		return nil
	}
	s.context.mu.Lock()
	defer s.context.mu.Unlock()
	if s.context.total == nil {
		n := s.found.Load()
		s.context.total = &n
	}
	if len(hits) > 0 {
		last := hits[len(hits)-1].keys
		for i := range last {
			last[i].text = strings.Clone(last[i].text)
		}
		s.context.after = last
	}
	return nil
}
