package traceql

import (
	"cmp"
	"context"
	bits "encoding/binary"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces"
)

// wanted is what a query reads of the spans of whole traces. Reading less of them is most
// of what makes such queries fast.
type wanted struct {
	keys
	all           bool // every attribute
	events, links bool
}

// scan is what a store is asked for.
func (w *wanted) scan() traces.ScanQuery {
	return traces.ScanQuery{SpanKeys: w.span, ResourceKeys: w.resource, All: w.all, NoEvents: !w.events, NoLinks: !w.links}
}

// add adds what expressions read.
func (w *wanted) add(list ...expr) {
	w.keys.add(list...)
	for _, e := range list {
		eachField(e, func(f Field) {
			switch {
			case f.Scope == EventScope, f.Scope == Intrinsic && (f.Name == fieldEventName || f.Name == fieldEventSince):
				w.events = true
			case f.Scope == LinkScope, f.Scope == Intrinsic && (f.Name == fieldLinkTraceID || f.Name == fieldLinkSpanID):
				w.links = true
			}
		})
	}
}

// wantedOf names what evaluating and showing q reads.
func wantedOf(q *Query) wanted {
	w := wanted{keys: keys{resource: []string{"service.name"}}}
	add := w.add
	eachExpr(q.stages, add)
	if m := q.metric; m != nil {
		add(m.of)
		add(m.by...)
		w.all = m.compare != nil
	}
	for _, list := range []*[]string{&w.span, &w.resource} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return w
}

// eachExpr calls f with every field expression of a pipeline.
func eachExpr(stages []stage, f func(...expr)) {
	var ofScalar func(s scalar)
	ofScalar = func(s scalar) {
		switch s := s.(type) {
		case *scalarOp:
			ofScalar(s.l)
			ofScalar(s.r)
		case *aggregate:
			f(s.of)
		}
	}
	for _, st := range stages {
		switch st := st.(type) {
		case *spansetFilter:
			f(st.cond)
		case *spansetOp:
			eachExpr([]stage{st.l, st.r}, f)
		case *subPipeline:
			eachExpr(st.stages, f)
		case *scalarFilter:
			ofScalar(st.l)
			ofScalar(st.r)
		case *groupBy:
			f(st.by)
		case *selection:
			f(st.fields...)
		}
	}
}

// trees reads whole traces, in the order of ids.
func (e *Engine) trees(ctx context.Context, t tenant.ID, ids []pcommon.TraceID, w wanted) ([]*tree, error) {
	if w.all {
		found, err := e.store.GetTraces(ctx, t, ids)
		if err != nil {
			return nil, err
		}
		out := make([]*tree, len(found))
		for i, tr := range found {
			out[i] = newTree(tr)
		}
		return out, nil
	}
	c := copier{wanted: w, texts: map[string]string{}, resources: map[string]pcommon.Resource{}}
	type received struct {
		number uint64
		span   *span
	}
	spans := make(map[pcommon.TraceID][]received, len(ids))
	cut, err := e.store.ScanTraces(ctx, t, ids, w.scan(), func(in *traces.ScannedSpan) error {
		spans[in.TraceID] = append(spans[in.TraceID], received{in.Received, c.copy(in)})
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make([]*tree, 0, len(spans))
	for _, id := range ids {
		list := spans[id]
		if len(list) == 0 {
			continue
		}
		delete(spans, id)
		slices.SortFunc(list, func(a, b received) int { return cmp.Compare(a.number, b.number) })
		ordered := make([]*span, len(list))
		for i, r := range list {
			ordered[i] = r.span
		}
		out = append(out, connected(id, cut[id], ordered))
	}
	return out, nil
}

// copier keeps what is wanted of the spans that a scan lends.
type copier struct {
	wanted    wanted
	texts     map[string]string // one copy of each
	resources map[string]pcommon.Resource
	scratch   []byte
}

// Bounds of what a copier remembers.
const (
	maxTexts     = 16 << 10
	maxResources = 4 << 10
)

func (c *copier) copy(in *traces.ScannedSpan) *span {
	out := ptrace.NewSpan()
	out.SetTraceID(in.TraceID)
	out.SetSpanID(in.Span.SpanID())
	out.SetParentSpanID(in.Span.ParentSpanID())
	out.SetName(c.text(in.Span.Name()))
	out.SetKind(in.Span.Kind())
	in.Span.TraceState().CopyTo(out.TraceState())
	out.SetStartTimestamp(in.Span.StartTimestamp())
	out.SetEndTimestamp(in.Span.EndTimestamp())
	in.Span.Status().CopyTo(out.Status()) // not of the scan's memory, as are events and links
	if c.wanted.events {
		in.Span.Events().CopyTo(out.Events())
	}
	if c.wanted.links {
		in.Span.Links().CopyTo(out.Links())
	}
	c.attributes(in.Span.Attributes(), out.Attributes(), c.wanted.span)
	return &span{resource: c.resource(in.Resource), scope: in.Scope, span: out, trace: in.TraceID}
}

func (c *copier) attributes(from, to pcommon.Map, keys []string) {
	for _, k := range keys {
		v, ok := from.Get(k)
		if !ok {
			continue
		}
		if v.Type() == pcommon.ValueTypeStr {
			to.PutStr(k, c.text(v.Str()))
			continue
		}
		v.CopyTo(to.PutEmpty(k))
	}
}

// resource returns a copy that spans of like resources share.
func (c *copier) resource(in pcommon.Resource) pcommon.Resource {
	key := c.scratch[:0]
	for _, k := range c.wanted.resource {
		if v, ok := in.Attributes().Get(k); ok {
			text := v.AsString() // with every digit
			key = append(bits.AppendUvarint(append(key, byte(v.Type()+1)), uint64(len(text))), text...)
		} else {
			key = append(key, 0)
		}
	}
	c.scratch = key
	out, ok := c.resources[string(key)]
	if !ok {
		out = pcommon.NewResource()
		c.attributes(in.Attributes(), out.Attributes(), c.wanted.resource)
		if len(c.resources) < maxResources {
			c.resources[string(key)] = out
		}
	}
	return out
}

// text returns s in memory of its own.
func (c *copier) text(s string) string {
	if own, ok := c.texts[s]; ok {
		return own
	}
	s = strings.Clone(s)
	if len(c.texts) < maxTexts && len(s) <= 256 {
		c.texts[s] = s
	}
	return s
}
