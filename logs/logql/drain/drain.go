// Package drain finds the patterns of log lines: texts in which what differs from
// line to line is <_>. It follows Drain (He et al., "Drain: An Online Log Parsing
// Approach with Fixed Depth Tree", ICWS 2017), with the whole sequence of delimiters
// in place of the number of tokens, so that a pattern is also a filter: every line
// that was counted for it matches it in LogQL's |>.
package drain

import (
	"cmp"
	"slices"
	"strings"
)

// Config bounds a Miner.
type Config struct {
	// MaxPatterns is how many patterns are kept; beyond, the rarest is forgotten.
	MaxPatterns int
	// MaxLine is the longest line that is looked at, in bytes.
	MaxLine int
	// MaxBuckets bounds the points in time of each pattern.
	MaxBuckets int
	// Similarity is the part of the words that a line must share with a pattern.
	Similarity float64
}

// DefaultConfig is Loki's 300 patterns at most and lines up to 3,000 bytes.
func DefaultConfig() Config {
	return Config{MaxPatterns: 300, MaxLine: 3000, MaxBuckets: 11000, Similarity: 0.4}
}

// Pattern is what lines have in common.
type Pattern struct {
	Text string
	// Kind is what the lines were added with.
	Kind  string
	Total int64
	// Counts are the lines by their bucket in time.
	Counts map[int64]int64
}

// Miner learns patterns line by line. It belongs to one goroutine.
type Miner struct {
	cfg  Config
	tree tree
	size int // clusters in the tree
	// left counts lines that belong to no pattern: too long, or of one forgotten.
	left   int64
	tokens tokens
}

// New returns a miner that has seen nothing.
func New(cfg Config) *Miner { return &Miner{cfg: cfg, tree: tree{}} }

// Add counts a line in a bucket of time. Lines of different kinds have different
// patterns. The miner keeps no part of line.
func (m *Miner) Add(kind, line string, bucket int64) {
	if line == "" || len(line) > m.cfg.MaxLine {
		m.left++
		return
	}
	t := &m.tokens
	t.split(line)
	leaf := m.tree.leaf(kind, t)
	c := leaf.best(t.words, m.cfg.Similarity)
	if c == nil {
		if m.size >= m.cfg.MaxPatterns {
			m.forget()
			leaf = m.tree.leaf(kind, t)
		}
		c = leaf.add(kind, t)
		m.size++
	} else {
		c.generalise(t.words)
	}
	c.count(bucket, m.cfg.MaxBuckets)
}

// forget drops the tenth of the clusters with the fewest lines.
func (m *Miner) forget() {
	var totals []int64
	m.tree.each(func(n *node) {
		for _, c := range n.clusters {
			totals = append(totals, c.total)
		}
	})
	slices.Sort(totals)
	most := totals[len(totals)/10]
	n := len(totals)/10 + 1
	m.tree.each(func(at *node) {
		at.clusters = slices.DeleteFunc(at.clusters, func(c *cluster) bool {
			if n == 0 || c.total > most {
				return false
			}
			n--
			m.size--
			m.left += c.total
			return true
		})
	})
	m.tree.prune()
}

// Left is how many lines are counted for no pattern.
func (m *Miner) Left() int64 { return m.left }

// Patterns returns what was found, the most frequent first.
func (m *Miner) Patterns() []Pattern {
	var out []Pattern
	m.tree.groups(func(clusters []*cluster) {
		for _, c := range merge(clusters) {
			out = append(out, Pattern{Text: c.text(), Kind: c.kind, Total: c.total, Counts: c.counts})
		}
	})
	slices.SortStableFunc(out, func(a, b Pattern) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), strings.Compare(a.Text, b.Text), strings.Compare(a.Kind, b.Kind))
	})
	return out
}
