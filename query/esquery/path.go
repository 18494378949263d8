package esquery

import (
	"regexp"
	"strings"

	"github.com/pharosd/pharos/query/esquery/internal/lucene"
)

type pathKind uint8

const (
	plainPath pathKind = iota
	anyPath
	patternPath
	timestampPath
	idPath
	indexPath
)

// path is the name of a field, ready to be looked up.
type path struct {
	// name is without .keyword; keyword says that it was there.
	name    string
	keyword bool
	kind    pathKind
	// keys[i][j] are segments i to j joined: members may have dots in their names.
	keys [][]string
	// pattern is of a name with wildcards.
	pattern *regexp.Regexp
	// column is the parsed field that can hold the value.
	column string
}

// maxSegments bounds the dots of a name: each way to cut it is looked up.
const maxSegments = 16

func newPath(name string) *path {
	p := &path{}
	p.name, p.keyword = trimKeyword(name)
	switch {
	case p.name == "" || p.name == "*":
		p.kind = anyPath
		return p
	case p.name == "@timestamp":
		p.kind = timestampPath
		return p
	case p.name == "_id":
		p.kind = idPath
		return p
	case p.name == "_index":
		p.kind = indexPath
		return p
	case strings.ContainsAny(p.name, "*?"):
		p.kind = patternPath
		if len(p.name) <= maxPattern {
			p.pattern, _ = lucene.WildcardRegexp(p.name, false)
		}
		if p.pattern == nil { // too long: no field has such a name
			p.pattern = regexp.MustCompile(`^\b$`)
		}
		return p
	}
	segments := strings.SplitN(p.name, ".", maxSegments)
	for i := range segments {
		var row []string
		for j := i; j < len(segments); j++ {
			row = append(row, strings.Join(segments[i:j+1], "."))
		}
		p.keys = append(p.keys, row)
	}
	p.column = columnName(segments)
	return p
}

// key is the last part of the name: a document that has the field has this text.
func (p *path) key() string {
	_, last, ok := cutLast(p.name, ".")
	if !ok {
		return p.name
	}
	return last
}

func cutLast(s, sep string) (before, after string, ok bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// columnName is the parsed field of a member at these keys: what LogQL's json stage
// calls it.
func columnName(segments []string) string {
	var b strings.Builder
	for i, s := range segments {
		if i > 0 {
			b.WriteByte('_')
		}
		for j := range len(s) {
			c := s[j]
			switch {
			case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_':
				b.WriteByte(c)
			case c >= '0' && c <= '9':
				if j == 0 && i == 0 {
					b.WriteByte('_')
				}
				b.WriteByte(c)
			case c < 0x80 || c >= 0xc0: // one for each character
				b.WriteByte('_')
			}
		}
	}
	return b.String()
}
