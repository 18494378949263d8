package logstash

import (
	"cmp"
	"reflect"
	"strings"
	"time"

	"github.com/pharosd/pharos/pipeline"
)

// verdict is what a condition says of an event. Broken is Logstash's error in a
// condition, such as a missing field compared with <: the event is dropped.
type verdict uint8

const (
	no verdict = iota
	yes
	broken
)

func verdictOf(b bool) verdict {
	if b {
		return yes
	}
	return no
}

// test is a compiled condition.
type test func(e *pipeline.Event) verdict

// conditions compiles conditions; what is wrong goes to report.
type conditions struct {
	lookup func(string) (string, bool)
	report *report
}

// compile returns the test of an expression in the place of a truth. After a problem
// the test is never used.
func (c *conditions) compile(x Expression) test {
	switch x := x.(type) {
	case *Binary:
		return c.binary(x)
	case *Not:
		return negate(c.compile(x.Of))
	case *Compare:
		return c.compare(x)
	case *Match:
		return c.match(x)
	case *In:
		t := c.in(x)
		if x.Negated {
			return negate(t)
		}
		return t
	case *Selector:
		ref := x.Ref
		return func(e *pipeline.Event) verdict {
			v, _ := ref.Get(e)
			return verdictOf(truthy(v))
		}
	}
	v := verdictOf(truthy(c.literal(x)))
	return func(*pipeline.Event) verdict { return v }
}

// truthy is false for what is missing, empty text, false and "false"; 0 is true.
func truthy(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != "" && v != "false"
	}
	return true
}

func negate(t test) test {
	return func(e *pipeline.Event) verdict {
		switch t(e) {
		case yes:
			return no
		case no:
			return yes
		}
		return broken
	}
}

func (c *conditions) binary(x *Binary) test {
	left, right := c.compile(x.Left), c.compile(x.Right)
	switch x.Op {
	case "and":
		return func(e *pipeline.Event) verdict {
			if v := left(e); v != yes {
				return v
			}
			return right(e)
		}
	case "or":
		return func(e *pipeline.Event) verdict {
			if v := left(e); v != no {
				return v
			}
			return right(e)
		}
	}
	op := x.Op
	return func(e *pipeline.Event) verdict {
		a := left(e)
		if a == broken || op == "nand" && a == no {
			return negateVerdict(a)
		}
		b := right(e)
		if b == broken {
			return broken
		}
		return verdictOf(combine(op, a == yes, b == yes))
	}
}

func negateVerdict(v verdict) verdict {
	if v == no {
		return yes
	}
	return v
}

// literal is the value of a constant. A text that is nothing but a variable stands for
// the variable's value, as in Logstash.
func (c *conditions) literal(x Expression) any {
	l := x.(*Literal)
	s, ok := l.Value.(string)
	if !ok || variable.FindString(s) != s || s == "" {
		return l.Value
	}
	v, _, err := substitute(s, c.lookup)
	if err != nil {
		c.report.errorf(l.Pos, "set it, or write ${NAME:default}", "%v", err)
	}
	return v
}

// operand is a field or a constant.
type operand struct {
	ref   Ref
	value any
	field bool
}

func (o *operand) get(e *pipeline.Event) any {
	if !o.field {
		return o.value
	}
	v, _ := o.ref.Get(e)
	return v
}

func (c *conditions) operand(x Expression) operand {
	if s, ok := x.(*Selector); ok {
		return operand{ref: s.Ref, field: true}
	}
	return operand{value: c.literal(x)}
}

func (c *conditions) compare(x *Compare) test {
	a, b := c.operand(x.Left), c.operand(x.Right)
	switch x.Op {
	case "==":
		return func(e *pipeline.Event) verdict { return verdictOf(equal(a.get(e), b.get(e))) }
	case "!=":
		return func(e *pipeline.Event) verdict { return verdictOf(!equal(a.get(e), b.get(e))) }
	}
	holds := map[string]func(int) bool{
		"<": func(i int) bool { return i < 0 }, "<=": func(i int) bool { return i <= 0 },
		">": func(i int) bool { return i > 0 }, ">=": func(i int) bool { return i >= 0 },
	}[x.Op]
	return func(e *pipeline.Event) verdict {
		i, ok := order(a.get(e), b.get(e))
		if !ok {
			return broken
		}
		return verdictOf(holds(i))
	}
}

// equal compares as Logstash does: by type and value, so that "1", 1 and 1.0 differ.
func equal(a, b any) bool {
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		return ok && a == b
	case int64:
		b, ok := b.(int64)
		return ok && a == b
	case float64:
		b, ok := b.(float64)
		return ok && a == b
	case bool:
		b, ok := b.(bool)
		return ok && a == b
	case time.Time:
		b, ok := b.(time.Time)
		return ok && a.Equal(b)
	}
	return reflect.DeepEqual(a, b)
}

// order compares texts with texts, numbers with numbers, times with times.
func order(a, b any) (int, bool) {
	switch a := a.(type) {
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(a, b), true
		}
	case int64:
		switch b := b.(type) {
		case int64:
			return cmp.Compare(a, b), true
		case float64:
			return cmp.Compare(float64(a), b), true
		}
	case float64:
		switch b := b.(type) {
		case int64:
			return cmp.Compare(a, float64(b)), true
		case float64:
			return cmp.Compare(a, b), true
		}
	case time.Time:
		if b, ok := b.(time.Time); ok {
			return a.Compare(b), true
		}
	}
	return 0, false
}

// match tests texts only: a list or a number does not match.
func (c *conditions) match(x *Match) test {
	re, err := CompileRegexp(x.Pattern)
	if err != nil {
		c.report.errorf(x.Pos, "", "%v", err)
		return nil
	}
	o, negated := c.operand(x.Left), x.Negated
	return func(e *pipeline.Event) verdict {
		s, ok := o.get(e).(string)
		return verdictOf((ok && re.Match(s)) != negated)
	}
}

// in has a meaning of its own for each pair of what is left and right.
func (c *conditions) in(x *In) test {
	a, b := c.operand(x.Left), c.operand(x.Right)
	if list, ok := b.value.([]any); ok && !b.field {
		return inList(a, list)
	}
	if !a.field {
		if _, isList := a.value.([]any); isList {
			c.report.errorf(x.Pos, "", "a list cannot be in something")
		}
	}
	return func(e *pipeline.Event) verdict {
		return verdictOf(within(a.get(e), b.get(e)))
	}
}

// inList compares the texts of values: 200 is in ["200", "201"].
func inList(a operand, list []any) test {
	texts := make(map[string]bool, len(list))
	for _, v := range list {
		texts[Text(v)] = true
	}
	return func(e *pipeline.Event) verdict {
		switch v := a.get(e).(type) {
		case nil:
			return no
		case string:
			return verdictOf(texts[v])
		default:
			return verdictOf(texts[Text(v)])
		}
	}
}

// within: a text in a text, a value in a list, or the same value.
func within(a, b any) bool {
	switch a.(type) {
	case []any, map[string]any, nil:
		return false
	}
	switch b := b.(type) {
	case string:
		a, ok := a.(string)
		return ok && strings.Contains(b, a)
	case []any:
		for _, v := range b {
			if equal(a, v) {
				return true
			}
		}
		return false
	}
	return equal(a, b)
}
