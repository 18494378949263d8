package drain

import "strings"

// cluster is the lines of one pattern. A word that is Wildcard differs.
type cluster struct {
	kind              string
	words, delimiters []string
	total             int64
	counts            map[int64]int64
}

// add makes a cluster of a line.
func (n *node) add(kind string, line *tokens) *cluster {
	c := &cluster{kind: strings.Clone(kind), counts: map[int64]int64{}}
	for _, w := range line.words {
		if variable(w) {
			w = Wildcard
		}
		c.words = append(c.words, strings.Clone(w))
	}
	for _, d := range line.delimiters {
		c.delimiters = append(c.delimiters, strings.Clone(d))
	}
	n.clusters = append(n.clusters, c)
	return c
}

// best returns the cluster that shares most words with a line, nil if none shares
// enough. All clusters of a node have as many words as the line.
func (n *node) best(words []string, similarity float64) *cluster {
	var best *cluster
	most, fixed := -1, 0
	for _, c := range n.clusters {
		same, constant := 0, 0
		for i, w := range c.words {
			if w == Wildcard {
				continue
			}
			constant++
			if w == words[i] {
				same++
			}
		}
		if same > most || same == most && constant > fixed {
			best, most, fixed = c, same, constant
		}
	}
	if best == nil || float64(most) < similarity*float64(fixed) {
		return nil
	}
	return best
}

// generalise makes a wildcard of each word that a line does not share.
func (c *cluster) generalise(words []string) {
	for i, w := range c.words {
		if w != words[i] {
			c.words[i] = Wildcard
		}
	}
}

// count counts a line. A bucket beyond the bound counts in total only.
func (c *cluster) count(bucket int64, maxBuckets int) {
	c.total++
	if _, ok := c.counts[bucket]; ok || len(c.counts) < maxBuckets {
		c.counts[bucket]++
	}
}

// text is the pattern.
func (c *cluster) text() string {
	var b strings.Builder
	for i, w := range c.words {
		b.WriteString(c.delimiters[i])
		b.WriteString(w)
	}
	b.WriteString(c.delimiters[len(c.delimiters)-1])
	return b.String()
}
