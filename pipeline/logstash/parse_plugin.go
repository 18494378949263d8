package logstash

import (
	"strconv"
	"strings"
)

// name reads a plugin's or a setting's name: a word or a string.
func (p *parser) name(what string) (string, bool) {
	if p.at(`"`) || p.at(`'`) {
		return p.quoted()
	}
	name := p.peekName()
	if name == "" {
		return "", p.expected(what, "")
	}
	p.i += len(name)
	return name, true
}

func (p *parser) plugin(kind Kind) (*Plugin, bool) {
	plugin := &Plugin{Kind: kind, Pos: p.pos()}
	var ok bool
	if plugin.Name, ok = p.name("a plugin, if or }"); !ok {
		return nil, false
	}
	p.space()
	if !p.take("{") {
		return nil, p.expected("{ after "+plugin.Name, "")
	}
	return plugin, p.attributes(plugin)
}

// attributes reads settings up to the closing brace.
func (p *parser) attributes(plugin *Plugin) bool {
	if p.depth++; p.depth > maxDepth {
		return p.fail(p.i, "", "blocks are nested deeper than %d levels", maxDepth)
	}
	defer func() { p.depth-- }()
	apart := true
	for {
		apart = p.space() || apart
		if p.take("}") {
			return true
		}
		if p.i >= len(p.src) {
			return p.fail(len(p.src)-1, "", "the block %s from line %d is not closed: expected }", plugin.Name, plugin.Pos.Line)
		}
		if !apart {
			hint := "texts such as 5m or a.b need quotes"
			if p.at(",") {
				hint = "settings stand one after the other, without commas"
			}
			return p.expected("a blank or } after the value", hint)
		}
		a := Attribute{Pos: p.pos()}
		var ok bool
		if a.Name, ok = p.name("a setting or }"); !ok {
			return false
		}
		if !p.arrow(a.Name) {
			return false
		}
		a.ValuePos = p.pos()
		if a.Value, ok = p.value(); !ok {
			return false
		}
		plugin.Settings = append(plugin.Settings, a)
		apart = false
	}
}

func (p *parser) arrow(name string) bool {
	p.space()
	if !p.take("=>") {
		hint := ""
		switch {
		case p.at("=") || p.at(":"):
			hint = "Logstash writes name => value"
		case p.at("{"):
			hint = "is a } before it missing?"
		}
		return p.expected("=> after "+name, hint)
	}
	p.space()
	return true
}

// value reads a plugin, bareword, string, number, list or hash.
func (p *parser) value() (any, bool) {
	if p.i >= len(p.src) {
		return nil, p.expected("a value", "")
	}
	start := p.i
	switch c := p.src[p.i]; {
	case c == '[':
		return p.array()
	case c == '{':
		return p.hash()
	case c == '"' || c == '\'':
		s, ok := p.str()
		if ok && p.blockFollows() {
			p.i = start
			return p.block()
		}
		return s, ok
	case isNameByte(c):
		name := p.peekName()
		p.i += len(name)
		follows := p.blockFollows()
		p.i = start
		if follows {
			return p.block()
		}
		if c == '-' || c >= '0' && c <= '9' {
			return p.number()
		}
		return p.bareword()
	}
	hint := ""
	if p.at("$") {
		hint = `write "${NAME}" in quotes`
	}
	return nil, p.expected("a value", hint)
}

// blockFollows reports whether a brace is next; the position stays.
func (p *parser) blockFollows() bool {
	at := p.i
	p.space()
	follows := p.at("{")
	p.i = at
	return follows
}

func (p *parser) block() (any, bool) {
	plugin, ok := p.plugin(Codec)
	return plugin, ok
}

// bareword has two characters at least and no dash, as in Logstash's grammar.
func (p *parser) bareword() (any, bool) {
	name := p.peekName()
	if i := strings.IndexByte(name, '-'); i >= 0 {
		name = name[:i]
	}
	if len(name) < 2 {
		return nil, p.expected("a value", "a text of one letter needs quotes")
	}
	p.i += len(name)
	return name, true
}

// number reads an integer, or with a point a float64. An integer that is too large for
// 64 bits becomes a float64.
func (p *parser) number() (any, bool) {
	j := p.i
	if p.src[j] == '-' {
		j++
	}
	digits := func() int {
		n := j
		for j < len(p.src) && p.src[j] >= '0' && p.src[j] <= '9' {
			j++
		}
		return j - n
	}
	if digits() == 0 {
		return nil, p.expected("a value", "")
	}
	float := false
	if j < len(p.src) && p.src[j] == '.' {
		float = true
		j++
		digits()
	}
	s := p.src[p.i:j]
	p.i = j
	if !float {
		if i, err := strconv.ParseInt(s, 10, 64); err == nil {
			return i, true
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil, p.fail(p.i-len(s), "", "%s is no number", s)
	}
	return f, true
}

func (p *parser) array() (any, bool) {
	start := p.i
	p.i++
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail(start, "", "values are nested deeper than %d levels", maxDepth)
	}
	defer func() { p.depth-- }()
	list := []any{}
	p.space()
	if p.take("]") {
		return list, true
	}
	for {
		v, ok := p.value()
		if !ok {
			return nil, false
		}
		list = append(list, v)
		p.space()
		if p.take("]") {
			return list, true
		}
		if !p.take(",") {
			return nil, p.expected(", or ] in the list from line "+strconv.Itoa(p.text.pos(start).Line), "")
		}
		p.space()
		if p.at("]") {
			return nil, p.expected("a value after the comma", "Logstash knows no comma at the end")
		}
	}
}

func (p *parser) hash() (any, bool) {
	start := p.i
	p.i++
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail(start, "", "values are nested deeper than %d levels", maxDepth)
	}
	defer func() { p.depth-- }()
	pairs := []Pair{}
	seen := map[string]bool{}
	for {
		p.space()
		if p.take("}") {
			return pairs, true
		}
		entry := Pair{Pos: p.pos()}
		var ok bool
		if entry.Key, ok = p.hashKey(); !ok {
			return nil, false
		}
		if seen[entry.Key] {
			p.report.errorf(entry.Pos, "", "the key %q is in the hash twice", entry.Key)
		}
		seen[entry.Key] = true
		if !p.arrow(entry.Key) {
			return nil, false
		}
		if entry.Value, ok = p.value(); !ok {
			return nil, false
		}
		pairs = append(pairs, entry)
	}
}

func (p *parser) hashKey() (string, bool) {
	if p.i >= len(p.src) {
		return "", p.expected("a key or }", "")
	}
	switch c := p.src[p.i]; {
	case c == '"' || c == '\'':
		return p.str()
	case c == '-' || c >= '0' && c <= '9':
		at := p.i
		_, ok := p.number()
		return p.src[at:p.i], ok
	case isNameByte(c):
		v, ok := p.bareword()
		s, _ := v.(string)
		return s, ok
	}
	hint := ""
	if p.at(",") {
		hint = "entries of a hash stand one after the other, without commas"
	}
	return "", p.expected("a key or }", hint)
}
