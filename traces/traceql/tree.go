package traceql

import (
	"encoding/hex"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/traces"
)

// span is one span as expressions see it.
type span struct {
	resource pcommon.Resource
	scope    pcommon.InstrumentationScope
	span     ptrace.Span
	trace    pcommon.TraceID

	// What only spans of a whole trace have.
	tree     *tree // nil of spans that are scanned
	parent   *span // nil of roots and of spans whose parent is missing
	children []*span
	place    int // in tree.spans
	// The nested set: the order in which a walk enters and leaves the span.
	left, right int
}

// scanned makes s the span of a scan.
func (s *span) scanned(in *traces.ScannedSpan) {
	*s = span{resource: in.Resource, scope: in.Scope, span: in.Span, trace: in.TraceID}
}

func (s *span) start() int64 { return int64(s.span.StartTimestamp()) }

// duration is how long the span took in nanoseconds, 0 if it ends before it starts.
func (s *span) duration() int64 {
	if s.span.EndTimestamp() <= s.span.StartTimestamp() {
		return 0
	}
	return int64(s.span.EndTimestamp() - s.span.StartTimestamp())
}

func (s *span) service() string { return traces.ServiceName(s.resource) }

// tree is a whole trace.
type tree struct {
	id         pcommon.TraceID
	spans      []*span
	root       *span // nil when it is missing
	start, end int64 // of all spans, ns
	incomplete string
	numbered   bool // the nested set is there
}

// newTree connects the spans of a trace. Where two spans share an id (client and server
// of Zipkin), the server's is the child and children belong to it.
func newTree(t traces.Trace) *tree {
	var spans []*span
	for _, rs := range t.Spans.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, in := range ss.Spans().All() {
				spans = append(spans, &span{resource: rs.Resource(), scope: ss.Scope(), span: in, trace: t.ID})
			}
		}
	}
	return connected(t.ID, t.Incomplete, spans)
}

// connected connects spans, which are in the order in which they came.
func connected(id pcommon.TraceID, incomplete string, spans []*span) *tree {
	tr := &tree{id: id, incomplete: incomplete, spans: make([]*span, 0, len(spans))}
	byID := make(map[pcommon.SpanID]*span, len(spans))
	for _, s := range spans {
		s.tree = tr
		tr.add(s, byID)
	}
	for _, s := range tr.spans {
		if s.span.ParentSpanID().IsEmpty() {
			if tr.root == nil {
				tr.root = s
			}
			continue
		}
		s.parent = byID[s.span.ParentSpanID()]
	}
	for _, s := range tr.spans {
		if shared := byID[s.span.SpanID()]; shared != s && isClientOf(s, shared) {
			shared.parent = s
		}
	}
	tr.breakCycles()
	for _, s := range tr.spans {
		if s.parent != nil {
			s.parent.children = append(s.parent.children, s)
		}
	}
	return tr
}

// isClientOf says that the spans, of one id, are the two sides of a call.
func isClientOf(client, server *span) bool {
	return client.span.Kind() == ptrace.SpanKindClient && server.span.Kind() == ptrace.SpanKindServer
}

func (t *tree) add(s *span, byID map[pcommon.SpanID]*span) {
	s.place = len(t.spans)
	t.spans = append(t.spans, s)
	id := s.span.SpanID()
	if old, ok := byID[id]; !ok || isClientOf(old, s) {
		byID[id] = s
	}
	start, end := s.start(), s.start()+s.duration()
	if len(t.spans) == 1 {
		t.start, t.end = start, end
	}
	t.start, t.end = min(t.start, start), max(t.end, end)
}

// breakCycles makes roots of spans that are their own ancestors, which hostile or
// broken traces have.
func (t *tree) breakCycles() {
	const (
		unknown = iota
		walking
		fine
	)
	state := make([]int, len(t.spans))
	for _, s := range t.spans {
		var path []*span
		for at := s; at != nil && state[at.place] != fine; at = at.parent {
			if state[at.place] == walking {
				at.parent = nil
				break
			}
			state[at.place] = walking
			path = append(path, at)
		}
		for _, p := range path {
			state[p.place] = fine
		}
	}
}

// number fills in the nested set, from 1 on.
func (t *tree) number() {
	if t.numbered {
		return
	}
	t.numbered = true
	n := 0
	for _, s := range t.spans {
		if s.parent != nil {
			continue
		}
		// Without recursion: traces can be as deep as they are long.
		type visit struct {
			s    *span
			next int
		}
		n++
		s.left = n
		for stack := []visit{{s, 0}}; len(stack) > 0; {
			v := &stack[len(stack)-1]
			if v.next < len(v.s.children) {
				child := v.s.children[v.next]
				v.next++
				n++
				child.left = n
				stack = append(stack, visit{child, 0})
				continue
			}
			n++
			v.s.right = n
			stack = stack[:len(stack)-1]
		}
	}
}

func (t *tree) duration() int64 { return t.end - t.start }

func (t *tree) rootName() string {
	if t.root == nil {
		return ""
	}
	return t.root.span.Name()
}

func (t *tree) rootService() string {
	if t.root == nil {
		return ""
	}
	return t.root.service()
}

// TraceIDText returns a trace id as Tempo writes it: hexadecimal digits without zeros
// at the begin.
func TraceIDText(id pcommon.TraceID) string {
	text := hex.EncodeToString(id[:])
	for i := range len(text) - 1 {
		if text[i] != '0' {
			return text[i:]
		}
	}
	return text[len(text)-1:]
}

// ParseTraceID reads a trace id of up to 32 hexadecimal digits; zeros at the begin may
// be missing.
func ParseTraceID(s string) (pcommon.TraceID, bool) {
	var id pcommon.TraceID
	if s == "" || len(s) > 32 {
		return id, false
	}
	for len(s) < 32 {
		s = "0" + s
	}
	_, err := hex.Decode(id[:], []byte(s))
	return id, err == nil
}
