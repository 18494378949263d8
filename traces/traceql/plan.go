package traceql

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/traces"
)

// candidate says which spans a trace must have one of for a query to match it.
type candidate struct {
	// where narrows what the store reads; nil reads every span.
	where traces.Filter
	// test is what such a span fulfils; nil holds for each.
	test expr
}

// candidates returns what a trace must have for the pipeline to leave any of it.
func candidates(stages []stage) candidate {
	if len(stages) == 0 {
		return candidate{}
	}
	return candidateOf(stages[0])
}

func candidateOf(e stage) candidate {
	switch e := e.(type) {
	case *spansetFilter:
		if e.cond == nil {
			return candidate{}
		}
		c := candidate{where: narrow(e.cond), test: localPart(e.cond)}
		if c.where == nil && c.test == nil {
			c.where = rootNarrow(e.cond)
		}
		return c
	case *subPipeline:
		return candidates(e.stages)
	case *spansetOp:
		l, r := candidateOf(e.l), candidateOf(e.r)
		switch {
		case e.op == "||":
			return either(l, r)
		case e.op[0] == '!':
			return r
		case weight(l.where) > weight(r.where):
			return l
		}
		return r
	}
	return candidate{}
}

// counted returns what the spans fulfil that a pipeline may leave, for metrics, which
// count spans of their time: what relates them to it may lie outside.
func counted(stages []stage) candidate {
	if len(stages) == 0 {
		return candidate{}
	}
	return countedOf(stages[0])
}

func countedOf(e stage) candidate {
	switch e := e.(type) {
	case *subPipeline:
		return counted(e.stages)
	case *spansetOp:
		if e.op == "&&" || e.op == "||" || e.op[0] == '&' {
			return either(countedOf(e.l), countedOf(e.r))
		}
		return countedOf(e.r)
	case *spansetFilter:
		if e.cond != nil {
			return candidate{where: narrow(e.cond), test: localPart(e.cond)}
		}
	}
	return candidate{}
}

func either(l, r candidate) candidate {
	var out candidate
	if l.where != nil && r.where != nil {
		out.where = traces.SomeOf{l.where, r.where}
	}
	if l.test != nil && r.test != nil {
		out.test = &binary{op: "||", l: l.test, r: r.test}
	}
	return out
}

// weight is how much a filter is likely to narrow.
func weight(f traces.Filter) int {
	switch f := f.(type) {
	case traces.AllOf:
		n := 0
		for _, part := range f {
			n += weight(part)
		}
		return n
	case traces.SomeOf:
		n := math.MaxInt
		for _, part := range f {
			n = min(n, weight(part))
		}
		return n
	case traces.Condition:
		switch f.Op {
		case traces.Is:
			return 4
		case traces.Matches:
			return 2
		}
		return 1
	}
	return 0
}

// local says that an expression needs nothing but the span itself.
func local(e expr) bool {
	switch e := e.(type) {
	case *literal:
		return true
	case *reference:
		return !e.field.ofTrace()
	case *unary:
		return local(e.x)
	case *binary:
		return testsRoot(e) || local(e.l) && local(e.r)
	}
	return false
}

// testsRoot says that an expression asks whether a span is a root, by the parent's
// place in the nested set, which is -1 for roots and above 0 for others.
func testsRoot(b *binary) bool {
	r, ok := b.l.(*reference)
	l, isLiteral := b.r.(*literal)
	if !ok || !isLiteral {
		return false
	}
	return r.field.Scope == Intrinsic && !r.field.Parent && r.field.Name == fieldNestedSetParent &&
		l.value.Type == Int && (l.value.Int == 0 || l.value.Int == -1)
}

// localPart returns a condition on the span alone that holds whenever e does, nil if
// there is none.
func localPart(e expr) expr {
	if local(e) {
		return e
	}
	b, ok := e.(*binary)
	if !ok || b.op != "&&" && b.op != "||" {
		return nil
	}
	l, r := localPart(b.l), localPart(b.r)
	switch {
	case l != nil && r != nil:
		return &binary{op: b.op, l: l, r: r}
	case b.op == "||":
		return nil
	case l != nil:
		return l
	}
	return r
}

// narrow returns a filter that every span passes for which e holds, nil for none.
func narrow(e expr) traces.Filter {
	switch e := e.(type) {
	case *reference:
		if e.field.Scope != Intrinsic {
			return condition(e.field, "=", boolValue(true))
		}
	case *binary:
		switch e.op {
		case "&&":
			return both(narrow(e.l), narrow(e.r))
		case "||":
			l, r := narrow(e.l), narrow(e.r)
			if l == nil || r == nil {
				return nil
			}
			return traces.SomeOf{l, r}
		}
		if r, ok := e.l.(*reference); ok {
			if l, ok := e.r.(*literal); ok {
				return condition(r.field, e.op, l.value)
			}
		}
		if l, ok := e.l.(*literal); ok {
			if r, ok := e.r.(*reference); ok {
				return condition(r.field, swapped(e.op), l.value)
			}
		}
	}
	return nil
}

func both(l, r traces.Filter) traces.Filter {
	if l == nil {
		return r
	}
	if r == nil {
		return l
	}
	return traces.AllOf{l, r}
}

// swapped returns the operator for exchanged sides.
func swapped(op string) string {
	switch op {
	case "<":
		return ">"
	case "<=":
		return ">="
	case ">":
		return "<"
	case ">=":
		return "<="
	}
	return op
}

// rootNarrow narrows by what the root of a trace must be.
func rootNarrow(e expr) traces.Filter {
	b, ok := e.(*binary)
	if !ok {
		return nil
	}
	if b.op == "&&" {
		return both(rootNarrow(b.l), rootNarrow(b.r))
	}
	r, ok := b.l.(*reference)
	l, isLiteral := b.r.(*literal)
	if !ok || !isLiteral || l.value.Type != String || l.value.Str == "" || b.op != "=" && b.op != "=~" || r.field.Scope != Intrinsic || b.matchesEmpty() {
		return nil
	}
	isRoot := traces.Condition{Property: traces.Root, Op: traces.Exists}
	switch r.field.Name {
	case fieldRootName:
		return traces.AllOf{isRoot, condition(Field{Scope: Intrinsic, Name: fieldName}, b.op, l.value)}
	case fieldRootService:
		for _, other := range []string{traces.MissingServiceName, traces.EmptyServiceName, traces.WrongTypeServiceName} {
			if l.value.Str == other || b.re != nil && b.re.MatchString(other) {
				return isRoot
			}
		}
		return traces.AllOf{isRoot, condition(Field{Scope: ResourceScope, Name: "service.name"}, b.op, l.value)}
	}
	return nil
}

func (b *binary) matchesEmpty() bool { return b.re != nil && b.re.MatchString("") }

// condition returns a filter for a field's comparison with a value, nil for none.
func condition(f Field, op string, v Value) traces.Filter {
	if f.Parent {
		return nil
	}
	one := func(p traces.Property) traces.Filter { return attributeCondition(p, f.Name, op, v) }
	switch f.Scope {
	case Unscoped:
		s, r := one(traces.SpanAttribute), one(traces.ResourceAttribute)
		if s == nil || r == nil {
			return nil
		}
		return traces.SomeOf{s, r}
	case SpanScope:
		return one(traces.SpanAttribute)
	case ResourceScope:
		return one(traces.ResourceAttribute)
	case EventScope:
		if op == "!=" || op == "!~" || op == "=" && v.Type == Nil {
			return nil
		}
		return one(traces.EventAttribute)
	case Intrinsic:
		return intrinsicCondition(f.Name, op, v)
	}
	return nil
}

// attributeCondition compares an attribute. Whatever the comparison but = nil, the span
// must have it.
func attributeCondition(p traces.Property, key, op string, v Value) traces.Filter {
	c := traces.Condition{Property: p, Key: key}
	if op == "=" && v.Type == Nil {
		return nil
	}
	switch {
	case op == "=~":
		c.Op, c.Value = traces.Matches, v.Str
		return c
	case op == "=" && v.Type.numeric():
		var out traces.SomeOf
		for _, text := range numberTexts(v) {
			c.Op, c.Value = traces.Is, text
			out = append(out, c)
		}
		return out
	case op == "=" && (v.Type == String || v.Type == Bool):
		c.Op, c.Value = traces.Is, v.Text()
		return c
	case (op == "<" || op == "<=" || op == ">" || op == ">=") && v.Type.numeric():
		c.Op = traces.Between
		c.Min, c.Max = bounds(op, v)
		return c
	}
	c.Op = traces.Exists
	return c
}

// numberTexts returns the texts that attributes of this number have.
func numberTexts(v Value) []string {
	n, _ := v.number()
	out := []string{strconv.FormatFloat(n, 'g', 10, 64)}
	if v.Type != Float {
		out = append(out, strconv.FormatInt(v.Int, 10))
	} else if n == math.Trunc(n) && math.Abs(n) < 1<<63 {
		out = append(out, strconv.FormatInt(int64(n), 10))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// bounds returns the range of a comparison. It is a little wider, since the texts of
// numbers have ten digits.
func bounds(op string, v Value) (least, most float64) {
	n, _ := v.number()
	slack := math.Abs(n) * 1e-9
	switch op {
	case "<", "<=":
		return math.Inf(-1), n + slack
	case ">", ">=":
		return n - slack, math.Inf(1)
	}
	return n - slack, n + slack
}

func intrinsicCondition(name, op string, v Value) traces.Filter {
	c := traces.Condition{Op: traces.Is, Value: v.Str}
	switch name {
	case fieldStatus:
		c.Property, c.Value = traces.StatusCode, traces.StatusText(ptrace.StatusCode(v.Int))
	case fieldKind:
		c.Property, c.Value = traces.Kind, traces.KindText(ptrace.SpanKind(v.Int))
	case fieldDuration:
		if op == "!=" {
			return nil
		}
		c.Property, c.Op = traces.SpanLength, traces.Between
		c.Min, c.Max = bounds(op, v)
		return c
	case fieldNestedSetParent:
		if v.Type == Int && (op == "<" && v.Int <= 0 || op == "=" && v.Int == -1) {
			return traces.Condition{Property: traces.Root, Op: traces.Exists}
		}
		return nil
	case fieldTraceID:
		c.Property, c.Value = traces.TraceOf, strings.ToLower(v.Str)
	case fieldName:
		c.Property = traces.SpanName
	case fieldStatusMessage:
		c.Property = traces.StatusMessage
	case fieldEventName:
		if v.Str == "" {
			return nil
		}
		c.Property = traces.EventName
	case fieldScopeName:
		c.Property = traces.ScopeName
	case fieldScopeVersion:
		c.Property = traces.ScopeVersion
	default:
		return nil
	}
	switch {
	case v.Type == Nil:
		return nil
	case op == "=":
		return c
	case op == "=~" && name != fieldTraceID:
		c.Op = traces.Matches
		return c
	}
	return nil
}

// keys are the attributes that expressions read.
type keys struct{ span, resource []string }

func (k *keys) add(list ...expr) {
	for _, e := range list {
		eachField(e, func(f Field) {
			switch f.Scope {
			case Unscoped:
				k.span, k.resource = append(k.span, f.Name), append(k.resource, f.Name)
			case SpanScope:
				k.span = append(k.span, f.Name)
			case ResourceScope:
				k.resource = append(k.resource, f.Name)
			}
		})
	}
}

// eachField calls f for each field of an expression; nil has none.
func eachField(e expr, f func(Field)) {
	switch e := e.(type) {
	case *reference:
		f(e.field)
	case *unary:
		eachField(e.x, f)
	case *binary:
		eachField(e.l, f)
		eachField(e.r, f)
	}
}
