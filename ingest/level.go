package ingest

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unsafe"

	"github.com/buger/jsonparser"

	"github.com/pharosd/pharos/model"
)

// Detection of a line's level follows Loki 3.7 (pkg/distributor/field_detection.go
// and the manual's "Labels: default labels added"): a field that names the level,
// in the stream's labels, in structured metadata, or in the line if that is JSON
// or logfmt; else the first word of the line that is a level.

// levelFields are the fields that name a level, best first.
var levelFields = []string{
	"level", "LEVEL", "Level", "log.level", "severity", "SEVERITY", "Severity", "SeverityText",
	"lvl", "LVL", "Lvl", "severity_text", "Severity_Text", "SEVERITY_TEXT",
}

// LevelFields returns the fields that name a level, best first.
func LevelFields() []string { return slices.Clone(levelFields) }

// The levels.
const (
	levelUnknown  = "unknown"
	levelTrace    = "trace"
	levelDebug    = "debug"
	levelInfo     = "info"
	levelWarn     = "warn"
	levelError    = "error"
	levelCritical = "critical"
	levelFatal    = "fatal"
)

// severityField holds OpenTelemetry's number of a record's severity.
const severityField = "severity_number"

// maxLevelDepth is how deep in a JSON line the level is looked for.
const maxLevelDepth = 2

// detectLevel returns the value of detected_level, "" if none is to be added.
func detectLevel(stream model.Labels, e *model.LogEntry) string {
	for _, ls := range []model.Labels{stream, e.Metadata} {
		for _, name := range levelFields {
			if v := ls.Get(name); v != "" {
				if level := levelOf(v); level != "" {
					return level
				}
				return v
			}
		}
	}
	if v := e.Metadata.Get(severityField); v != "" {
		return levelOfSeverity(v)
	}
	return levelOfLine(e.Line)
}

// levelOf returns the level that a word stands for, "" if none.
func levelOf(s string) string {
	switch {
	case strings.EqualFold(s, "trace"), strings.EqualFold(s, "trc"):
		return levelTrace
	case strings.EqualFold(s, "debug"), strings.EqualFold(s, "dbg"):
		return levelDebug
	case strings.EqualFold(s, "info"), strings.EqualFold(s, "inf"), strings.EqualFold(s, "information"):
		return levelInfo
	case strings.EqualFold(s, "warn"), strings.EqualFold(s, "wrn"), strings.EqualFold(s, "warning"):
		return levelWarn
	case strings.EqualFold(s, "error"), strings.EqualFold(s, "err"):
		return levelError
	case strings.EqualFold(s, "critical"):
		return levelCritical
	case strings.EqualFold(s, "fatal"):
		return levelFatal
	}
	return ""
}

// levelOfSeverity maps OpenTelemetry's numbers, of which each level has four.
func levelOfSeverity(s string) string {
	n, err := strconv.Atoi(s)
	levels := []string{levelTrace, levelDebug, levelInfo, levelWarn, levelError, levelFatal}
	switch {
	case err != nil:
		return levelInfo
	case n == 0 || n > 4*len(levels):
		return levelUnknown
	case n < 0:
		return levelTrace
	}
	return levels[(n-1)/4]
}

func levelOfLine(line string) string {
	var found string
	switch {
	case looksLikeJSON(line):
		found = jsonLevel(line)
	case strings.Contains(line, "="):
		found = logfmtLevel(line)
	}
	if level := levelOf(found); level != "" {
		return level
	}
	return levelOfWords(line)
}

func looksLikeJSON(line string) bool {
	line = strings.TrimFunc(line, unicode.IsSpace)
	return len(line) > 1 && line[0] == '{' && line[len(line)-1] == '}'
}

var errFound = errors.New("found")

// jsonLevel returns the first text in the object whose key names a level.
func jsonLevel(line string) string {
	var found string
	var look func(data []byte, depth int) error
	look = func(data []byte, depth int) error {
		if depth >= maxLevelDepth {
			return nil
		}
		return jsonparser.ObjectEach(data, func(key, value []byte, kind jsonparser.ValueType, _ int) error {
			switch kind {
			case jsonparser.String:
				if slices.Contains(levelFields, string(key)) {
					found = string(value)
					return errFound
				}
			case jsonparser.Object:
				return look(value, depth+1)
			}
			return nil
		})
	}
	_ = look(unsafe.Slice(unsafe.StringData(line), len(line)), 0)
	return found
}

// logfmtLevel returns the value of the best key that names a level; what follows
// a syntax error is not looked at.
func logfmtLevel(line string) string {
	best, found := len(levelFields), ""
	for {
		key, value, rest, ok := nextPair(line)
		if !ok {
			return found
		}
		line = rest
		for i, name := range levelFields[:best] {
			if strings.EqualFold(key, name) {
				best, found = i, value
			}
		}
		if best == 0 {
			return found
		}
	}
}

// nextPair reads one key=value of a logfmt line; the value may be quoted or
// missing. ok is false at the end and at a syntax error.
func nextPair(s string) (key, value, rest string, ok bool) {
	s = strings.TrimLeftFunc(s, func(r rune) bool { return r <= ' ' })
	end := 0
	for end < len(s) && s[end] > ' ' && s[end] != '=' && s[end] != '"' {
		end++
	}
	if end == 0 || end < len(s) && s[end] == '"' {
		return "", "", "", false
	}
	key, s = s[:end], s[end:]
	if s == "" || s[0] != '=' {
		return key, "", s, true
	}
	s = s[1:]
	if s != "" && s[0] == '"' {
		return quotedPair(key, s)
	}
	end = 0
	for end < len(s) && s[end] > ' ' {
		if s[end] == '=' || s[end] == '"' {
			return "", "", "", false
		}
		end++
	}
	return key, s[:end], s[end:], true
}

func quotedPair(key, s string) (string, string, string, bool) {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			value, err := strconv.Unquote(s[:i+1])
			if err != nil {
				return "", "", "", false
			}
			return key, value, s[i+1:], true
		}
	}
	return "", "", "", false
}

// levelWords are the words that tell a level; of two at one place the first
// listed wins.
var levelWords = []struct{ word, level string }{
	{"trace", levelTrace}, {"debug", levelDebug}, {"fatal", levelFatal}, {"critical", levelCritical},
	{"error", levelError}, {"err", levelError}, {"warning", levelWarn}, {"warn", levelWarn}, {"info", levelInfo},
}

// levelOfWords returns the level whose word comes first in the line, in any case,
// with nothing but certain marks around it.
func levelOfWords(line string) string {
	for i := 0; i < len(line); i++ {
		// All words begin with one of these letters.
		switch line[i] | 0x20 {
		case 't', 'd', 'f', 'c', 'e', 'w', 'i':
		default:
			continue
		}
		if i > 0 && !strings.ContainsRune(" \t\n[({\"'=|", rune(line[i-1])) {
			continue
		}
		for _, w := range levelWords {
			end := i + len(w.word)
			if end <= len(line) && strings.EqualFold(line[i:end], w.word) &&
				(end == len(line) || strings.ContainsRune(" \t\n[](){}:,!\"'=|", rune(line[end]))) {
				return w.level
			}
		}
	}
	return levelUnknown
}
