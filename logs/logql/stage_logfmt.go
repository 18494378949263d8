package logql

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// LogfmtStage parses lines with | logfmt, all pairs or those that are named.
type LogfmtStage struct {
	// Strict stops at the first syntax error and sets the error label.
	Strict bool
	// KeepEmpty sets labels for keys without a value too.
	KeepEmpty bool
	Labels    []Extraction
}

func (s *LogfmtStage) String() string {
	text := "| logfmt"
	if s.Strict {
		text += " " + flagStrict
	}
	if s.KeepEmpty {
		text += " " + flagKeepEmpty
	}
	if len(s.Labels) > 0 {
		text += " " + printExtractions(s.Labels)
	}
	return text
}

func (s *LogfmtStage) compile() (stage, error) {
	base := logfmtStage{strict: s.Strict, keepEmpty: s.KeepEmpty, names: nameCache{}}
	if len(s.Labels) == 0 {
		return &base, nil
	}
	x := &logfmtKeysStage{logfmtStage: base}
	for _, l := range s.Labels {
		key, err := parseLogfmtKey(l.Expr)
		if err != nil {
			return nil, l.wrap(err)
		}
		if err := l.check(); err != nil {
			return nil, err
		}
		x.labels = append(x.labels, l.Label)
		x.keys = append(x.keys, key)
	}
	return x, nil
}

type logfmtStage struct {
	strict, keepEmpty bool
	names             nameCache
}

func (s *logfmtStage) needs() []string { return nil }

func (s *logfmtStage) process(e *entry) bool {
	ls := &e.labels
	if ls.hints.skip(ls) {
		return true
	}
	d := logfmtDecoder{line: e.line}
	for !d.end() {
		if !d.next() {
			if s.strict {
				break
			}
			continue
		}
		name := s.names.get(bytesOf(d.key))
		if name == "" {
			continue
		}
		if ls.taken(name) {
			name += extractedSuffix
		}
		if !ls.hints.wants(name) || ls.wasExtracted(name) {
			continue
		}
		value := spaceInvalid(d.value)
		if value == "" && !s.keepEmpty {
			continue
		}
		ls.set(name, value)
		if !ls.hints.keeps(name, ls) {
			return false
		}
		if ls.hints.complete(ls) {
			break
		}
	}
	if s.strict && d.err != nil {
		ls.fail(errLogfmt, d.err)
		return ls.hints.keeps(errorLabel, ls)
	}
	return true
}

// logfmtKeysStage takes named keys only. Labels that are not found are set to
// the empty text.
type logfmtKeysStage struct {
	logfmtStage
	labels, keys []string
}

func (s *logfmtKeysStage) process(e *entry) bool {
	ls := &e.labels
	if ls.hints.skip(ls) {
		return true
	}
	for _, l := range s.labels {
		if !ls.taken(l) {
			ls.set(l, "")
		}
	}
	d := logfmtDecoder{line: e.line}
	for !d.end() {
		if !d.next() {
			if s.strict {
				break
			}
			continue
		}
		name := s.names.get(bytesOf(d.key))
		if i := slices.Index(s.keys, name); name != "" && i >= 0 {
			name = s.labels[i]
		} else if !slices.Contains(s.labels, name) {
			continue
		}
		if ls.taken(name) {
			name += extractedSuffix
			if ls.wasExtracted(name) || !ls.hints.wants(name) {
				break
			}
		}
		value := d.value
		if strings.ContainsRune(value, utf8.RuneError) {
			value = ""
		}
		ls.set(name, value)
	}
	if s.strict && d.err != nil {
		ls.fail(errLogfmt, d.err)
	}
	return true
}
