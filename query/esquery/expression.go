package esquery

import (
	"math"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"
)

// expression is arithmetic: what bucket_script and the like need of Painless. Truth is
// 1, untruth 0.
type expression interface{ eval(s scope) float64 }

// scope has the numbers that an expression names.
type scope map[string]float64

type (
	constant float64
	name     string
	unary    struct {
		op byte
		x  expression
	}
	binary struct {
		op   string
		x, y expression
	}
	choice struct{ test, yes, no expression }
	call   struct {
		f    func([]float64) float64
		args []expression
	}
)

func (c constant) eval(scope) float64 { return float64(c) }

func (n name) eval(s scope) float64 {
	v, ok := s[string(n)]
	if !ok {
		return math.NaN()
	}
	return v
}

func (u unary) eval(s scope) float64 {
	v := u.x.eval(s)
	if u.op == '!' {
		return truth(v == 0)
	}
	return -v
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func (b binary) eval(s scope) float64 {
	x := b.x.eval(s)
	switch b.op {
	case "&&":
		return truth(x != 0 && b.y.eval(s) != 0)
	case "||":
		return truth(x != 0 || b.y.eval(s) != 0)
	}
	y := b.y.eval(s)
	switch b.op {
	case "+":
		return x + y
	case "-":
		return x - y
	case "*":
		return x * y
	case "/":
		return x / y
	case "%":
		return math.Mod(x, y)
	case "<":
		return truth(x < y)
	case "<=":
		return truth(x <= y)
	case ">":
		return truth(x > y)
	case ">=":
		return truth(x >= y)
	case "==":
		return truth(x == y)
	}
	return truth(x != y)
}

func (c choice) eval(s scope) float64 {
	if c.test.eval(s) != 0 {
		return c.yes.eval(s)
	}
	return c.no.eval(s)
}

func (c call) eval(s scope) float64 {
	args := make([]float64, len(c.args))
	for i, a := range c.args {
		args[i] = a.eval(s)
	}
	return c.f(args)
}

// mathFunctions are those of Math, with the number of their arguments.
var mathFunctions = map[string]struct {
	n int
	f func(a []float64) float64
}{
	"abs":   {1, func(a []float64) float64 { return math.Abs(a[0]) }},
	"ceil":  {1, func(a []float64) float64 { return math.Ceil(a[0]) }},
	"floor": {1, func(a []float64) float64 { return math.Floor(a[0]) }},
	"round": {1, func(a []float64) float64 { return math.Floor(a[0] + 0.5) }},
	"sqrt":  {1, func(a []float64) float64 { return math.Sqrt(a[0]) }},
	"cbrt":  {1, func(a []float64) float64 { return math.Cbrt(a[0]) }},
	"exp":   {1, func(a []float64) float64 { return math.Exp(a[0]) }},
	"log":   {1, func(a []float64) float64 { return math.Log(a[0]) }},
	"log10": {1, func(a []float64) float64 { return math.Log10(a[0]) }},
	"signum": {1, func(a []float64) float64 {
		if a[0] == 0 {
			return 0
		}
		return math.Copysign(1, a[0])
	}},
	"pow": {2, func(a []float64) float64 { return math.Pow(a[0], a[1]) }},
	"min": {2, func(a []float64) float64 { return math.Min(a[0], a[1]) }},
	"max": {2, func(a []float64) float64 { return math.Max(a[0], a[1]) }},
}

// scriptOf returns the text of a script and its parameters.
func scriptOf(v *fastjson.Value) (string, scope, error) {
	if v.Type() != fastjson.TypeObject {
		s, err := textOf(v, "script")
		return s, nil, err
	}
	text, params := "", scope{}
	err := members(v, "script", func(key string, m *fastjson.Value) error {
		var err error
		switch key {
		case "source", "inline":
			text, err = textOf(m, key)
		case "params":
			err = members(m, key, func(k string, mv *fastjson.Value) error {
				f, err := floatOf(mv, k)
				params[k] = f
				return err
			})
		case "lang":
			var lang string
			if lang, err = textOf(m, key); err == nil && lang != "painless" && lang != "expression" {
				err = unsupportedf("the script language [%s]", clip(lang))
			}
		case "id":
			err = unsupportedf("a stored script")
		default:
			err = parsingf("[script] unknown field [%s]", clip(key))
		}
		return err
	})
	if err == nil && text == "" {
		err = illegalf("must specify either [source] for an inline script or [id] for a stored script")
	}
	return text, params, err
}

// parseScript reads an expression; fields gets the fields of documents that it names.
func parseScript(v *fastjson.Value, fields *[]string) (expression, error) {
	text, params, err := scriptOf(v)
	if err != nil {
		return nil, err
	}
	return parseExpression(text, params, fields)
}

// maxScript bounds the length of an expression, maxNesting its depth.
const (
	maxScript  = 4096
	maxNesting = 100
)

// parseExpression reads arithmetic, comparisons, &&, ||, !, ?:, Math's functions,
// _value, doc['field'].value, and names with or without "params.".
func parseExpression(text string, params scope, fields *[]string) (expression, error) {
	p := &expressionParser{s: text, params: params, fields: fields}
	fail := func(why string) error {
		return &Error{Status: 400, Type: "script_exception", Reason: "compile error: " + why + " in [" + clip(text) +
			"]; Pharos knows arithmetic, comparisons, ?: and Math's functions over params, _value and doc['field'].value"}
	}
	if len(text) > maxScript {
		return nil, fail("the script is too long")
	}
	p.space()
	if rest, ok := strings.CutPrefix(p.s[p.i:], "return "); ok {
		p.i = len(p.s) - len(rest)
	}
	x := p.choice(0)
	p.space()
	if p.i < len(p.s) && p.s[p.i] == ';' {
		p.i++
		p.space()
	}
	if p.bad == "" && p.i < len(p.s) {
		p.bad = "unexpected " + strconv.Quote(clip(p.s[p.i:]))
	}
	if p.bad != "" {
		return nil, fail(p.bad)
	}
	return x, nil
}

type expressionParser struct {
	s      string
	i      int
	params scope
	// fields are those of doc that were named; nil: none may be.
	fields *[]string
	bad    string
}

func (p *expressionParser) space() {
	for p.i < len(p.s) && isBlank(p.s[p.i]) {
		p.i++
	}
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func (p *expressionParser) fail(why string) expression {
	if p.bad == "" {
		p.bad = why
	}
	return constant(0)
}

func (p *expressionParser) take(text string) bool {
	p.space()
	if !strings.HasPrefix(p.s[p.i:], text) {
		return false
	}
	p.i += len(text)
	return true
}

func (p *expressionParser) choice(depth int) expression {
	if depth > maxNesting {
		return p.fail("too deeply nested")
	}
	x := p.operators(0, depth)
	if p.bad != "" || !p.take("?") {
		return x
	}
	yes := p.choice(depth + 1)
	if !p.take(":") {
		return p.fail("? without :")
	}
	return choice{x, yes, p.choice(depth + 1)}
}

// levels are the operators, from the weakest to the strongest.
var levels = [][]string{{"||"}, {"&&"}, {"==", "!="}, {"<=", ">=", "<", ">"}, {"+", "-"}, {"*", "/", "%"}}

func (p *expressionParser) operators(level, depth int) expression {
	if level == len(levels) {
		return p.unary(depth)
	}
	x := p.operators(level+1, depth)
next:
	for p.bad == "" {
		for _, op := range levels[level] {
			if p.take(op) {
				x = binary{op, x, p.operators(level+1, depth)}
				continue next
			}
		}
		break
	}
	return x
}

func (p *expressionParser) unary(depth int) expression {
	if depth > maxNesting {
		return p.fail("too deeply nested")
	}
	switch {
	case p.take("-"):
		return unary{'-', p.unary(depth + 1)}
	case p.take("+"):
		return p.unary(depth + 1)
	case p.take("!"):
		return unary{'!', p.unary(depth + 1)}
	case p.take("("):
		x := p.choice(depth + 1)
		if !p.take(")") {
			return p.fail("a parenthesis is not closed")
		}
		return x
	}
	p.space()
	start := p.i
	for p.i < len(p.s) && isNameByte(p.s[p.i]) {
		p.i++
	}
	word := p.s[start:p.i]
	if word == "" {
		return p.fail("a value is missing")
	}
	if word[0] >= '0' && word[0] <= '9' || word[0] == '.' {
		return p.number(start)
	}
	return p.named(word, depth)
}

// docValue reads ['field'].value behind "doc".
func (p *expressionParser) docValue() expression {
	if !p.take("[") {
		return p.fail("doc without a field")
	}
	p.space()
	if p.i >= len(p.s) || p.s[p.i] != '\'' && p.s[p.i] != '"' {
		return p.fail("doc without a field")
	}
	field, rest, ok := strings.Cut(p.s[p.i+1:], p.s[p.i:p.i+1])
	if !ok {
		return p.fail("a quote is not closed")
	}
	p.i = len(p.s) - len(rest)
	if !p.take("]") || !p.take(".value") {
		return p.fail("of doc['" + clip(field) + "'] Pharos knows .value alone")
	}
	if p.fields != nil {
		*p.fields = append(*p.fields, field)
	}
	return name(docPrefix + newPath(field).name)
}

// docPrefix is before the names of fields in a scope.
const docPrefix = "doc:"

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.'
}

func (p *expressionParser) number(start int) expression {
	if last := p.s[p.i-1]; (last == 'e' || last == 'E') && p.i < len(p.s) && (p.s[p.i] == '-' || p.s[p.i] == '+') {
		p.i++
		for p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9' {
			p.i++
		}
	}
	f, err := strconv.ParseFloat(strings.TrimRight(p.s[start:p.i], "LlFfDd"), 64)
	if err != nil {
		return p.fail("no number: " + strconv.Quote(clip(p.s[start:p.i])))
	}
	return constant(f)
}

func (p *expressionParser) named(word string, depth int) expression {
	if function, ok := strings.CutPrefix(word, "Math."); ok {
		f, ok := mathFunctions[function]
		if !ok || !p.take("(") {
			return p.fail("unknown " + strconv.Quote(clip(word)))
		}
		c := call{f: f.f}
		for len(c.args) == 0 || p.take(",") {
			c.args = append(c.args, p.choice(depth+1))
		}
		if !p.take(")") || len(c.args) != f.n {
			return p.fail("wrong arguments of " + word)
		}
		return c
	}
	if word == "doc" {
		return p.docValue()
	}
	switch word {
	case "true":
		return constant(1)
	case "false":
		return constant(0)
	case "_value":
		return name("_value")
	}
	word, _ = strings.CutPrefix(word, "params.")
	if f, ok := p.params[word]; ok {
		return constant(f)
	}
	if strings.Contains(word, ".") || p.take("(") || p.take("[") {
		return p.fail("unknown " + strconv.Quote(clip(word)))
	}
	return name(word)
}
