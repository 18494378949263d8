package logql

import (
	"errors"

	"github.com/buger/jsonparser"
)

// UnpackStage undoes Promtail's pack stage with | unpack: the field _entry
// becomes the line, the other strings become labels.
type UnpackStage struct{}

func (*UnpackStage) String() string          { return "| unpack" }
func (*UnpackStage) compile() (stage, error) { return &unpackStage{names: nameCache{}}, nil }

const packedEntry = "_entry"

var errNoPackedObject = errors.New("expecting json object(6), but it is not")

type unpackStage struct {
	names nameCache
	pairs []string // names and values found so far
}

func (s *unpackStage) process(e *entry) bool {
	ls := &e.labels
	if e.line == "" || ls.hints.skip(ls) {
		return true
	}
	if e.line[0] != '{' {
		ls.fail(errJSON, errNoPackedObject)
		return true
	}
	line, packed := "", false
	s.pairs = s.pairs[:0]
	err := jsonparser.ObjectEach(bytesOf(e.line), func(key, value []byte, typ jsonparser.ValueType, _ int) error {
		if typ != jsonparser.String {
			return nil
		}
		if string(key) == packedEntry {
			b, err := jsonparser.Unescape(value, nil)
			line, packed = string(b), err == nil
			return err
		}
		name := string(key)
		if ls.taken(name) {
			name += extractedSuffix
		}
		if ls.hints.wants(name) && !ls.wasExtracted(name) {
			s.pairs = append(s.pairs, s.names.get([]byte(name)), unescapeJSON(value))
		}
		return nil
	})
	if err != nil {
		ls.fail(errJSON, err)
		return true
	}
	if !packed {
		return true
	}
	e.line = line
	for i := 0; i < len(s.pairs); i += 2 {
		ls.set(s.pairs[i], s.pairs[i+1])
		if !ls.hints.keeps(s.pairs[i], ls) {
			return false
		}
	}
	return true
}

func (*unpackStage) needs() []string { return nil }
