package traceql

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/test/tracetest"
	"github.com/pharosd/pharos/traces"
)

const team tenant.ID = "team"

// TestScripts runs testdata/*.test over the span store, and over one that narrows
// nothing, so that both must agree. A script is a list of commands, each with indented
// lines; "#" begins a comment at the begin of a line.
//
//	load
//	  1 a -  web    "GET /" server 0s 100ms status=error http.status_code=500 resource.env="prod"
//	  1 b a  orders "INSERT" client 10ms 50ms
//
// loads spans: trace, span, parent, service, name, kind, start, duration, attributes.
// Other attributes are status, statusMessage, event:NAME, event.KEY, link.KEY,
// scope:NAME, scope.KEY.
//
//	search `query`                           traces, latest first, with the spans of each set
//	  1 a b count()=2
//
//	search shown `query`                     with the attributes of spans
//	  1 a(status=error) b
//
//	range 0s 2m step=1m `query`              series with a value or _ for each step
//	  {__name__="rate"} 0.5 _
//
//	values resource.env [`query`]            values of a field
//	fails `query`                            a part of the error
//	prints `query`                           the canonical text
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.test")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		for _, kind := range []string{"store", "everything"} {
			t.Run(filepath.Base(f)+"/"+kind, func(t *testing.T) {
				store := tracetest.Store(t)
				s := &script{t: t, file: f, append: store, epoch: time.Now().Add(-time.Hour).Truncate(time.Hour)}
				s.engine = NewEngine(store, DefaultConfig())
				if kind == "everything" {
					s.engine = NewEngine(everything{store}, DefaultConfig())
				}
				s.run(string(text))
			})
		}
	}
}

// everything is a store that narrows nothing.
type everything struct{ Store }

func (e everything) Scan(ctx context.Context, t tenant.ID, q traces.ScanQuery, emit func(*traces.ScannedSpan) error) error {
	q.Where, q.All = nil, true
	return e.Store.Scan(ctx, t, q, emit)
}

type script struct {
	t      *testing.T
	file   string
	append traces.Appender
	engine *Engine
	epoch  time.Time
}

func (s *script) run(text string) {
	var command string
	var body []string
	line := 0
	flush := func() {
		if command != "" {
			s.command(fmt.Sprintf("%s:%d", s.file, line), command, body)
		}
		body = nil
	}
	for i, l := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(l, "#"), strings.TrimSpace(l) == "":
		case strings.HasPrefix(l, " "):
			body = append(body, strings.TrimSpace(l))
		default:
			flush()
			command, line = l, i+1
		}
	}
	flush()
}

func (s *script) command(at, command string, body []string) {
	before, rest, _ := strings.Cut(command, "`")
	query, _, _ := strings.Cut(rest, "`")
	words := strings.Fields(before)
	switch words[0] {
	case "load":
		s.load(body)
	case "search":
		require.Equal(s.t, body, s.search(query, slices.Contains(words, "shown")), "%s: %s", at, query)
	case "range":
		require.Equal(s.t, body, s.series(words, query), "%s: %s", at, query)
	case "values":
		require.Equal(s.t, body, s.values(words[1], query), at)
	case "fails":
		_, err := Parse(query)
		require.ErrorContains(s.t, err, body[0], "%s: %s", at, query)
	case "prints":
		q, err := Parse(query)
		require.NoError(s.t, err, at)
		require.Equal(s.t, body[0], q.String(), at)
		again, err := Parse(q.String())
		require.NoError(s.t, err, at)
		require.Equal(s.t, q.String(), again.String(), at)
	default:
		s.t.Fatalf("%s: unknown command %q", at, command)
	}
}

func (s *script) load(lines []string) {
	td := ptrace.NewTraces()
	for _, l := range lines {
		w := splitQuoted(l)
		require.GreaterOrEqual(s.t, len(w), 8, l)
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr("service.name", w[3])
		ss := rs.ScopeSpans().AppendEmpty()
		out := ss.Spans().AppendEmpty()
		out.SetTraceID(pcommon.TraceID{15: w[0][0] - '0'})
		out.SetSpanID(pcommon.SpanID{7: w[1][0]})
		if w[2] != "-" {
			out.SetParentSpanID(pcommon.SpanID{7: w[2][0]})
		}
		out.SetName(w[4])
		out.SetKind(ptrace.SpanKind(slices.Index(kindNames[:], w[5])))
		start := s.epoch.Add(s.duration(w[6]))
		out.SetStartTimestamp(pcommon.NewTimestampFromTime(start))
		out.SetEndTimestamp(pcommon.NewTimestampFromTime(start.Add(s.duration(w[7]))))
		for _, a := range w[8:] {
			s.attribute(rs, ss, out, a)
		}
	}
	require.NoError(s.t, s.append.Append(s.t.Context(), team, td))
}

func (s *script) attribute(rs ptrace.ResourceSpans, ss ptrace.ScopeSpans, sp ptrace.Span, text string) {
	k, v, _ := strings.Cut(text, "=")
	event := func() ptrace.SpanEvent {
		if sp.Events().Len() == 0 {
			sp.Events().AppendEmpty().SetTimestamp(sp.StartTimestamp() + 1e6)
		}
		return sp.Events().At(sp.Events().Len() - 1)
	}
	m, key := sp.Attributes(), k
	switch prefix, name, _ := strings.Cut(k, "."); {
	case k == "status":
		sp.Status().SetCode(ptrace.StatusCode(slices.Index(statusNames[:], v)))
		return
	case k == "statusMessage":
		sp.Status().SetMessage(v)
		return
	case k == "event:name":
		e := sp.Events().AppendEmpty()
		e.SetName(v)
		e.SetTimestamp(sp.StartTimestamp() + 1e6)
		return
	case k == "scope:name":
		ss.Scope().SetName(v)
		return
	case k == "scope:version":
		ss.Scope().SetVersion(v)
		return
	case prefix == "resource":
		m, key = rs.Resource().Attributes(), name
	case prefix == "scope":
		m, key = ss.Scope().Attributes(), name
	case prefix == "event":
		m, key = event().Attributes(), name
	case prefix == "link":
		m, key = sp.Links().AppendEmpty().Attributes(), name
	}
	if list, ok := strings.CutPrefix(v, "["); ok {
		slice := m.PutEmptySlice(key)
		for _, e := range strings.Split(strings.TrimSuffix(list, "]"), ",") {
			setText(slice.AppendEmpty(), e)
		}
		return
	}
	setText(m.PutEmpty(key), v)
}

// setText reads a number, true, false, or a text, which may be in single quotes.
func setText(to pcommon.Value, text string) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		to.SetInt(n)
	} else if f, err := strconv.ParseFloat(text, 64); err == nil {
		to.SetDouble(f)
	} else if b, err := strconv.ParseBool(text); err == nil && len(text) > 1 {
		to.SetBool(b)
	} else {
		to.SetStr(strings.Trim(text, "'"))
	}
}

func (s *script) search(query string, shown bool) []string {
	q, err := Parse(query)
	require.NoError(s.t, err, query)
	found, err := s.engine.Search(s.t.Context(), team, q, SearchOptions{Start: 0, End: time.Now().UnixNano(), Limit: 20})
	require.NoError(s.t, err, query)
	require.Empty(s.t, found.Incomplete)
	var out []string
	for _, tr := range found.Traces {
		for _, set := range tr.Sets {
			line := strconv.Itoa(int(tr.ID[15]))
			for _, sp := range set.Spans {
				line += " " + string(sp.ID[7])
				if shown {
					var attrs []string
					for _, a := range sp.Attributes {
						attrs = append(attrs, a.Key+"="+a.Value.Text())
					}
					line += "(" + strings.Join(attrs, " ") + ")"
				}
			}
			for _, n := range set.Notes {
				line += " " + n.Key + "=" + n.Value.Text()
			}
			out = append(out, line)
		}
	}
	return out
}

func (s *script) series(words []string, query string) []string {
	q, err := Parse(query)
	require.NoError(s.t, err, query)
	opts := RangeOptions{Start: s.epoch.Add(s.duration(words[1])).UnixNano(), End: s.epoch.Add(s.duration(words[2])).UnixNano()}
	points := 1
	if len(words) > 3 {
		opts.Step = int64(s.duration(strings.TrimPrefix(words[3], "step=")))
		points = int((opts.End - opts.Start) / opts.Step)
	}
	found, err := s.engine.Metrics(s.t.Context(), team, q, opts)
	require.NoError(s.t, err, query)
	require.Empty(s.t, found.Incomplete)
	var out []string
	for _, series := range found.Series {
		line := series.Name()
		values := map[int64]string{}
		for _, p := range series.Points {
			values[p.Time] = strconv.FormatFloat(p.Value, 'g', 4, 64)
		}
		for i := range points {
			at := opts.End
			if opts.Step > 0 {
				at = opts.Start + int64(i+1)*opts.Step
			}
			if v, ok := values[at]; ok {
				line += " " + v
			} else {
				line += " _"
			}
		}
		out = append(out, line)
	}
	return out
}

func (s *script) values(field, query string) []string {
	f, err := ParseField(field)
	require.NoError(s.t, err)
	var q *Query
	if query != "" {
		q, err = Parse(query)
		require.NoError(s.t, err)
	}
	list, err := s.engine.Values(s.t.Context(), team, f, q, 0, time.Now().UnixNano(), 100)
	require.NoError(s.t, err)
	var out []string
	for _, v := range list {
		out = append(out, v.Type.String()+" "+v.Text())
	}
	return out
}

func (s *script) duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	require.NoError(s.t, err)
	return d
}

// splitQuoted splits at spaces outside of double quotes, which it removes.
func splitQuoted(l string) []string {
	var out []string
	quoted, word := false, ""
	for _, c := range l + " " {
		switch {
		case c == '"':
			quoted = !quoted
		case c == ' ' && !quoted:
			if word != "" {
				out = append(out, word)
			}
			word = ""
		default:
			word += string(c)
		}
	}
	return out
}
