package esquery

// bucket is one of an answer.
type bucket struct {
	// name is the key of a keyed answer.
	name string
	// head are the members that say what the bucket is, written out.
	head []byte
	// number is the key of a histogram's bucket, text a terms'.
	number float64
	docs   int64
	subs   *results
}

func (b *bucket) append(out []byte, typed bool) []byte {
	out = append(out, '{')
	if len(b.head) > 0 {
		out = append(append(out, b.head...), ',')
	}
	out = appendWhole(append(out, `"doc_count":`...), b.docs)
	return append(b.subs.members(out, typed, false), '}')
}

// bucketsResult are the buckets of an aggregation.
type bucketsResult struct {
	kind  string
	list  []*bucket
	keyed bool
	// before and behind are members around "buckets", written out.
	before, behind []byte
}

func (r *bucketsResult) typeName() string              { return r.kind }
func (r *bucketsResult) metric(string) (float64, bool) { return 0, false }

func (r *bucketsResult) append(b []byte, typed bool) []byte {
	b = append(append(b, '{'), r.before...)
	open, closing := byte('['), byte(']')
	if r.keyed {
		open, closing = '{', '}'
	}
	b = append(append(b, `"buckets":`...), open)
	for i, one := range r.list {
		if i > 0 {
			b = append(b, ',')
		}
		if r.keyed {
			b = append(appendString(b, one.name), ':')
		}
		b = one.append(b, typed)
	}
	b = append(b, closing)
	return append(append(b, r.behind...), '}')
}

// singleResult is one bucket without a list: filter, missing, global.
type singleResult struct {
	kind string
	docs int64
	subs *results
}

func (r *singleResult) typeName() string { return r.kind }

func (r *singleResult) metric(name string) (float64, bool) {
	return float64(r.docs), name == "_count" || name == ""
}

func (r *singleResult) append(b []byte, typed bool) []byte {
	b = appendWhole(append(b, `{"doc_count":`...), r.docs)
	return append(r.subs.members(b, typed, false), '}')
}

// tally is a bucket that is being filled.
type tally struct {
	docs int64
	subs *group
}

// tallySize is about what an empty bucket takes.
const tallySize = 160

func newTally(r *run, subs *aggregations, key int) (*tally, error) {
	size := tallySize + key
	if subs != nil {
		size += 160 * len(subs.list)
	}
	return &tally{subs: subs.collectors(r)}, r.keep(size)
}

func (t *tally) add(d *document) error {
	t.docs++
	return t.subs.collect(d)
}

func (t *tally) merge(o *tally) error {
	t.docs += o.docs
	return t.subs.merge(o.subs)
}

// nesting is what kinds with buckets embed.
type nesting struct{ subs *aggregations }

func (n *nesting) nest(subs *aggregations) error {
	n.subs = subs
	return nil
}

// finish fills in the results of the buckets' own aggregations, and lets pipelines
// work on them.
func (n *nesting) finish(r *reduction, list []*bucket, tallies []*tally) ([]*bucket, error) {
	if err := r.bucket(len(list)); err != nil {
		return nil, err
	}
	for i, b := range list {
		t := tallies[i]
		if t == nil {
			t = &tally{subs: n.subs.collectors(r.run)}
		}
		b.docs = t.docs
		var err error
		if b.subs, err = t.subs.results(r); err != nil {
			return nil, err
		}
	}
	return n.subs.pipe(list)
}
