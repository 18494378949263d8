package tail

import (
	"strconv"
	"strings"

	"github.com/pharosd/pharos/model"
)

// Line is an entry as a query shows it, encoded. It is shared between readers and
// never changed.
type Line struct {
	Labels *LabelSet
	Time   int64 // nanoseconds
	// JSON is Loki's pair of time and line: ["<nanoseconds>","line"].
	JSON []byte
}

// LabelSet is the labels of lines, encoded.
type LabelSet struct {
	Labels model.Labels
	JSON   []byte // an object
}

// lineCharge is what a line is charged with besides its bytes.
const lineCharge = 96

func (l *Line) charge() int64 { return int64(len(l.JSON)) + lineCharge }

func (s *LabelSet) charge() int64 { return 3 * int64(len(s.JSON)) }

func newLine(set *LabelSet, t int64, text string) *Line {
	b := make([]byte, 0, len(text)+len(text)/16+28)
	b = append(b, `["`...)
	b = strconv.AppendInt(b, t, 10)
	b = append(b, `",`...)
	b = appendJSON(b, text)
	return &Line{Labels: set, Time: t, JSON: append(b, ']')}
}

func newLabelSet(ls model.Labels) *LabelSet {
	own := cloneLabels(ls)
	b := []byte{'{'}
	for i, l := range own {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, l.Name)
		b = append(b, ':')
		b = appendJSON(b, l.Value)
	}
	return &LabelSet{Labels: own, JSON: append(b, '}')}
}

func cloneLabels(ls model.Labels) model.Labels {
	out := make(model.Labels, len(ls))
	for i, l := range ls {
		out[i] = model.Label{Name: strings.Clone(l.Name), Value: strings.Clone(l.Value)}
	}
	return out
}

// labelSets remembers label sets, so that most lines need none of their own.
type labelSets struct {
	sets  map[string]*LabelSet
	bytes int64
	key   []byte
}

// maxLabelSets bounds them in bytes; past it all are forgotten.
const maxLabelSets = 1 << 20

func (s *labelSets) get(ls model.Labels) *LabelSet {
	s.key = s.key[:0]
	for _, l := range ls {
		s.key = append(append(append(append(s.key, l.Name...), 0xff), l.Value...), 0xff)
	}
	if set, ok := s.sets[string(s.key)]; ok {
		return set
	}
	set := newLabelSet(ls)
	if s.bytes += set.charge() + int64(len(s.key)); s.sets == nil || s.bytes > maxLabelSets {
		s.sets, s.bytes = map[string]*LabelSet{}, 0
	}
	s.sets[string(s.key)] = set
	return set
}
