package logql

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
)

// Parse returns the query that the text is. Its error is a *ParseError. As in Loki, line filters and templates are not looked into:
// errors in these come from Check and from the evaluation.
func Parse(text string) (Expr, error) {
	e, err := parseText(text)
	if err != nil {
		return nil, err
	}
	if err := validate(e); err != nil {
		return nil, err
	}
	return e, nil
}

// ParseSelector returns the matchers of a bare stream selector. An empty
// selector, or one that matches every stream, is an error unless all is set.
func ParseSelector(text string, all bool) ([]*labels.Matcher, error) {
	parser := Parse
	if all {
		parser = parseText
	}
	e, err := parser(text)
	if err != nil {
		return nil, err
	}
	l, ok := e.(*LogExpr)
	if !ok || len(l.Stages) > 0 {
		return nil, ErrOnlyMatchers
	}
	return l.Matchers, nil
}

// maxDepth bounds the nesting of parentheses and function calls.
const maxDepth = 200

// parser is a recursive descent parser with one lexeme of look-ahead. Functions
// give up by panicking with a *ParseError, which parseText recovers: that keeps the
// grammar readable.
type parser struct {
	lex   *lexer
	tok   lexeme
	depth int
}

// giveUp is what the parser panics with.
type giveUp struct{ err error }

func parseText(text string) (e Expr, err error) {
	if len(text) >= maxQueryLength {
		return nil, parseErrorf("input size too long (%d > %d)", len(text), maxQueryLength)
	}
	p := &parser{lex: newLexer(text)}
	defer func() {
		r := recover()
		if g, ok := r.(giveUp); ok {
			e, err = nil, g.err
		} else if r != nil {
			panic(r)
		}
		if p.lex.err != nil { // it came first
			e, err = nil, p.lex.err
		}
	}()
	p.advance()
	if p.tok.is("variants") {
		e = p.variants()
	} else {
		e = p.binary(0)
	}
	if p.tok.kind != tokEOF {
		p.unexpected()
	}
	return e, nil
}

func (p *parser) advance() { p.tok = p.lex.next() }

// unexpected gives up at the current token; expected are the names of what could
// stand there, if they are few.
func (p *parser) unexpected(expected ...string) {
	msg := "syntax error: unexpected " + p.tok.name()
	if len(expected) > 0 {
		msg += ", expecting " + strings.Join(expected, " or ")
	}
	line, col := p.tok.line, p.tok.col
	if len(strings.TrimSpace(p.lex.in)) == 0 {
		line, col = 0, 0
	}
	panic(giveUp{&ParseError{Line: line, Col: col, Msg: msg}})
}

func (p *parser) fail(err error) { panic(giveUp{err}) }

// accept consumes the symbol if it comes next.
func (p *parser) accept(text string) bool {
	if p.tok.is(text) {
		p.advance()
		return true
	}
	return false
}

func (p *parser) expect(text string) {
	if !p.accept(text) {
		p.unexpected(text)
	}
}

func (p *parser) ident(expected ...string) string {
	if p.tok.kind != tokIdent {
		p.unexpected(append([]string{"IDENTIFIER"}, expected...)...)
	}
	s := p.tok.text
	p.advance()
	return s
}

func (p *parser) str() string {
	if p.tok.kind != tokString {
		p.unexpected("STRING")
	}
	s := p.tok.text
	p.advance()
	return s
}

// enter counts the nesting; the caller defers leave.
func (p *parser) enter() {
	if p.depth++; p.depth > maxDepth {
		p.fail(parseErrorf("expression nested deeper than %d", maxDepth))
	}
}

func (p *parser) leave() { p.depth-- }

// validate checks what the grammar does not say: every selector must be able to
// exclude streams.
func validate(e Expr) error {
	var err error
	walk(e, func(x Expr) {
		l, ok := x.(*LogExpr)
		if ok && err == nil && !slices.ContainsFunc(l.Matchers, func(m *labels.Matcher) bool { return !m.Matches("") }) {
			err = parseErrorf("queries require at least one regexp or equality matcher that does not have an empty-compatible value. For instance, app=~\".*\" does not meet this requirement, but app=~\".+\" will")
		}
	})
	return err
}

// Check compiles every stage of a query, for those who keep queries and want to
// know now whether they can be evaluated.
func Check(e Expr) error {
	var err error
	walk(e, func(x Expr) {
		if err != nil {
			return
		}
		switch x := x.(type) {
		case *LogExpr:
			_, err = compileStages(x.Stages)
		case *RangeAggregation:
			err = x.Range.Unwrap.check()
		}
	})
	return err
}

// check validates the filters behind an unwrap, if there is one.
func (u *Unwrap) check() error {
	if u == nil {
		return nil
	}
	for _, f := range u.Filters {
		if err := f.validate(); err != nil {
			return stageError("| "+f.String(), err)
		}
	}
	return nil
}

func stageError(stage string, err error) error {
	return parseErrorf("stage '%s' : %s", stage, err)
}

// walk calls f for e and everything in it, outside in.
func walk(e Expr, f func(Expr)) {
	f(e)
	switch e := e.(type) {
	case *RangeAggregation:
		walk(e.Range.Log, f)
	case *VectorAggregation:
		walk(e.Expr, f)
	case *LabelReplace:
		walk(e.Expr, f)
	case *BinaryOp:
		walk(e.Left, f)
		walk(e.Right, f)
	case *Variants:
		for _, v := range e.Variants {
			walk(v, f)
		}
		walk(e.Of.Log, f)
	}
}
