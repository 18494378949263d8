package lucene

import (
	"strconv"
	"strings"
)

// Options are what the request says about the language.
type Options struct {
	// And makes words without an operator between them required.
	And bool
	// NoLeadingWildcard refuses *x and ?x.
	NoLeadingWildcard bool
}

// Parse reads a query. The error is a *SyntaxError.
func Parse(s string, opts Options) (Node, error) {
	if len(s) > maxQuery {
		return nil, &SyntaxError{s, maxQuery, "the query is too long"}
	}
	p := &parser{opts: opts, lexer: lexer{s: s}}
	var err error
	if p.tokens, err = p.lexer.all(); err != nil {
		return nil, err
	}
	if p.peek().kind == end {
		return Bool{}, nil
	}
	n, err := p.query("", 0)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != end {
		return nil, p.fail(t, "Encountered \" \")\" \") \"\"")
	}
	return n, nil
}

type parser struct {
	lexer   lexer
	opts    Options
	tokens  []token
	i       int
	clauses int
}

func (p *parser) peek() token { return p.tokens[p.i] }

func (p *parser) at(offset int) token {
	return p.tokens[min(p.i+offset, len(p.tokens)-1)]
}

func (p *parser) take() token {
	t := p.tokens[p.i]
	if t.kind != end {
		p.i++
	}
	return t
}

func (p *parser) fail(t token, reason string) error { return p.lexer.fail(t.at, reason) }

// query reads clauses up to a closing parenthesis or the end. The rules by which
// AND and OR make clauses required are those of Lucene's addClause.
func (p *parser) query(field string, depth int) (Node, error) {
	if depth > maxDepth {
		return nil, p.fail(p.peek(), "the query is nested too deeply")
	}
	var b Bool
	for first := true; ; first = false {
		t := p.peek()
		if !first && (t.kind == end || t.kind == closing) {
			break
		}
		if p.clauses++; p.clauses > maxClauses {
			return nil, p.fail(t, "too many clauses: maxClauseCount is set to "+strconv.Itoa(maxClauses))
		}
		if text, ok := p.words(); ok {
			b.add(false, false, false, false, p.opts.And, Text{field, text})
			continue
		}
		isAnd, isOr := t.kind == and, t.kind == or
		if (isAnd || isOr) && !first {
			p.take()
		}
		required, prohibited := false, false
		switch p.peek().kind {
		case plus:
			required = true
			p.take()
		case minus, not:
			prohibited = true
			p.take()
		}
		n, err := p.clause(field, depth)
		if err != nil {
			return nil, err
		}
		b.add(isAnd && !first, isOr && !first, required, prohibited, p.opts.And, n)
	}
	if len(b.Clauses) == 1 && b.Clauses[0].Occur != MustNot {
		return b.Clauses[0].Query, nil
	}
	return b, nil
}

func (b *Bool) add(isAnd, isOr, required, prohibited, defaultAnd bool, n Node) {
	if len(b.Clauses) > 0 {
		last := &b.Clauses[len(b.Clauses)-1]
		if isAnd && last.Occur != MustNot {
			last.Occur = Must
		}
		if defaultAnd && isOr && last.Occur == Must {
			last.Occur = Should
		}
	}
	c := Clause{Query: n}
	switch {
	case prohibited:
		c.Occur = MustNot
	case required || isAnd || defaultAnd && !isOr:
		c.Occur = Must
	}
	b.Clauses = append(b.Clauses, c)
}

// words reads at least two plain words that stand together: they are one text.
func (p *parser) words() (string, bool) {
	var texts []string
	for {
		next := p.at(len(texts) + 1).kind
		if p.at(len(texts)).kind != word || next == colon || next == fuzzy || next == carat || next == and || next == or {
			break
		}
		texts = append(texts, p.at(len(texts)).text)
	}
	if len(texts) < 2 {
		return "", false
	}
	p.i += len(texts)
	return strings.Join(texts, " "), true
}

func (p *parser) clause(field string, depth int) (Node, error) {
	t := p.peek()
	if (t.kind == word || t.kind == pattern) && p.at(1).kind == colon {
		field = t.text
		p.take()
		p.take()
		if t.kind == word && t.text == "_exists_" {
			return p.exists()
		}
		t = p.peek()
	}
	var n Node
	var err error
	switch t.kind {
	case open:
		p.take()
		if n, err = p.query(field, depth+1); err != nil {
			return nil, err
		}
		if c := p.take(); c.kind != closing {
			return nil, p.fail(c, "a parenthesis is not closed")
		}
	default:
		if n, err = p.term(field); err != nil {
			return nil, err
		}
	}
	return n, p.boost()
}

func (p *parser) exists() (Node, error) {
	t := p.take()
	if t.kind != word && t.kind != quote && t.kind != pattern {
		return nil, p.fail(t, "_exists_ wants the name of a field")
	}
	return Exists{t.text}, p.boost()
}

// boost reads ^2: it changes no match.
func (p *parser) boost() error {
	if p.peek().kind != carat {
		return nil
	}
	p.take()
	t := p.take()
	if v, err := strconv.ParseFloat(t.text, 32); err != nil || v < 0 {
		return p.fail(t, "a boost wants a number")
	}
	return nil
}

func (p *parser) term(field string) (Node, error) {
	t := p.take()
	switch t.kind {
	case word:
		if p.peek().kind == fuzzy {
			return p.fuzzy(field, t)
		}
		return Text{field, t.text}, nil
	case pattern:
		return p.pattern(field, t)
	case quote:
		slop := 0
		if p.peek().kind == fuzzy {
			slop, _ = strconv.Atoi(strings.SplitN(p.take().text, ".", 2)[0])
		}
		return Phrase{field, t.text, slop}, nil
	case regex:
		return Regexp{field, t.text}, nil
	case rangeTok:
		t.rng.Field = field
		return t.rng, nil
	case compare:
		return p.compare(field, t)
	case end:
		return nil, p.fail(t, "Encountered \"<EOF>\"")
	}
	return nil, p.fail(t, "Encountered an operator where a term is wanted")
}

func (p *parser) compare(field string, op token) (Node, error) {
	v := p.take()
	if v.kind == minus && p.peek().kind == word {
		v = p.take()
		v.text = "-" + v.text
	}
	if v.kind != word && v.kind != quote {
		return nil, p.fail(v, "a comparison wants a value")
	}
	r := Range{Field: field, Low: "*", High: "*"}
	switch op.text {
	case ">=", ">":
		r.Low, r.OpenLow = v.text, op.text == ">"
	default:
		r.High, r.OpenHigh = v.text, op.text == "<"
	}
	return r, nil
}

func (p *parser) fuzzy(field string, t token) (Node, error) {
	f := Fuzzy{Field: field, Text: t.text, Edits: -1}
	if text := p.take().text; text != "" {
		n, err := strconv.ParseFloat(text, 32)
		if err != nil || n >= 1 && n > 2 {
			return nil, p.fail(t, "a fuzzy word has at most 2 edits")
		}
		if n >= 1 {
			f.Edits = int(n)
		}
		if n == 0 {
			f.Edits = 0
		}
	}
	return f, nil
}

func (p *parser) pattern(field string, t token) (Node, error) {
	if t.text == "*" {
		if field == "" || field == "*" {
			return All{}, nil
		}
		return Exists{field}, nil
	}
	if p.opts.NoLeadingWildcard && (t.text[0] == '*' || t.text[0] == '?') {
		return nil, p.fail(t, "'*' or '?' not allowed as first character in WildcardQuery")
	}
	return Wildcard{field, t.text}, nil
}
