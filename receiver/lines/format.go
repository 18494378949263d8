package lines

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/receiver/internal/door"
)

// format is how lines are read.
type format string

// The formats: ?format=.
const (
	plain    format = "plain"    // lines as they are
	asJSON   format = "json"     // NDJSON: a line's time is in it
	clf      format = "clf"      // Common Log Format, or Combined
	combined format = "combined" // Combined Log Format
	docker   format = "docker"   // Docker's json-file
	cri      format = "cri"      // Kubernetes' containers
	auto     format = "auto"     // each line by its looks
)

func parseFormat(s string) (format, error) {
	switch f := format(s); f {
	case "":
		return plain, nil
	case plain, asJSON, clf, combined, docker, cri, auto:
		return f, nil
	}
	return "", fmt.Errorf("format %.40q is none of plain, json, clf, combined, docker, cri, auto", s)
}

// parsed is what a line says.
type parsed struct {
	line string
	time time.Time // zero: it does not say
	// whole: the time has whole seconds only.
	whole  bool
	fields []model.Label
	method string
	// part: it goes on in the next line of the same stream (stdout, stderr).
	part   bool
	stream string
}

// read reads a line. What is not of the format is kept as it is, and marked.
func (f format) read(s string) parsed {
	switch f {
	case clf, combined:
		if p, ok := readAccess(s, f == combined); ok {
			return p
		}
	case docker:
		if p, ok := readDocker(s); ok {
			return p
		}
	case cri:
		if p, ok := readCRI(s); ok {
			return p
		}
	case asJSON:
		if p, ok := readJSON(s); ok {
			return p
		}
	case auto:
		for _, read := range []func(string) (parsed, bool){readCRI, readDocker, readJSON, func(s string) (parsed, bool) { return readAccess(s, false) }} {
			if p, ok := read(s); ok {
				return p
			}
		}
		return parsed{line: s}
	default:
		return parsed{line: s}
	}
	return parsed{line: s, fields: []model.Label{{Name: "parse_error", Value: "not_" + string(f)}}}
}

func readAccess(s string, combined bool) (parsed, bool) {
	a, ok := parseAccess(s, combined)
	if !ok {
		return parsed{}, false
	}
	return parsed{line: s, time: a.time, whole: a.time.Nanosecond() == 0, fields: a.fields, method: a.method}, true
}

// readDocker reads {"log":"...\n","stream":"stdout","time":"..."}. A line without its
// end goes on in the next.
func readDocker(s string) (parsed, bool) {
	if !strings.HasPrefix(s, "{") {
		return parsed{}, false
	}
	var d struct {
		Log    *string           `json:"log"`
		Stream string            `json:"stream"`
		Time   time.Time         `json:"time"`
		Attrs  map[string]string `json:"attrs"`
	}
	if json.Unmarshal([]byte(s), &d) != nil || d.Log == nil || d.Time.IsZero() {
		return parsed{}, false
	}
	p := parsed{line: strings.TrimRight(*d.Log, "\r\n"), time: d.Time, stream: d.Stream, part: !strings.HasSuffix(*d.Log, "\n")}
	p.fields = door.Static(d.Attrs)
	if d.Stream != "" {
		p.fields = append(p.fields, model.Label{Name: "stream", Value: d.Stream})
	}
	return p, true
}

// readCRI reads "2026-11-26T10:00:00.123456789Z stdout F text".
func readCRI(s string) (parsed, bool) {
	stamp, rest, ok := strings.Cut(s, " ")
	stream, rest, ok2 := strings.Cut(rest, " ")
	flag, text, _ := strings.Cut(rest, " ")
	if !ok || !ok2 || stream != "stdout" && stream != "stderr" || flag != "F" && flag != "P" {
		return parsed{}, false
	}
	at, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil {
		return parsed{}, false
	}
	return parsed{line: text, time: at, stream: stream, part: flag == "P", fields: []model.Label{{Name: "stream", Value: stream}}}, true
}

// times are the names under which JSON lines have their time.
var times = []string{"timestamp", "time", "@timestamp", "ts"}

// readJSON reads an object; its line stays as it is, which queries take apart (| json).
func readJSON(s string) (parsed, bool) {
	if !strings.HasPrefix(s, "{") {
		return parsed{}, false
	}
	o, err := door.Object([]byte(s))
	if err != nil {
		return parsed{}, false
	}
	p := parsed{line: s}
	for _, name := range times {
		switch v := o[name].(type) {
		case string:
			if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
				p.time, p.whole = t, t.Nanosecond() == 0
				return p, true
			}
		case json.Number:
			if t, ok := epoch(v.String()); ok {
				p.time, p.whole = t, t.Nanosecond() == 0
				return p, true
			}
		}
	}
	return p, true
}

// epoch reads a number of seconds, milliseconds, microseconds or nanoseconds by its
// size.
func epoch(s string) (time.Time, bool) {
	whole, _, _ := strings.Cut(s, ".")
	if !digits(whole) || len(whole) < 9 {
		return time.Time{}, false
	}
	shift := 0
	switch n := len(whole); {
	case n >= 18:
		shift = 9
	case n >= 15:
		shift = 6
	case n >= 12:
		shift = 3
	}
	if shift > 0 {
		s = whole[:len(whole)-shift] + "." + whole[len(whole)-shift:]
	}
	ns, _, ok := door.UnixTime(s)
	return time.Unix(0, ns), ok
}
