package redact

// tokenFinder finds secrets by how they begin or by what stands before them. One pass
// looks for the bytes that all of them have at a known place.
type tokenFinder struct {
	anchors  [256]anchor
	prefixes [256][]prefix // by the byte at their anchor
}

// anchor says what may be found around a byte.
type anchor uint8

const (
	anchorPrefix anchor = 1 << iota // one of prefixes
	anchorEqual                     // name=value
	anchorColon                     // name: value, "name":"value", scheme://user:password@host
	anchorBearer                    // Bearer TOKEN
	anchorKey                       // -----BEGIN PRIVATE KEY-----
)

func newTokenFinder() *tokenFinder {
	f := &tokenFinder{}
	for _, p := range tokenPrefixes() {
		c := p.text[p.anchor]
		f.anchors[c] |= anchorPrefix
		f.prefixes[c] = append(f.prefixes[c], p)
	}
	f.anchors['='] |= anchorEqual
	f.anchors[':'] |= anchorColon
	f.anchors['B'] |= anchorBearer
	f.anchors['b'] |= anchorBearer
	f.anchors['-'] |= anchorKey
	return f
}

func (f *tokenFinder) find(s string, spans []span) []span {
	done := 0 // behind the last find
	for i := 0; i < len(s); i++ {
		a := f.anchors[s[i]]
		if a == 0 {
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

// at looks around the anchor at i for a secret that begins at done or behind it.
func (f *tokenFinder) at(a anchor, s string, i, done int) (found span, ok bool) {
	if a&anchorPrefix != 0 {
		for k := range f.prefixes[s[i]] {
			if found, ok = f.prefixes[s[i]][k].find(s, i, done); ok {
				return found, true
			}
		}
	}
	switch {
	case a&anchorEqual != 0:
		return findNamed(s, i, done)
	case a&anchorColon != 0:
		if found, ok = findURLPassword(s, i); ok {
			return found, true
		}
		return findNamed(s, i, done)
	case a&anchorBearer != 0:
		return findBearer(s, i)
	case a&anchorKey != 0:
		return findPrivateKey(s, i)
	}
	return span{}, false
}
