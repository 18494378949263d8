package redact

// tokenFinder finds secrets by how they begin or by what stands before them. One pass
// looks for pairs of bytes that all of them have at a known place.
type tokenFinder struct {
	anchors  [256]anchor     // by the second byte of a pair
	pairs    [1 << 10]uint64 // a bit for each pair that may matter
	prefixes [256][]prefix   // by the byte at their anchor
}

// anchor says what may be found around a pair.
type anchor uint8

const (
	anchorPrefix anchor = 1 << iota // one of prefixes
	anchorNamed                     // name=value, name: value, "name":"value"
	anchorURL                       // scheme://user:password@host
	anchorBearer                    // Bearer TOKEN
	anchorKey                       // -----BEGIN PRIVATE KEY-----
)

func newTokenFinder() *tokenFinder {
	f := &tokenFinder{}
	for _, p := range tokenPrefixes() {
		c := p.text[p.anchor]
		f.add(anchorPrefix, p.text[p.anchor-1:p.anchor], c)
		f.prefixes[c] = append(f.prefixes[c], p)
	}
	// Before the sign is the end of a telling name, a quote or a blank.
	f.add(anchorNamed, "detnyDETNY\"' ", '=')
	f.add(anchorNamed, "detnyDETNY\"' ", ':')
	f.add(anchorURL, ":", '/')
	f.add(anchorBearer, "bB", 'e')
	f.add(anchorBearer, "bB", 'E')
	f.add(anchorKey, "-", '-')
	return f
}

// add makes the pairs of one of the first bytes with the second an anchor.
func (f *tokenFinder) add(a anchor, first string, second byte) {
	f.anchors[second] |= a
	for i := range len(first) {
		pair := uint(first[i])<<8 | uint(second)
		f.pairs[pair>>6] |= 1 << (pair & 63)
	}
}

func (f *tokenFinder) find(s string, spans []span) []span {
	done := 0 // behind the last find
	for i := 1; i < len(s); i++ {
		a := f.anchors[s[i]]
		if a == 0 {
			continue
		}
		if pair := uint(s[i-1])<<8 | uint(s[i]); f.pairs[pair>>6]>>(pair&63)&1 == 0 {
			continue
		}
		found, ok := f.at(a, s, i, done)
		if !ok {
			continue
		}
		spans = append(spans, found)
		done = found.to
		i = max(i, done-1)
	}
	return spans
}

// at looks around the pair that ends at i for a secret that begins at done or behind it.
func (f *tokenFinder) at(a anchor, s string, i, done int) (found span, ok bool) {
	if a&anchorPrefix != 0 {
		for k := range f.prefixes[s[i]] {
			if found, ok = f.prefixes[s[i]][k].find(s, i, done); ok {
				return found, true
			}
		}
	}
	switch {
	case a&anchorNamed != 0:
		return findNamed(s, i, done)
	case a&anchorURL != 0:
		found, ok = findURLPassword(s, i-1)
	case a&anchorBearer != 0:
		found, ok = findBearer(s, i-1)
	case a&anchorKey != 0:
		found, ok = findPrivateKey(s, i-1)
	}
	return found, ok && found.from >= done
}
