package traceql

import (
	"math"
	"regexp"
	"strings"
)

// How strong operators bind. && and || bind alike, from left to right, as in Tempo.
const (
	bindLogic   = 1
	bindCompare = 2
	bindSum     = 3
	bindNot     = 4
	bindProduct = 5
	bindPower   = 6
)

var fieldOperators = map[string]int{
	"&&": bindLogic, "||": bindLogic,
	"=": bindCompare, "!=": bindCompare, ">": bindCompare, ">=": bindCompare, "<": bindCompare, "<=": bindCompare, "=~": bindCompare, "!~": bindCompare,
	"+": bindSum, "-": bindSum,
	"*": bindProduct, "/": bindProduct, "%": bindProduct,
	"^": bindPower,
}

// expression reads a field expression of operators that bind stronger than above.
func (p *parser) expression(above int) (expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	l, err := p.operand()
	if err != nil {
		return nil, err
	}
	for {
		t := p.peek()
		strength := fieldOperators[t.text]
		if t.kind != tokOperator || strength <= above {
			return l, nil
		}
		p.take()
		right := strength
		if t.text == "^" { // from right to left
			right--
		}
		r, err := p.expression(right)
		if err != nil {
			return nil, err
		}
		if l, err = p.join(t, l, r); err != nil {
			return nil, err
		}
	}
}

// expressions reads a list.
func (p *parser) expressions() ([]expr, error) {
	var out []expr
	for {
		e, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
		if !p.accept(",") {
			return out, nil
		}
	}
}

func (p *parser) operand() (expr, error) {
	t := p.peek()
	switch {
	case p.accept("("):
		e, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		return e, p.expect(")")
	case p.accept("-"):
		x, err := p.expression(bindSum)
		if err != nil {
			return nil, err
		}
		return p.negative(t, x)
	case p.accept("!"):
		x, err := p.expression(bindNot)
		if err != nil {
			return nil, err
		}
		if typ := x.typ(); typ != Bool && typ != Any {
			return nil, p.fail(t.at, "", "! needs a condition, %s is of type %s", x, typ)
		}
		return &unary{"!", x}, nil
	}
	if v, ok := p.literalToken(t); ok {
		p.take()
		return &literal{v}, nil
	}
	if t.kind != tokField && t.kind != tokWord {
		return nil, p.unexpected("expected a field, such as .http.method or duration, or a value")
	}
	f, err := p.field()
	if err != nil {
		return nil, err
	}
	return &reference{f}, nil
}

func (p *parser) negative(t token, x expr) (expr, error) {
	if l, ok := x.(*literal); ok && l.value.Type.numeric() {
		v := l.value
		v.Int, v.Float = -v.Int, -v.Float
		return &literal{v}, nil
	}
	if typ := x.typ(); typ != Any && !typ.numeric() {
		return nil, p.fail(t.at, "", "- needs a number, %s is of type %s", x, typ)
	}
	return &unary{"-", x}, nil
}

// words are values that are written as words.
var words = func() map[string]Value {
	out := map[string]Value{"true": boolValue(true), "false": boolValue(false), "nil": {}, "minInt": intValue(math.MinInt64), "maxInt": intValue(math.MaxInt64)}
	for code, name := range statusNames {
		out[name] = Value{Type: Status, Int: int64(code)}
	}
	for code, name := range kindNames {
		out[name] = Value{Type: Kind, Int: int64(code)}
	}
	return out
}()

func (p *parser) literalToken(t token) (Value, bool) {
	switch t.kind {
	case tokString, tokInt, tokFloat, tokDuration:
		return t.value, true
	case tokWord:
		v, ok := words[t.text]
		return v, ok
	}
	return Value{}, false
}

// literal reads a value, which may have a sign.
func (p *parser) literal() (Value, error) {
	negative := p.accept("-")
	v, ok := p.literalToken(p.peek())
	if !ok || negative && !v.Type.numeric() {
		return Value{}, p.unexpected("expected a value")
	}
	p.take()
	if negative {
		v.Int, v.Float = -v.Int, -v.Float
	}
	return v, nil
}

// field reads an attribute or an intrinsic.
func (p *parser) field() (Field, error) {
	t := p.peek()
	switch {
	case t.kind == tokWord:
		i, ok := findIntrinsic(t.text)
		if !ok {
			return Field{}, p.fail(t.at, `attributes are written with a dot or a scope, such as .`+t.text+`, span.`+t.text+` or resource.`+t.text+`; texts in quotes`, "unknown identifier %q", t.text)
		}
		p.take()
		return Field{Scope: Intrinsic, Name: i.canonical}, nil
	case t.kind != tokField:
		return Field{}, p.unexpected("expected a field, such as .http.method or duration")
	case t.intrinsic:
		i, ok := findIntrinsic(t.scopes[0] + ":" + t.text)
		if !ok {
			return Field{}, p.fail(t.at, "attributes are written with a dot, such as span."+t.text, "unknown intrinsic %q", t.scopes[0]+":"+t.text)
		}
		p.take()
		return Field{Scope: Intrinsic, Name: i.canonical}, nil
	}
	f := Field{Name: t.text}
	for _, s := range t.scopes {
		switch s {
		case "parent":
			f.Parent = true
		case "span":
			f.Scope = SpanScope
		case "resource":
			f.Scope = ResourceScope
		case "event":
			f.Scope = EventScope
		case "link":
			f.Scope = LinkScope
		case "instrumentation":
			f.Scope = InstrumentationScope
		}
	}
	p.take()
	return f, nil
}

// join makes an expression of two and checks their types.
func (p *parser) join(op token, l, r expr) (expr, error) {
	b := &binary{op: op.text, l: l, r: r}
	lt, rt := l.typ(), r.typ()
	mismatch := func(hint string) error {
		return p.fail(op.at, hint, "%s does not work on %s, which is of type %s, and %s, which is of type %s", op.text, l, lt, r, rt)
	}
	switch fieldOperators[op.text] {
	case bindLogic:
		if lt != Bool && lt != Any || rt != Bool && rt != Any {
			return nil, mismatch("both sides must be conditions")
		}
		return b, nil
	case bindSum, bindProduct, bindPower:
		if lt != Any && !lt.numeric() || rt != Any && !rt.numeric() {
			return nil, mismatch("both sides must be numbers")
		}
		return b, nil
	}
	if op.text == "=~" || op.text == "!~" {
		return p.joinRegexp(op, b, mismatch)
	}
	padID(l, r)
	padID(r, l)
	if !comparable(lt, rt) {
		return nil, mismatch("both sides must be of one type")
	}
	if lt == Nil || rt == Nil {
		if op.text != "=" && op.text != "!=" {
			return nil, mismatch("nil works with = and != only")
		}
	}
	ordered := op.text != "=" && op.text != "!="
	for _, t := range []Type{lt, rt} {
		if ordered && (t == Bool || t == Status || t == Kind) {
			return nil, mismatch("it works with = and != only")
		}
	}
	return b, nil
}

// padID completes an identifier that a query compares with: zeros at the begin may be
// missing, and digits may be in upper case.
func padID(field, value expr) {
	r, ok := field.(*reference)
	l, isLiteral := value.(*literal)
	if !ok || !isLiteral || l.value.Type != String || r.field.Scope != Intrinsic {
		return
	}
	digits := 16
	switch r.field.Name {
	case fieldTraceID, fieldLinkTraceID:
		digits = 32
	case fieldSpanID, fieldParentID, fieldLinkSpanID:
	default:
		return
	}
	if n := digits - len(l.value.Str); n >= 0 {
		l.value.Str = strings.ToLower(strings.Repeat("0", n) + l.value.Str)
	}
}

func comparable(l, r Type) bool {
	return l == r || l == Any || r == Any || l == Nil || r == Nil || l.numeric() && r.numeric()
}

func (p *parser) joinRegexp(op token, b *binary, mismatch func(string) error) (expr, error) {
	lit, ok := b.r.(*literal)
	if !ok || lit.value.Type != String || b.l.typ() != String && b.l.typ() != Any {
		return nil, mismatch("write a field at the left and a text at the right")
	}
	re, err := regexp.Compile(`^(?:` + lit.value.Str + `)$`)
	if err != nil {
		return nil, p.fail(op.at, "expressions are RE2", "bad regular expression: %s", err)
	}
	b.re = re
	return b, nil
}
