package logql

import (
	"bytes"
	"errors"
	"strings"

	"github.com/buger/jsonparser"
)

// JSONStage parses lines with | json, all fields or those that are named.
type JSONStage struct{ Labels []Extraction }

func (s *JSONStage) String() string {
	if len(s.Labels) == 0 {
		return "| json"
	}
	return "| json " + printExtractions(s.Labels)
}

func (s *JSONStage) compile() (stage, error) {
	if len(s.Labels) > 0 {
		return newJSONPathStage(s.Labels)
	}
	return &jsonStage{names: nameCache{}}, nil
}

var (
	// errEnough ends the parsing of a line of which everything needed is known.
	errEnough = errors.New("found all required labels")
	// errFiltered ends the parsing of a line that a filter drops.
	errFiltered = errors.New("found a label with a matcher that didn't match")
)

// maxJSONDepth bounds the nesting of objects that a line may have.
const maxJSONDepth = 128

// jsonStage sets a label for each field. Nested objects are flattened with
// underscores, arrays skipped, null too. Of equal names the first wins.
type jsonStage struct {
	names  nameCache
	e      *entry
	prefix [][]byte
	buf    []byte
	// paths, if not nil, gets the keys that lead to each label.
	paths map[string][]string
}

func (s *jsonStage) process(e *entry) bool {
	if e.labels.hints.skip(&e.labels) {
		return true
	}
	s.e, s.prefix = e, s.prefix[:0]
	err := jsonparser.ObjectEach(bytesOf(e.line), s.field)
	switch {
	case err == nil, errors.Is(err, errEnough):
	case errors.Is(err, errFiltered):
		return false
	default:
		e.labels.fail(errJSON, err)
	}
	return true
}

func (s *jsonStage) needs() []string { return nil }

func (s *jsonStage) field(key, value []byte, typ jsonparser.ValueType, _ int) error {
	h := s.e.labels.hints
	var err error
	switch typ {
	case jsonparser.String, jsonparser.Number, jsonparser.Boolean:
		err = s.value(key, value, typ)
	case jsonparser.Object:
		if len(s.prefix) >= maxJSONDepth {
			return errors.New("objects are nested too deeply")
		}
		n := len(s.prefix)
		s.prefix = append(s.prefix, key)
		if h.wantsPrefix(string(s.flat())) {
			err = jsonparser.ObjectEach(value, s.field)
		}
		s.prefix = s.prefix[:n]
		return err
	}
	if h.complete(&s.e.labels) {
		return errEnough
	}
	return err
}

func (s *jsonStage) value(key, value []byte, typ jsonparser.ValueType) error {
	var name string
	if len(s.prefix) == 0 {
		name = s.names.get(key)
	} else {
		n := len(s.prefix)
		s.prefix = append(s.prefix, key)
		name = string(s.flat())
		s.prefix = s.prefix[:n]
	}
	if name == "" {
		return nil
	}
	if !s.e.captureJSON(name, value, typ) {
		return errFiltered
	}
	if s.paths != nil {
		s.recordPath(name, key)
	}
	return nil
}

func (s *jsonStage) recordPath(name string, key []byte) {
	if s.e.labels.taken(name) {
		name += extractedSuffix
	}
	if s.paths[name] != nil { // the first of equal names wins
		return
	}
	path := make([]string, 0, len(s.prefix)+1)
	for _, part := range s.prefix {
		path = append(path, string(part))
	}
	s.paths[name] = append(path, string(key))
}

// captureJSON is capture for a value that is unescaped only if it is wanted.
func (e *entry) captureJSON(name string, value []byte, typ jsonparser.ValueType) bool {
	ls := &e.labels
	if ls.taken(name) {
		name += extractedSuffix
	}
	if !ls.hints.wants(name) || ls.wasExtracted(name) {
		return true
	}
	ls.set(name, jsonText(value, typ))
	return ls.hints.keeps(name, ls)
}

// flat joins the keys of the objects around a field.
func (s *jsonStage) flat() []byte {
	s.buf = s.buf[:0]
	for i, part := range s.prefix {
		part = bytes.TrimSpace(part)
		if len(part) == 0 {
			continue
		}
		if i > 0 && len(s.buf) > 0 {
			s.buf = append(s.buf, '_')
		}
		if len(s.buf) == 0 && isDigit(part[0]) {
			s.buf = append(s.buf, '_')
		}
		for _, r := range string(part) {
			if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
				s.buf = append(s.buf, byte(r))
			} else {
				s.buf = append(s.buf, '_')
			}
		}
	}
	return s.buf
}

// jsonText is the text of a scalar: strings without their escapes, the others as
// written.
func jsonText(v []byte, typ jsonparser.ValueType) string {
	switch typ {
	case jsonparser.String:
		return unescapeJSON(v)
	case jsonparser.Number, jsonparser.Boolean:
		return string(v)
	}
	return ""
}

func unescapeJSON(v []byte) string {
	var buf [64]byte
	b, err := jsonparser.Unescape(v, buf[:])
	if err != nil {
		return ""
	}
	return spaceInvalid(string(b))
}

// jsonPathStage sets labels from the values at paths: | json a="b.c[0]".
type jsonPathStage struct {
	labels []string
	paths  [][]string
}

func newJSONPathStage(xs []Extraction) (stage, error) {
	s := &jsonPathStage{}
	for _, x := range xs {
		path, err := parseJSONPath(x.Expr)
		if err != nil {
			return nil, x.wrap(err)
		}
		if err := x.check(); err != nil {
			return nil, err
		}
		s.labels = append(s.labels, x.Label)
		s.paths = append(s.paths, path)
	}
	return s, nil
}

// process sets labels that were not found to the empty text, unless something
// else has the name.
func (s *jsonPathStage) process(e *entry) bool {
	ls := &e.labels
	if e.line == "" || ls.hints.skip(ls) {
		return true
	}
	if !strings.ContainsRune(`"{[`, rune(e.line[0])) {
		ls.fail(errJSON, nil)
		return true
	}
	found := 0
	jsonparser.EachKey(bytesOf(e.line), func(i int, value []byte, typ jsonparser.ValueType, err error) {
		if err != nil {
			ls.fail(errJSON, err)
			return
		}
		name := s.labels[i]
		if ls.taken(name) {
			name += extractedSuffix
		}
		switch typ {
		case jsonparser.Null:
			ls.set(name, "")
		case jsonparser.Object:
			ls.set(name, string(value))
		default:
			ls.set(name, unescapeJSON(value))
		}
		found++
	}, s.paths...)
	if found < len(s.labels) {
		for _, name := range s.labels {
			if _, ok := ls.get(name); !ok {
				ls.set(name, "")
			}
		}
	}
	return true
}

func (s *jsonPathStage) needs() []string { return nil }
