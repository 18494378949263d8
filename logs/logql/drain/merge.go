package drain

// mergeSimilarity is the part of their constant words that two clusters with the same
// delimiters share to become one. The tree keeps lines apart whose first word
// differs; if all else is the same, it is the first word that differs from line to
// line.
const mergeSimilarity = 0.7

// merge returns the clusters of lines with the same delimiters, similar ones as one.
func merge(clusters []*cluster) []*cluster {
	var out []*cluster
next:
	for _, c := range clusters {
		for _, into := range out {
			if into.kind == c.kind && into.similar(c) {
				into.absorb(c)
				continue next
			}
		}
		out = append(out, c.clone())
	}
	return out
}

// similar says whether two clusters share most of the words that do not differ in
// both.
func (c *cluster) similar(other *cluster) bool {
	same, constant := 0, 0
	for i, w := range c.words {
		if w == Wildcard && other.words[i] == Wildcard {
			continue
		}
		constant++
		if w == other.words[i] {
			same++
		}
	}
	return constant == 0 || same > 1 && float64(same) >= mergeSimilarity*float64(constant)
}

// absorb adds the lines of another cluster.
func (c *cluster) absorb(other *cluster) {
	c.generalise(other.words)
	c.total += other.total
	for bucket, n := range other.counts {
		c.counts[bucket] += n
	}
}

func (c *cluster) clone() *cluster {
	out := &cluster{kind: c.kind, words: append([]string(nil), c.words...), delimiters: c.delimiters, total: c.total, counts: map[int64]int64{}}
	for bucket, n := range c.counts {
		out.counts[bucket] = n
	}
	return out
}
