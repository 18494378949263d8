package traceql

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/traces"
)

// FuzzParse reads queries: none may panic, what parses prints to a query that prints
// the same, and evaluates.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.test")
	if err != nil || len(files) == 0 {
		f.Fatal("no scripts", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for i, part := range strings.Split(string(text), "`") {
			if i%2 == 1 {
				f.Add(part)
			}
		}
	}
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "web")
	spans := rs.ScopeSpans().AppendEmpty().Spans()
	for i := range 3 {
		sp := spans.AppendEmpty()
		sp.SetSpanID(pcommon.SpanID{7: byte(i + 1)})
		sp.SetParentSpanID(pcommon.SpanID{7: byte(i)})
		sp.SetName("GET /")
		sp.Attributes().PutInt("a", int64(i))
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse(text)
		if err != nil {
			return
		}
		printed := q.String()
		again, err := Parse(printed)
		if err != nil {
			t.Fatalf("%q prints as %q, which does not parse: %s", text, printed, err)
		}
		if again.String() != printed {
			t.Fatalf("%q prints as %q, and that as %q", text, printed, again.String())
		}
		candidates(q.stages)
		tree := newTree(traces.Trace{Spans: td})
		runStages(q.stages, []*spanset{{spans: tree.spans}})
	})
}
