package logql

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/model"
)

// TestScripts runs testdata/*.test. A script is a list of commands, each with
// indented lines; "#" begins a comment at the begin of a line.
//
//	load {app="web"}
//	  10s a line
//	  20s [level=info user=anna] a line with structured metadata
//	  30s "a quoted\nline"
//
//	logs 0s 1m limit=2 forward `query`       entries, in the order of the answer
//	  {app="web"} 10s a line
//
//	instant 1m `query`                       series with values
//	  {app="web"} 2
//
//	range 0s 2m step=1m `query`              series with a value or _ for each step
//	  {app="web"} _ 2 1
//
//	fails `query`                            a part of the error
//	  parse error at line 1, col 2
//
//	prints `query`                           the canonical text
//	  {app="web"} |= "x"
//
// Times are offsets from the begin of an hour. "clear" forgets what was loaded.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.test")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			data, err := os.ReadFile(f)
			require.NoError(t, err)
			s := &script{t: t, file: f}
			s.run(string(data))
		})
	}
}

// scriptEpoch is the time 0s of scripts.
const scriptEpoch = int64(1_794_304_800_000_000_000)

type script struct {
	t     *testing.T
	file  string
	line  int
	store memStore
	// engine, unless it is nil, is asked instead of store.
	engine scriptEngine
	clears int
}

func (s *script) run(text string) {
	var command string
	var body []string
	at := 0
	flush := func(next int) {
		if command != "" {
			s.line = at
			s.command(command, body)
		}
		body, at = nil, next
	}
	for i, l := range strings.Split(text, "\n") {
		switch {
		case strings.TrimSpace(l) == "", strings.HasPrefix(l, "#"):
		case strings.HasPrefix(l, "  "):
			body = append(body, l[2:])
		default:
			flush(i + 1)
			command = l
		}
	}
	flush(0)
}

func (s *script) fatalf(format string, args ...any) {
	s.t.Helper()
	s.t.Fatalf("%s:%d: %s", s.file, s.line, fmt.Sprintf(format, args...))
}

func (s *script) command(command string, body []string) {
	word, rest, _ := strings.Cut(command, " ")
	switch word {
	case "clear":
		s.store = memStore{}
		s.clears++
	case "load":
		s.load(rest, body)
	case "logs":
		s.expect(body, s.logs(rest))
	case "instant":
		s.expect(body, s.instant(rest))
	case "range":
		s.expect(body, s.ranged(rest))
	case "prints":
		e, err := Parse(unquote(rest))
		if err != nil {
			s.fatalf("%s", err)
		}
		s.expect(body, []string{e.String()})
	case "fails":
		s.fails(unquote(rest), body)
	default:
		s.fatalf("unknown command %q", word)
	}
}

func (s *script) expect(want, got []string) {
	s.t.Helper()
	if w, g := strings.Join(want, "\n"), strings.Join(got, "\n"); w != g {
		s.t.Errorf("%s:%d: want\n%s\ngot\n%s", s.file, s.line, w, g)
	}
}

func unquote(s string) string { return strings.Trim(strings.TrimSpace(s), "`") }

func (s *script) offset(text string) int64 {
	d, err := time.ParseDuration(text)
	if err != nil {
		s.fatalf("%s", err)
	}
	return scriptEpoch + int64(d)
}

func (s *script) load(selector string, body []string) {
	e, err := Parse(selector)
	if err != nil {
		s.fatalf("%s", err)
	}
	var ls []model.Label
	for _, m := range e.(*LogExpr).Matchers {
		ls = append(ls, model.Label{Name: m.Name, Value: m.Value})
	}
	st := model.LogStream{Labels: model.NewLabels(ls...)}
	for _, l := range body {
		at, line, _ := strings.Cut(l, " ")
		entry := model.LogEntry{Time: s.offset(at)}
		if meta, after, ok := strings.Cut(line, "]"); ok && strings.HasPrefix(meta, "[") {
			line = strings.TrimPrefix(after, " ")
			for _, pair := range strings.Fields(meta[1:]) {
				k, v, _ := strings.Cut(pair, "=")
				entry.Metadata = append(entry.Metadata, model.Label{Name: k, Value: v})
			}
		}
		if unq, err := strconv.Unquote(line); err == nil {
			line = unq
		}
		entry.Line = line
		st.Entries = append(st.Entries, entry)
	}
	s.store.streams = append(s.store.streams, st)
	if s.engine != nil {
		require.NoError(s.t, s.engine.Append(context.Background(), s.tenant(), []model.LogStream{st}))
	}
}

// eval splits "arg arg `query`" and evaluates with what set makes of the args.
func (s *script) eval(rest string, set func(args []string) Params) Value {
	head, query, ok := strings.Cut(rest, "`")
	if !ok {
		s.fatalf("no query")
	}
	e, err := Parse(unquote(query))
	if err != nil {
		s.fatalf("%s", err)
	}
	res, err := NewEngine(s.reader(), DefaultConfig()).Eval(context.Background(), s.tenant(), e, set(strings.Fields(head)))
	if err != nil {
		s.fatalf("%s", err)
	}
	return res.Value
}

func (s *script) logs(rest string) []string {
	v := s.eval(rest, func(args []string) Params {
		p := Params{Start: s.offset(args[0]), End: s.offset(args[1]), Limit: 100}
		for _, a := range args[2:] {
			switch k, val, _ := strings.Cut(a, "="); k {
			case "forward":
				p.Forward = true
			case "limit":
				p.Limit, _ = strconv.Atoi(val)
			case "interval":
				p.Interval = s.offset(val) - scriptEpoch
			default:
				s.fatalf("unknown argument %q", a)
			}
		}
		return p
	})
	var out []string
	for _, st := range v.(Streams) {
		for _, e := range st.Entries {
			line := e.Line
			if strings.ContainsAny(line, "\n\t\x1b") || line == "" || strings.TrimSpace(line) != line {
				line = strconv.Quote(line)
			}
			out = append(out, fmt.Sprintf("%s %s %s", st.Labels, time.Duration(e.Time-scriptEpoch), line))
		}
	}
	return out
}

func (s *script) instant(rest string) []string {
	v := s.eval(rest, func(args []string) Params { return Params{Start: s.offset(args[0]), End: s.offset(args[0])} })
	if sc, ok := v.(Scalar); ok {
		return []string{format(sc.Value)}
	}
	var out []string
	for _, x := range v.(Vector) {
		out = append(out, x.Labels.String()+" "+format(x.Value))
	}
	return out
}

func (s *script) ranged(rest string) []string {
	var p Params
	v := s.eval(rest, func(args []string) Params {
		p = Params{Start: s.offset(args[0]), End: s.offset(args[1])}
		p.Step = s.offset(strings.TrimPrefix(args[2], "step=")) - scriptEpoch
		return p
	})
	var out []string
	for _, x := range v.(Matrix) {
		line := x.Labels.String()
		for t := p.Start; t <= p.End; t += p.Step {
			text := "_"
			for _, pt := range x.Points {
				if pt.Time == t/1e6 {
					text = format(pt.Value)
				}
			}
			line += " " + text
		}
		out = append(out, line)
	}
	return out
}

func format(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

func (s *script) fails(query string, body []string) {
	e, err := Parse(query)
	if err == nil {
		p := Params{Start: scriptEpoch + int64(time.Hour), End: scriptEpoch + int64(time.Hour), Limit: 10}
		if _, ok := e.(*LogExpr); ok {
			p.Start = scriptEpoch
		}
		_, err = NewEngine(s.reader(), DefaultConfig()).Eval(context.Background(), s.tenant(), e, p)
	}
	if err == nil {
		s.fatalf("no error")
	}
	for _, part := range body {
		if !strings.Contains(err.Error(), part) {
			s.t.Errorf("%s:%d: want an error with %q, got %q", s.file, s.line, part, err)
		}
	}
}
