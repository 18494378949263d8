package logql

import (
	"errors"
	"hash/maphash"
	"slices"
	"strconv"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
)

// columnValues reads numbers and series from columns without running a pipeline:
// where the store selects exactly the entries that pass it. It is what makes
// statistics of millions of numbers cheap.
type columnValues struct {
	value string   // the label to unwrap
	names []string // of labels to group by, sorted
	// Of the block: the labels that all entries have, and columns of the others.
	same    []model.Label
	varying []logs.Column
	values  logs.Column
}

// valuesOnly says whether the plan's filters, which the store applies, are all that
// there is to do besides reading the number.
func (x *extraction) valuesOnly(p *columnPlan) *columnValues {
	if x.unwrap == nil || p.blocker != "" || p.mayFail() || slices.Contains(p.changed, x.value) || unusual(x.value) {
		return nil
	}
	for _, f := range x.filter {
		s, ok := f.(*stringFilter)
		if !ok || s.m.Name != errorLabel {
			return nil
		}
	}
	if _, exact := p.condition(resolver{sources: anySource}); !exact {
		return nil
	}
	c := &columnValues{value: x.value}
	if !x.single {
		if x.grouping == nil || x.grouping.Without {
			return nil
		}
		c.names = slices.Clone(x.grouping.Labels)
		slices.Sort(c.names)
		c.names = slices.Compact(c.names)
		if slices.ContainsFunc(c.names, func(n string) bool { return unusual(n) || slices.Contains(p.changed, n) }) {
			return nil
		}
	}
	return c
}

// open prepares for a block. It is false if a name that counts is one of metadata,
// or the number's one of the stream: then the pipeline must decide.
func (c *columnValues) open(b *logs.Block) bool {
	if len(b.Metadata) > 0 || b.Stream.Get(c.value) != "" {
		return false
	}
	c.same, c.varying, c.values = c.same[:0], c.varying[:0], columnOf(b.Parsed, c.value)
	for _, n := range c.names {
		if v := b.Stream.Get(n); v != "" {
			c.same = append(c.same, model.Label{Name: n, Value: v})
		} else if column := columnOf(b.Parsed, n); column.Values != nil {
			c.varying = append(c.varying, column)
		}
	}
	return true
}

func columnOf(cs []logs.Column, name string) logs.Column {
	for i := range cs {
		if cs[i].Name == name {
			return cs[i]
		}
	}
	return logs.Column{}
}

// spellIntegers gives the column that came as numbers its texts.
func spellIntegers(b *logs.Block) {
	for i := range b.Parsed {
		c := &b.Parsed[i]
		if c.Integers == nil {
			continue
		}
		c.Values = make([]string, len(c.Integers))
		for j, n := range c.Integers {
			c.Values[j] = strconv.FormatInt(n, 10)
		}
		c.Integers = nil
	}
}

// labels returns the labels of the i-th entry's series.
func (c *columnValues) labels(i int, buf []model.Label) []model.Label {
	buf = append(buf[:0], c.same...)
	for _, v := range c.varying {
		if v.Values[i] != "" {
			buf = append(buf, model.Label{Name: v.Name, Value: v.Values[i]})
		}
	}
	sortLabels(buf)
	return buf
}

// sameSeries says whether the i-th entry has the labels of the j-th.
func (c *columnValues) sameSeries(i, j int) bool {
	for _, v := range c.varying {
		if v.Values[i] != v.Values[j] {
			return false
		}
	}
	return true
}

// addValues adds the numbers of a block that columnValues opened.
func (w *gatherWorker) addValues(b *logs.Block) (added int, err error) {
	c := w.x.values
	if w.x.dropsSound() {
		return 0, nil
	}
	stream := streamHash(w.g.seed, b.Stream)
	var s *freshSeries
	last := 0 // the entry that s is of
	for i, t := range b.Times {
		v, err := w.x.valueAt(i)
		switch {
		case errors.Is(err, errNoValue):
			continue
		case err != nil:
			return added, err
		}
		if s == nil || !c.sameSeries(i, last) {
			w.buf = c.labels(i, w.buf)
			if s, err = w.seriesOf(w.buf); err != nil {
				return added, err
			}
			last = i
		}
		fold := stream
		if w.g.byLine {
			fold ^= maphash.String(w.g.seed, b.Lines[i])
		}
		s.points = append(s.points, point{t, v, fold})
		added++
	}
	w.matched += int64(added)
	return added, nil
}

// errNoValue says that an entry has no number that counts.
var errNoValue = errors.New("BUG: entry has no value")

// valueAt is the number of the i-th entry of the block that columnValues opened.
func (x *extractor) valueAt(i int) (float64, error) {
	c := &x.values.values
	if c.Integers != nil {
		return float64(c.Integers[i]), nil
	}
	if c.Values == nil || c.Values[i] == "" {
		return 0, errNoValue
	}
	if v, ok := smallInteger(c.Values[i]); ok && x.unwrap.Conversion == "" {
		return v, nil
	}
	v, err := convert(x.unwrap.Conversion, c.Values[i])
	switch {
	case err == nil:
		return v, nil
	case x.dropsFailed():
		return 0, errNoValue
	}
	return 0, errNeedsLines
}

// smallInteger reads a number of a few digits, which is most of them, faster than
// strconv does.
func smallInteger(s string) (v float64, ok bool) {
	if len(s) == 0 || len(s) > 15 {
		return 0, false
	}
	n := int64(0)
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + int64(s[i]-'0')
	}
	return float64(n), true
}

// dropsFailed and dropsSound say whether the filters behind the unwrap drop entries
// whose value is no number, and those whose is: they read the error label only.
func (x *extractor) dropsFailed() bool { return x.dropsError(errSampleExtraction) }
func (x *extractor) dropsSound() bool  { return x.dropsError("") }

func (x *extractor) dropsError(kind string) bool {
	return slices.ContainsFunc(x.unwrap.Filters, func(f labelFilter) bool { return !f.(*stringFilter).test(kind) })
}
