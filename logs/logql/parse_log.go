package logql

import (
	"time"

	"github.com/prometheus/prometheus/model/labels"
)

func (p *parser) logExpr() *LogExpr {
	e := &LogExpr{Matchers: p.selector()}
	e.Stages = p.stages(nil)
	return e
}

// selector reads {a="b", ...}.
func (p *parser) selector() []*labels.Matcher {
	p.expect("{")
	if p.accept("}") {
		return nil
	}
	ms := []*labels.Matcher{p.matcher(p.ident("}"))}
	for !p.accept("}") {
		if !p.accept(",") {
			p.unexpected("}", ",")
		}
		ms = append(ms, p.matcher(p.ident()))
	}
	return ms
}

var matchTypes = map[string]labels.MatchType{
	"=": labels.MatchEqual, "!=": labels.MatchNotEqual, "=~": labels.MatchRegexp, "!~": labels.MatchNotRegexp,
}

// matcher reads what follows the name of a label.
func (p *parser) matcher(name string) *labels.Matcher {
	t, ok := matchTypes[p.tok.text]
	if !ok || p.tok.kind != tokSymbol {
		p.unexpected("=", "=~", "!~", "!=")
	}
	p.advance()
	return p.newMatcher(t, name, p.str())
}

func (p *parser) newMatcher(t labels.MatchType, name, value string) *labels.Matcher {
	m, err := labels.NewMatcher(t, name, value)
	if err != nil {
		p.fail(parseErrorf("%s", err))
	}
	return m
}

// stages reads a pipeline. unwrap, if there is one, reads the last stage of a
// range and says that it was; elsewhere unwrap is a syntax error.
func (p *parser) stages(unwrap func() bool) []StageExpr {
	var out []StageExpr
	for {
		switch {
		case lineFilterOps[p.tok.text] && p.tok.kind == tokSymbol:
			out = append(out, p.lineFilter()...)
		case p.accept("|"):
			if unwrap != nil && p.accept("unwrap") {
				unwrap()
				return out
			}
			out = append(out, p.stage())
		default:
			return out
		}
	}
}

var lineFilterOps = set("|=", "!=", "|~", "!~", "|>", "!>")

// lineFilter reads one operator with its texts. Negated ones with several texts
// become several filters: not (a or b) is not a and not b.
func (p *parser) lineFilter() []StageExpr {
	op := p.tok.text
	p.advance()
	terms := []LineTerm{p.lineTerm()}
	for p.accept("or") {
		terms = append(terms, p.lineTerm())
	}
	if op[0] == '|' {
		return []StageExpr{&LineFilter{Op: op, Terms: terms}}
	}
	var out []StageExpr
	for _, t := range terms {
		out = append(out, &LineFilter{Op: op, Terms: []LineTerm{t}})
	}
	return out
}

func (p *parser) lineTerm() LineTerm {
	if p.accept("ip") {
		p.expect("(")
		t := LineTerm{IP: true, Text: p.str()}
		p.expect(")")
		return t
	}
	if p.tok.kind != tokString {
		p.unexpected("STRING", "ip")
	}
	return LineTerm{Text: p.str()}
}

// stage reads what follows a pipe.
func (p *parser) stage() StageExpr {
	t := p.tok
	switch {
	case t.kind == tokIdent || t.is("("):
		return &LabelFilterStage{Filter: p.labelFilters(0)}
	case t.kind != tokSymbol:
		p.unexpected()
	}
	switch t.text {
	case "json":
		p.advance()
		return &JSONStage{Labels: p.extractions()}
	case "logfmt":
		p.advance()
		return p.logfmt()
	case "regexp":
		p.advance()
		s := &RegexpStage{Pattern: p.str()}
		p.checkParser("regexp", s)
		return s
	case "pattern":
		p.advance()
		s := &PatternStage{Pattern: p.str()}
		p.checkParser("pattern", s)
		return s
	case "unpack":
		p.advance()
		return &UnpackStage{}
	case "decolorize":
		p.advance()
		return &DecolorizeStage{}
	case "line_format":
		p.advance()
		return &LineFormatStage{Template: p.str()}
	case "label_format":
		p.advance()
		return p.labelFormat()
	case "drop":
		p.advance()
		return &DropStage{Labels: p.namedMatchers()}
	case "keep":
		p.advance()
		return &KeepStage{Labels: p.namedMatchers()}
	}
	p.unexpected()
	return nil
}

func (p *parser) checkParser(name string, s StageExpr) {
	if _, err := s.compile(); err != nil {
		p.fail(parseErrorf("invalid %s parser: %s", name, err))
	}
}

func (p *parser) logfmt() StageExpr {
	s := &LogfmtStage{}
	for p.tok.kind == tokFlag {
		switch p.tok.text {
		case flagStrict:
			s.Strict = true
		case flagKeepEmpty:
			s.KeepEmpty = true
		}
		p.advance()
	}
	if p.tok.is("-") { // an unknown flag
		p.advance()
		p.advance()
		p.unexpected("NUMBER")
	}
	s.Labels = p.extractions()
	return s
}

// extractions reads a="b", c if it comes next.
func (p *parser) extractions() []Extraction {
	if p.tok.kind != tokIdent {
		return nil
	}
	var out []Extraction
	for {
		name := p.ident()
		x := Extraction{Label: name, Expr: name}
		if p.accept("=") {
			x.Expr = p.str()
		}
		out = append(out, x)
		if !p.accept(",") {
			return out
		}
	}
}

func (p *parser) labelFormat() StageExpr {
	s := &LabelFormatStage{}
	for {
		f := LabelFormat{Label: p.ident()}
		p.expect("=")
		switch p.tok.kind {
		case tokIdent:
			f.From = p.ident()
		case tokString:
			f.Template = p.str()
		default:
			p.unexpected("IDENTIFIER", "STRING")
		}
		s.Formats = append(s.Formats, f)
		if !p.accept(",") {
			return s
		}
	}
}

func (p *parser) namedMatchers() []NamedMatcher {
	var out []NamedMatcher
	for {
		m := NamedMatcher{Name: p.ident()}
		if _, ok := matchTypes[p.tok.text]; ok && p.tok.kind == tokSymbol {
			m.Matcher = p.matcher(m.Name)
		}
		out = append(out, m)
		if !p.accept(",") {
			return out
		}
	}
}

// labelFilters reads label filters with and, or, comma, juxtaposition and
// parentheses. "or" binds looser than "and"; comma and juxtaposition have no
// precedence in Loki's grammar: all that follows belongs to their right side.
func (p *parser) labelFilters(above int) labelFilter {
	p.enter()
	defer p.leave()
	left := p.labelFilter()
	for {
		switch t := p.tok; {
		case t.is("and") && above < 2:
			p.advance()
			left = &binaryFilter{left: left, right: p.labelFilters(2), and: true}
		case t.is("or") && above < 1:
			p.advance()
			left = &binaryFilter{left: left, right: p.labelFilters(1)}
		case t.is(","):
			p.advance()
			left = &binaryFilter{left: left, right: p.labelFilters(0), and: true}
		case t.kind == tokIdent || t.is("("):
			left = &binaryFilter{left: left, right: p.labelFilters(0), and: true}
		default:
			return left
		}
	}
}

var compareOps = map[string]string{"=": "==", "==": "==", "!=": "!=", ">": ">", ">=": ">=", "<": "<", "<=": "<="}

func (p *parser) labelFilter() labelFilter {
	if p.accept("(") {
		f := p.labelFilters(0)
		if !p.accept(")") {
			p.unexpected()
		}
		return f
	}
	name := p.ident()
	op := p.tok.text
	if p.tok.kind != tokSymbol || compareOps[op] == "" && matchTypes[op] == labels.MatchEqual {
		p.unexpected()
	}
	p.advance()
	if op == "=~" || op == "!~" {
		return newStringFilter(p.newMatcher(matchTypes[op], name, p.str()))
	}
	equality := op == "=" || op == "!="
	switch t := p.tok; {
	case t.kind == tokString && equality:
		p.advance()
		return newStringFilter(p.newMatcher(matchTypes[op], name, t.text))
	case t.is("ip") && equality:
		p.advance()
		p.expect("(")
		f := newIPFilter(name, op == "!=", p.str())
		p.expect(")")
		return f
	case t.kind == tokDuration:
		p.advance()
		return &durationFilter{name: name, op: compareOps[op], value: time.Duration(t.duration)}
	case t.kind == tokBytes:
		p.advance()
		return &bytesFilter{name: name, op: compareOps[op], value: t.bytes}
	case t.kind == tokNumber, t.is("+"), t.is("-"):
		return &numberFilter{name: name, op: compareOps[op], value: p.literal()}
	}
	p.unexpected()
	return nil
}
