package ruby

import (
	"fmt"
	"strings"
)

type limit struct{}

// control is a jump out of code: return, next, break.
type control struct {
	kind  string
	value any
}

// scope are the variables of a block and those around it.
type scope struct {
	vars  map[string]any
	outer *scope
}

func (s *scope) find(name string) *scope {
	for ; s != nil; s = s.outer {
		if _, ok := s.vars[name]; ok {
			return s
		}
	}
	return nil
}

type interp struct {
	self  *Object
	scope *scope
	steps int
	depth int
	line  int
	last  *Match // $~
}

func (in *interp) spend(n int) {
	if in.steps += n; in.steps > maxSteps {
		panic(limit{})
	}
}

func (in *interp) raise(class, message string) {
	panic(&Error{class, message, in.line})
}

func (in *interp) raisef(class, format string, args ...any) {
	in.raise(class, fmt.Sprintf(format, args...))
}

// text bounds the size of a text that was made.
func (in *interp) text(s string) string {
	if len(s) > maxText {
		panic(limit{})
	}
	in.spend(len(s) / 256)
	return s
}

func (in *interp) eval(n node) any {
	in.spend(1)
	if in.depth++; in.depth > 10*maxDepth {
		panic(limit{})
	}
	v := in.value(n)
	in.depth--
	return v
}

func (in *interp) value(n node) any {
	switch n := n.(type) {
	case nil:
		return nil
	case *literal:
		return n.value
	case *template:
		return in.template(n)
	case *pattern:
		return in.pattern(n)
	case *local:
		if s := in.scope.find(n.name); s != nil {
			return s.vars[n.name]
		}
		return nil
	case *ivar:
		return in.self.vars[n.name]
	case *constant:
		in.line = n.line
		return in.constant(n.name)
	case *selfNode:
		return class("self")
	case *list:
		return &Array{in.args(n.items)}
	case *hashNode:
		return in.hash(n)
	case *rangeOf:
		return &Range{in.eval(n.from), in.eval(n.to), n.exclusive}
	case *call:
		return in.call(n)
	case *lambda:
		return &proc{n.block, in.scope}
	case *binary:
		return in.operator(n)
	case *not:
		return !truthy(in.eval(n.of))
	case *and:
		if v := in.eval(n.left); !truthy(v) {
			return v
		}
		return in.eval(n.right)
	case *or:
		if v := in.eval(n.left); truthy(v) {
			return v
		}
		return in.eval(n.right)
	}
	return in.statement(n)
}

func (in *interp) statement(n node) any {
	switch n := n.(type) {
	case *assign:
		in.line = n.line
		v := in.eval(n.value)
		in.assign(n.to, v)
		return v
	case *opAssign:
		return in.opAssign(n)
	case *multiAssign:
		return in.multiAssign(n)
	case *defined:
		return in.defined(n.of)
	case *body:
		var v any
		for _, x := range n.of {
			v = in.eval(x)
		}
		return v
	case *ifElse:
		if truthy(in.eval(n.test)) {
			return in.eval(n.then)
		}
		return in.eval(n.other)
	case *loop:
		return in.loop(n)
	case *forIn:
		in.each(in.eval(n.over), func(item any) bool {
			in.bind(n.params, []any{item}, in.scope)
			_, stop := in.loopBody(n.body)
			return !stop
		})
		return nil
	case *caseOf:
		return in.caseOf(n)
	case *begin:
		return in.begin(n)
	case *function:
		in.self.functions[n.name] = n
		return Symbol(n.name)
	case *jump:
		panic(control{n.kind, in.eval(n.value)})
	}
	panic(fmt.Sprintf("BUG: no code for a %T", n))
}

// operator runs an operator; << gives what holds a text the longer one.
func (in *interp) operator(n *binary) any {
	left, right := in.eval(n.left), in.eval(n.right)
	in.line = n.line
	v := in.binary(n.op, left, right)
	if _, text := left.(string); text && n.op == "<<" && assignableNode(n.left) {
		in.assign(n.left, v)
	}
	return v
}

func (in *interp) template(n *template) any {
	var b strings.Builder
	for _, p := range n.parts {
		b.WriteString(toS(in.eval(p)))
		if b.Len() > maxText {
			panic(limit{})
		}
	}
	return in.text(b.String())
}

func (in *interp) pattern(n *pattern) any {
	if n.fixed != nil {
		return n.fixed
	}
	re, err := compileRegexp(toS(in.eval(n.text)), n.flags)
	if err != nil {
		in.raise("RegexpError", err.Error())
	}
	return re
}

func (in *interp) hash(n *hashNode) any {
	h := NewHash()
	for i, k := range n.keys {
		h.Set(in.key(in.eval(k)), in.eval(n.values[i]))
	}
	return h
}

// args evaluates arguments; *list is spread.
func (in *interp) args(nodes []node) []any {
	out := make([]any, 0, len(nodes))
	for _, n := range nodes {
		if s, ok := n.(*splat); ok {
			out = append(out, in.items(in.eval(s.of))...)
			continue
		}
		out = append(out, in.eval(n))
	}
	return out
}

func (in *interp) assign(to node, v any) {
	switch to := to.(type) {
	case *local:
		s := in.scope.find(to.name)
		if s == nil {
			s = in.scope
		}
		s.vars[to.name] = v
	case *ivar:
		in.self.vars[to.name] = v
	case *call:
		if to.name != "[]" {
			in.setAttribute(in.eval(to.recv), to.name, v)
			return
		}
		in.setIndex(in.eval(to.recv), in.args(to.args), v)
	}
}

func (in *interp) opAssign(n *opAssign) any {
	in.line = n.line
	old := in.eval(n.to)
	switch n.op {
	case "||":
		if truthy(old) {
			return old
		}
	case "&&":
		if !truthy(old) {
			return old
		}
	default:
		v := in.binary(n.op, old, in.eval(n.value))
		in.assign(n.to, v)
		return v
	}
	v := in.eval(n.value)
	in.assign(n.to, v)
	return v
}

func (in *interp) multiAssign(n *multiAssign) any {
	v := in.eval(n.value)
	items := in.items(v)
	at := 0
	for i, p := range n.to {
		switch {
		case p.splat:
			rest := len(n.to) - i - 1
			end := max(len(items)-rest, at)
			in.assign(n.paths[i], &Array{append([]any{}, items[min(at, len(items)):min(end, len(items))]...)})
			at = end
		case at < len(items):
			in.assign(n.paths[i], items[at])
			at++
		default:
			in.assign(n.paths[i], nil)
		}
	}
	return v
}

// items are the elements of a list, or the value as the only one.
func (in *interp) items(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case *Array:
		return v.Items
	case *Range, *Hash:
		return in.toArray(v)
	}
	return []any{v}
}

func (in *interp) defined(n node) any {
	switch n := n.(type) {
	case *local:
		return "local-variable"
	case *ivar:
		if _, ok := in.self.vars[n.name]; ok {
			return "instance-variable"
		}
		return nil
	case *literal, *list, *hashNode, *template:
		return "expression"
	case *constant:
		return "constant"
	}
	return "method"
}

func (in *interp) loop(n *loop) any {
	if n.after {
		if v, stop := in.loopBody(n.body); stop {
			return v
		}
	}
	for truthy(in.eval(n.test)) != n.until {
		if v, stop := in.loopBody(n.body); stop {
			return v
		}
	}
	return nil
}

// loopBody runs a loop's body; stop says that it broke out.
func (in *interp) loopBody(n node) (v any, stop bool) {
	depth := in.depth
	defer func() {
		if r := recover(); r != nil {
			c, ok := r.(control)
			if !ok || c.kind == "return" {
				panic(r)
			}
			in.depth = depth
			v, stop = c.value, c.kind == "break"
		}
	}()
	return in.eval(n), false
}

func (in *interp) caseOf(n *caseOf) any {
	var v any
	if n.value != nil {
		v = in.eval(n.value)
	}
	for _, w := range n.whens {
		for _, test := range w.values {
			t := in.eval(test)
			if n.value == nil && truthy(t) || n.value != nil && in.caseEqual(t, v) {
				return in.eval(w.body)
			}
		}
	}
	return in.eval(n.other)
}

// caseEqual is ===.
func (in *interp) caseEqual(test, v any) bool {
	switch t := test.(type) {
	case *Regexp:
		switch v.(type) {
		case string, Symbol:
			return in.search(t, toS(v), 0) != nil
		}
		return false
	case *Range:
		return in.within(t, v)
	case class:
		return isA(v, string(t))
	case *proc:
		return truthy(in.run(t, []any{v}))
	}
	return equal(test, v)
}

func (in *interp) within(r *Range, v any) bool {
	if r.From != nil {
		if c, ok := compare(r.From, v); !ok || c > 0 {
			return false
		}
	}
	if r.To == nil {
		return true
	}
	c, ok := compare(v, r.To)
	return ok && (c < 0 || c == 0 && !r.Exclusive)
}

func (in *interp) begin(n *begin) (v any) {
	if n.ensure != nil {
		defer func() {
			if r := recover(); r != nil {
				if _, over := r.(limit); !over {
					in.eval(n.ensure)
				}
				panic(r)
			}
			in.eval(n.ensure)
		}()
	}
	v, failed := in.attempt(n)
	if failed == nil {
		if n.other != nil {
			return in.eval(n.other)
		}
		return v
	}
	for _, r := range n.rescues {
		if !failed.is(r.classes) {
			continue
		}
		if r.name != "" {
			in.assign(&local{r.name}, &exception{failed.Class, failed.Message})
		}
		return in.eval(r.body)
	}
	panic(failed)
}

// attempt runs the body; failed is the exception that it ended in, if it is to be
// rescued here.
func (in *interp) attempt(n *begin) (v any, failed *Error) {
	if len(n.rescues) == 0 {
		return in.eval(n.body), nil
	}
	depth, scope := in.depth, in.scope
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			in.depth, in.scope = depth, scope
			failed = e
		}
	}()
	return in.eval(n.body), nil
}

// is reports whether an exception is of one of the classes; none is any.
func (e *Error) is(classes []string) bool {
	if len(classes) == 0 {
		return true
	}
	for _, c := range classes {
		switch c {
		case e.Class, "StandardError", "Exception":
			return true
		case "NameError":
			if e.Class == "NoMethodError" {
				return true
			}
		}
	}
	return false
}
