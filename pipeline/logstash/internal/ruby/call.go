package ruby

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// method is one method of a type; b is the block, or nil.
type method func(in *interp, recv any, args []any, b *proc) any

// methods are those of each type.
type methods struct {
	text, list, hash, number, moment, match, regexp, ranges, event, class, object, functions map[string]method
}

func newMethods() *methods {
	list := listMethods()
	return &methods{
		text: textMethods(), list: list, hash: hashMethods(list), number: numberMethods(), moment: timeMethods(), match: matchMethods(),
		regexp: regexpMethods(), ranges: rangeMethods(list), event: eventMethods(), class: classMethods(), object: objectMethods(),
		functions: functions(),
	}
}

func (m *methods) all() []map[string]method {
	return []map[string]method{m.text, m.list, m.hash, m.number, m.moment, m.match, m.regexp, m.ranges, m.event, m.class, m.object}
}

// method reports whether any type has a method; bang methods of texts follow from those
// without.
func (m *methods) method(name string) bool {
	for _, of := range m.all() {
		if of[name] != nil || of[strings.TrimSuffix(name, "!")] != nil && strings.HasSuffix(name, "!") {
			return true
		}
	}
	for key := range m.class {
		if strings.HasSuffix(key, "."+name) {
			return true
		}
	}
	if slices.Contains(strings.Fields(recordAttributes), name) {
		return true
	}
	switch name {
	case "new", "message", "full_message", "backtrace", "call", "name":
		return true
	}
	return false
}

func (o *Object) methods() *methods {
	if o.tables == nil {
		o.tables = newMethods()
	}
	return o.tables
}

func (in *interp) call(n *call) any {
	in.line = n.line
	var recv any
	if n.recv != nil {
		if recv = in.eval(n.recv); recv == nil && n.safe {
			return nil
		}
	}
	args := in.args(n.args)
	b := in.procOf(n.block)
	in.line = n.line
	if f := in.self.functions[n.name]; f != nil && n.recv == nil {
		return in.invoke(f, args)
	}
	if n.recv == nil {
		of := in.self.methods().functions[n.name]
		if of == nil {
			in.raisef("NoMethodError", "the function %s is not defined yet", n.name)
		}
		return in.broken(b, func() any { return of(in, nil, args, b) })
	}
	if text, ok := recv.(string); ok && changesText(n.name) {
		return in.changeText(n, text, args, b)
	}
	return in.broken(b, func() any { return in.method(recv, n.name, args, b) })
}

// broken runs a call whose block may break out of it.
func (in *interp) broken(b *proc, run func() any) (v any) {
	if b == nil {
		return run()
	}
	depth, scope := in.depth, in.scope
	defer func() {
		if r := recover(); r != nil {
			c, ok := r.(control)
			if !ok || c.kind != "break" {
				panic(r)
			}
			in.depth, in.scope = depth, scope
			v = c.value
		}
	}()
	return run()
}

// changesText names the methods that change a text in place.
func changesText(name string) bool {
	switch name {
	case "concat", "prepend", "insert", "replace", "clear", "<<":
		return true
	}
	return strings.HasSuffix(name, "!")
}

// changeText gives the variable or element that held a text the new one.
func (in *interp) changeText(n *call, text string, args []any, b *proc) any {
	name := strings.TrimSuffix(n.name, "!")
	v := in.broken(b, func() any { return in.method(text, name, args, b) })
	if assignableNode(n.recv) {
		in.assign(n.recv, v)
	}
	if v == any(text) && strings.HasSuffix(n.name, "!") {
		return nil
	}
	return v
}

func assignableNode(n node) bool {
	switch n := n.(type) {
	case *local, *ivar:
		return true
	case *call:
		return n.name == "[]"
	}
	return false
}

// procOf makes a block callable.
func (in *interp) procOf(b *block) *proc {
	if b == nil {
		return nil
	}
	if b.value != nil {
		switch v := in.eval(b.value).(type) {
		case *proc:
			return v
		case nil:
			return nil
		default:
			in.raisef("TypeError", "wrong argument type %s (expected Proc)", typeName(v))
		}
	}
	return &proc{b, in.scope}
}

// run calls a block.
func (in *interp) run(p *proc, args []any) (v any) {
	in.spend(1)
	if p.block.symbol != "" {
		if len(args) == 0 {
			in.raise("ArgumentError", "no receiver given")
		}
		return in.method(args[0], p.block.symbol, args[1:], nil)
	}
	outer, depth := in.scope, in.depth
	in.scope = &scope{vars: map[string]any{}, outer: p.scope}
	if in.depth++; in.depth > 10*maxDepth {
		panic(limit{})
	}
	defer func() {
		in.scope, in.depth = outer, depth
		if r := recover(); r != nil {
			c, ok := r.(control)
			if !ok || c.kind != "next" {
				panic(r)
			}
			v = c.value
		}
	}()
	in.bind(p.block.params, args, in.scope)
	return in.eval(p.block.body)
}

// invoke calls a function that code defined.
func (in *interp) invoke(f *function, args []any) (v any) {
	outer, depth := in.scope, in.depth
	in.scope = &scope{vars: map[string]any{}}
	if in.depth += 10; in.depth > 10*maxDepth {
		panic(limit{})
	}
	defer func() {
		in.scope, in.depth = outer, depth
		if r := recover(); r != nil {
			c, ok := r.(control)
			if !ok || c.kind != "return" {
				panic(r)
			}
			v = c.value
		}
	}()
	if len(f.params) == 1 && f.params[0].name != "" && !f.params[0].splat && len(args) == 1 {
		in.scope.vars[f.params[0].name] = args[0]
	} else {
		in.bind(f.params, args, in.scope)
	}
	return in.eval(f.body)
}

// bind gives parameters their values; one list for several parameters is spread.
func (in *interp) bind(params []param, args []any, s *scope) {
	if len(args) == 1 && (len(params) > 1 || len(params) == 1 && params[0].nested != nil) {
		if a, ok := args[0].(*Array); ok && params[0].nested == nil {
			args = a.Items
		}
	}
	at := 0
	for i, p := range params {
		if p.splat {
			end := max(len(args)-(len(params)-i-1), at)
			s.vars[p.name] = &Array{append([]any{}, args[min(at, len(args)):min(end, len(args))]...)}
			at = end
			continue
		}
		var v any
		if at < len(args) {
			v = args[at]
		} else if p.def != nil {
			v = in.eval(p.def)
		}
		at++
		if p.nested != nil {
			in.bind(p.nested, in.items(v), s)
			continue
		}
		s.vars[p.name] = v
	}
}

// method calls a method of a value.
func (in *interp) method(recv any, name string, args []any, b *proc) any {
	in.spend(1)
	t := in.self.methods()
	var of map[string]method
	switch v := recv.(type) {
	case string, Symbol:
		of = t.text
	case *Array:
		of = t.list
	case *Hash:
		of = t.hash
	case int64, float64:
		of = t.number
	case Event:
		of = t.event
	case *Match:
		of = t.match
	case *Regexp:
		of = t.regexp
	case *Range:
		of = t.ranges
	case class:
		return in.classMethod(v, name, args, b)
	case *proc:
		if name == "call" || name == "()" || name == "[]" || name == "yield" {
			return in.run(v, args)
		}
	case Func:
		if name == "call" || name == "()" || name == "yield" {
			return v(args)
		}
	case *Record:
		if x, ok := v.values[name]; ok {
			return x
		}
	case *exception:
		switch name {
		case "message", "full_message":
			return v.message
		case "backtrace":
			return &Array{}
		}
	default:
		if isTime(recv) {
			of = t.moment
		}
	}
	if m := of[name]; m != nil {
		return m(in, recv, args, b)
	}
	if m := t.object[name]; m != nil {
		return m(in, recv, args, b)
	}
	in.undefined(recv, name)
	return nil
}

func (in *interp) undefined(recv any, name string) {
	what := "an instance of " + typeName(recv)
	switch v := recv.(type) {
	case nil:
		what = "nil"
	case bool:
		what = fmt.Sprint(v)
	}
	in.raisef("NoMethodError", "undefined method '%s' for %s", name, what)
}

// Arguments of methods.

func (in *interp) arg(args []any, i int) any {
	if i >= len(args) {
		in.raisef("ArgumentError", "wrong number of arguments (given %d, expected %d)", len(args), i+1)
	}
	return args[i]
}

func (in *interp) textArg(args []any, i int) string {
	switch v := in.arg(args, i).(type) {
	case string:
		return v
	case Symbol:
		return string(v)
	default:
		in.raisef("TypeError", "no implicit conversion of %s into String", typeName(v))
		return ""
	}
}

func (in *interp) intArg(args []any, i int) int {
	switch v := in.arg(args, i).(type) {
	case int64:
		if v > maxItems*20 || v < -maxItems*20 {
			panic(limit{})
		}
		return int(v)
	case float64:
		return int(max(min(v, maxItems), -maxItems))
	default:
		in.raisef("TypeError", "no implicit conversion of %s into Integer", typeName(v))
		return 0
	}
}

// intOr is an argument that may be missing.
func (in *interp) intOr(args []any, i, def int) int {
	if i >= len(args) || args[i] == nil {
		return def
	}
	return in.intArg(args, i)
}

// needBlock refuses calls without one.
func (in *interp) needBlock(b *proc, name string) {
	if b == nil {
		in.raisef("ArgumentError", "%s without a block is not supported", name)
	}
}

func merge(all ...map[string]method) map[string]method {
	out := map[string]method{}
	for _, m := range all {
		maps.Copy(out, m)
	}
	return out
}

// alias gives methods further names: "new old new old".
func alias(m map[string]method, names string) map[string]method {
	words := strings.Fields(names)
	for i := 0; i+1 < len(words); i += 2 {
		if m[words[i+1]] == nil {
			panic("BUG: no method " + words[i+1])
		}
		m[words[i]] = m[words[i+1]]
	}
	return m
}
