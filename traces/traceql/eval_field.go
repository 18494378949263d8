package traceql

import (
	"encoding/hex"
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// value returns the field's value on a span, nil if the span lacks it. Fields of events
// and links are lists of what all of them have.
func (f Field) value(s *span) Value {
	if f.Parent {
		if s.parent == nil {
			return Value{}
		}
		f.Parent, s = false, s.parent
	}
	switch f.Scope {
	case Unscoped:
		if v, ok := s.span.Attributes().Get(f.Name); ok {
			return attributeValue(v)
		}
		return attributeOf(s.resource.Attributes(), f.Name)
	case SpanScope:
		return attributeOf(s.span.Attributes(), f.Name)
	case ResourceScope:
		return attributeOf(s.resource.Attributes(), f.Name)
	case InstrumentationScope:
		return attributeOf(s.scope.Attributes(), f.Name)
	case EventScope:
		return ofEvents(s, func(e ptrace.SpanEvent) Value { return attributeOf(e.Attributes(), f.Name) })
	case LinkScope:
		return ofLinks(s, func(l ptrace.SpanLink) Value { return attributeOf(l.Attributes(), f.Name) })
	}
	return f.intrinsicValue(s)
}

func attributeOf(m pcommon.Map, key string) Value {
	if v, ok := m.Get(key); ok {
		return attributeValue(v)
	}
	return Value{}
}

func (f Field) intrinsicValue(s *span) Value {
	switch f.Name {
	case fieldName:
		return stringValue(s.span.Name())
	case fieldStatus:
		return statusOf(s.span)
	case fieldStatusMessage:
		return stringValue(s.span.Status().Message())
	case fieldKind:
		return kindValue(s.span.Kind())
	case fieldDuration:
		return durationValue(s.duration())
	case fieldTraceID:
		return stringValue(hex.EncodeToString(s.trace[:]))
	case fieldSpanID:
		return spanIDValue(s.span.SpanID())
	case fieldParentID:
		return spanIDValue(s.span.ParentSpanID())
	case fieldScopeName:
		return stringValue(s.scope.Name())
	case fieldScopeVersion:
		return stringValue(s.scope.Version())
	case fieldEventName:
		return ofEvents(s, func(e ptrace.SpanEvent) Value { return stringValue(e.Name()) })
	case fieldEventSince:
		return ofEvents(s, func(e ptrace.SpanEvent) Value { return durationValue(int64(e.Timestamp()) - s.start()) })
	case fieldLinkTraceID:
		return ofLinks(s, func(l ptrace.SpanLink) Value { id := l.TraceID(); return stringValue(hex.EncodeToString(id[:])) })
	case fieldLinkSpanID:
		return ofLinks(s, func(l ptrace.SpanLink) Value { return spanIDValue(l.SpanID()) })
	}
	return f.traceValue(s)
}

// traceValue returns what only a whole trace tells.
func (f Field) traceValue(s *span) Value {
	if s.tree == nil {
		if f.Name == fieldNestedSetParent {
			return nestedSetParentOf(s, 1)
		}
		return Value{}
	}
	switch f.Name {
	case fieldChildCount:
		return intValue(int64(len(s.children)))
	case fieldTraceDuration:
		return durationValue(s.tree.duration())
	case fieldRootName:
		return stringValue(s.tree.rootName())
	case fieldRootService:
		return stringValue(s.tree.rootService())
	}
	s.tree.number()
	switch f.Name {
	case fieldNestedSetLeft:
		return intValue(int64(s.left))
	case fieldNestedSetRight:
		return intValue(int64(s.right))
	case fieldNestedSetParent:
		left := 0
		if s.parent != nil {
			left = s.parent.left
		}
		return nestedSetParentOf(s, left)
	}
	return Value{}
}

// nestedSetParentOf is -1 for roots and left for others.
func nestedSetParentOf(s *span, left int) Value {
	if s.span.ParentSpanID().IsEmpty() {
		return intValue(-1)
	}
	return intValue(int64(left))
}

func spanIDValue(id pcommon.SpanID) Value {
	if id.IsEmpty() {
		return Value{}
	}
	return stringValue(hex.EncodeToString(id[:]))
}

func ofEvents(s *span, get func(ptrace.SpanEvent) Value) Value {
	var out []Value
	for _, e := range s.span.Events().All() {
		out = appendValue(out, get(e))
	}
	return listOf(out)
}

func ofLinks(s *span, get func(ptrace.SpanLink) Value) Value {
	var out []Value
	for _, l := range s.span.Links().All() {
		out = appendValue(out, get(l))
	}
	return listOf(out)
}

// appendValue adds a value, or those of a list.
func appendValue(out []Value, v Value) []Value {
	switch v.Type {
	case Nil:
		return out
	case List:
		return append(out, v.List...)
	}
	return append(out, v)
}

// listOf returns nil for no values and a value for one.
func listOf(values []Value) Value {
	switch len(values) {
	case 0:
		return Value{}
	case 1:
		return values[0]
	}
	return Value{Type: List, List: values}
}

// eval returns the expression's value on a span.
func eval(e expr, s *span) Value {
	switch e := e.(type) {
	case *literal:
		return e.value
	case *reference:
		return e.field.value(s)
	case *unary:
		x := eval(e.x, s)
		if e.op == "!" {
			if x.Type != Bool {
				return Value{}
			}
			return boolValue(x.Int == 0)
		}
		if !x.Type.numeric() {
			return Value{}
		}
		x.Int, x.Float = -x.Int, -x.Float
		return x
	case *binary:
		return e.eval(s)
	}
	panic("BUG: expression of an unknown kind")
}

// holds says whether a condition, nil for none, is true of a span.
func holds(cond expr, s *span) bool { return cond == nil || eval(cond, s).isTrue() }

func (b *binary) eval(s *span) Value {
	switch b.op {
	case "&&":
		return boolValue(eval(b.l, s).isTrue() && eval(b.r, s).isTrue())
	case "||":
		return boolValue(eval(b.l, s).isTrue() || eval(b.r, s).isTrue())
	case "+", "-", "*", "/", "%", "^":
		return arithmetic(b.op, eval(b.l, s), eval(b.r, s))
	case "=~", "!~":
		return boolValue(b.matches(eval(b.l, s)))
	}
	l, r := eval(b.l, s), eval(b.r, s)
	if isNil(b.l) || isNil(b.r) {
		return boolValue((l.Type == r.Type) == (b.op == "="))
	}
	return boolValue(compares(b.op, l, r))
}

// isNil says that an expression is the word nil.
func isNil(e expr) bool {
	l, ok := e.(*literal)
	return ok && l.value.Type == Nil
}

// matches compares with the regular expression: a list matches when one of its texts
// does, and differs when none does.
func (b *binary) matches(v Value) bool {
	switch v.Type {
	case String:
		return b.re.MatchString(v.Str) == (b.op == "=~")
	case List:
		found := false
		for _, e := range v.List {
			found = found || e.Type == String && b.re.MatchString(e.Str)
		}
		return found == (b.op == "=~")
	}
	return false
}

// compares evaluates = != < <= > >=. Values of different types do not compare, nor do
// missing ones, which is false of every operator.
func compares(op string, l, r Value) bool {
	if l.Type == List {
		return anyOf(op, l.List, r, false)
	}
	if r.Type == List {
		return anyOf(op, r.List, l, true)
	}
	order, ok := compare(l, r)
	if !ok {
		return false
	}
	switch op {
	case "=":
		return order == 0
	case "!=":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

// anyOf compares the elements of a list: one must fulfil the operator, for != all.
func anyOf(op string, list []Value, with Value, swapped bool) bool {
	test := op
	if op == "!=" {
		test = "="
	}
	found := false
	for _, e := range list {
		if swapped {
			found = found || compares(test, with, e)
		} else {
			found = found || compares(test, e, with)
		}
	}
	return found != (op == "!=")
}

func arithmetic(op string, l, r Value) Value {
	x, okX := l.number()
	y, okY := r.number()
	if !okX || !okY {
		return Value{}
	}
	if l.Type == Int && r.Type == Int && op != "/" && op != "^" {
		return integers(op, l.Int, r.Int)
	}
	var out float64
	switch op {
	case "+":
		out = x + y
	case "-":
		out = x - y
	case "*":
		out = x * y
	case "/":
		out = x / y
	case "%":
		out = math.Mod(x, y)
	case "^":
		out = math.Pow(x, y)
	}
	if math.IsNaN(out) || math.IsInf(out, 0) {
		return Value{}
	}
	if (l.Type == Duration) != (r.Type == Duration) || l.Type == Duration && op != "/" && op != "*" {
		if math.Abs(out) < 1<<62 {
			return durationValue(int64(out))
		}
	}
	return floatValue(out)
}

func integers(op string, x, y int64) Value {
	switch op {
	case "+":
		return intValue(x + y)
	case "-":
		return intValue(x - y)
	case "*":
		return intValue(x * y)
	}
	if y == 0 {
		return Value{}
	}
	return intValue(x % y)
}
