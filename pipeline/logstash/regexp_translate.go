package logstash

import (
	"errors"
	"fmt"
	"strings"
)

// translation rewrites an expression of Ruby for Go's engine, or, when it has what
// only a backtracking engine can do, for regexp2.
type translation struct {
	in         string
	i          int
	out        strings.Builder
	backtracks bool
	atom       int   // where in out the last atom begins, -1: none
	opened     []int // where in out the open groups begin
}

func translateRegexp(pattern string) (*translation, error) {
	t := &translation{in: pattern, atom: -1}
	for t.i < len(t.in) {
		if err := t.step(); err != nil {
			return nil, err
		}
	}
	if len(t.opened) > 0 {
		return nil, errors.New("a ( is not closed")
	}
	return t, nil
}

func (t *translation) step() error {
	c := t.in[t.i]
	switch c {
	case '\\':
		return t.escape(false)
	case '[':
		t.atom = t.out.Len()
		return t.class()
	case '(':
		return t.open()
	case ')':
		if len(t.opened) == 0 {
			return errors.New("a ) was not opened")
		}
		t.atom = t.opened[len(t.opened)-1]
		t.opened = t.opened[:len(t.opened)-1]
		t.emit(1)
	case '*', '+', '?':
		return t.quantifier()
	case '|', '^', '$':
		t.atom = -1
		t.emit(1)
	case '{':
		t.emit(1)
	default:
		if c != '}' {
			t.atom = t.out.Len()
		}
		n := 1
		for c >= 0x80 && t.i+n < len(t.in) && t.in[t.i+n]&0xC0 == 0x80 {
			n++
		}
		t.emit(n)
	}
	return nil
}

func (t *translation) emit(n int) {
	t.out.WriteString(t.in[t.i : t.i+n])
	t.i += n
}

// quantifier makes the possessive a*+ the atomic (?>a*).
func (t *translation) quantifier() error {
	if t.i+1 < len(t.in) && t.in[t.i+1] == '+' && t.atom >= 0 {
		s := t.out.String()
		t.out.Reset()
		t.out.WriteString(s[:t.atom] + "(?>" + s[t.atom:] + t.in[t.i:t.i+1] + ")")
		t.backtracks = true
		t.i += 2
		return nil
	}
	t.emit(1)
	return nil
}

// open reads what stands behind an opening parenthesis.
func (t *translation) open() error {
	t.opened = append(t.opened, t.out.Len())
	t.atom = -1
	rest := t.in[t.i:]
	for _, prefix := range []string{"(?>", "(?=", "(?!", "(?<=", "(?<!"} {
		if strings.HasPrefix(rest, prefix) {
			t.backtracks = true
			t.emit(len(prefix))
			return nil
		}
	}
	switch {
	case strings.HasPrefix(rest, "(?#"):
		end := strings.IndexByte(rest, ')')
		if end < 0 {
			return errors.New("a comment is not closed")
		}
		t.opened = t.opened[:len(t.opened)-1]
		t.i += end + 1
	case strings.HasPrefix(rest, "(?:"), strings.HasPrefix(rest, "(?<"):
		t.emit(3)
	case strings.HasPrefix(rest, "(?'"):
		end := strings.IndexByte(rest[3:], '\'')
		if end < 0 {
			return errors.New("a group's name is not closed")
		}
		t.out.WriteString("(?<" + rest[3:3+end] + ">")
		t.i += end + 4
	case strings.HasPrefix(rest, "(?"):
		return t.flags(rest)
	default:
		t.emit(1)
	}
	return nil
}

// flags reads (?mix-mix) and (?mix-mix: whose m lets the point match line breaks, which
// is s elsewhere.
func (t *translation) flags(rest string) error {
	end := strings.IndexAny(rest, ":)")
	if end < 0 {
		return errors.New("a group is not closed")
	}
	for _, c := range rest[2:end] {
		if !strings.ContainsRune("mix-", c) {
			return fmt.Errorf("(?%c is not known", c)
		}
	}
	flags := strings.ReplaceAll(rest[2:end], "m", "s")
	if strings.Contains(flags, "x") {
		t.backtracks = true
	}
	t.out.WriteString("(?" + flags)
	t.i += end
	if rest[end] == ')' {
		t.opened = t.opened[:len(t.opened)-1]
	}
	t.emit(1)
	return nil
}

var rubyEscapes = map[byte]string{'h': "[0-9a-fA-F]", 'H': "[^0-9a-fA-F]", 'R': "(?:\r\n|[\n-\r\u0085\u2028\u2029])", 'e': `\x1b`}

var rubyClassEscapes = map[byte]string{'h': "0-9a-fA-F", 'e': `\x1b`, 'b': `\x08`}

// properties are names of character properties that only Ruby knows.
var properties = map[string]string{
	"alpha": `\p{L}`, "digit": `\p{Nd}`, "upper": `\p{Lu}`, "lower": `\p{Ll}`, "punct": `\p{P}`, "space": `\s`,
	"alnum": `\p{L}\p{Nd}`, "word": `\p{L}\p{Nd}_`, "xdigit": `0-9a-fA-F`,
}

func (t *translation) escape(inClass bool) error {
	if t.i+1 == len(t.in) {
		return errors.New("it ends with a backslash")
	}
	if !inClass {
		t.atom = t.out.Len()
	}
	c := t.in[t.i+1]
	special := rubyEscapes
	if inClass {
		special = rubyClassEscapes
	}
	switch s, ok := special[c]; {
	case ok:
		t.out.WriteString(s)
		t.i += 2
	case c == 'Z' && !inClass:
		t.out.WriteString(`(?:\n?\z)`)
		t.i += 2
	case c == 'p' || c == 'P':
		return t.property(inClass)
	case c == 'u':
		return t.unicode()
	case (c == 'K' || c == 'X' || c == 'g') && !inClass:
		return fmt.Errorf(`\%c is not supported`, c)
	case !inClass && (c >= '1' && c <= '9' || c == 'k' || c == 'G'):
		t.backtracks = true
		t.emit(2)
	case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		if !strings.ContainsRune("AzbBdDwWsStnrfvaxkcG", rune(c)) {
			t.out.WriteByte(c) // Ruby takes an escaped letter that means nothing for itself
			t.i += 2
			return nil
		}
		t.emit(2)
	case c >= 0x80 || c == ' ' || c == '_' || c == '\n':
		t.i++
		if inClass {
			t.emit(1)
			return nil
		}
		return t.step()
	default:
		t.emit(2)
	}
	return nil
}

func (t *translation) unicode() error {
	rest := t.in[t.i+2:]
	if strings.HasPrefix(rest, "{") {
		t.out.WriteString(`\x`)
		t.i += 2
		return nil
	}
	if len(rest) < 4 {
		return errors.New(`\u needs four digits`)
	}
	t.out.WriteString(`\x{` + rest[:4] + "}")
	t.i += 6
	return nil
}

func (t *translation) property(inClass bool) error {
	rest := t.in[t.i+2:]
	end := strings.IndexByte(rest, '}')
	if !strings.HasPrefix(rest, "{") || end < 0 {
		t.emit(2)
		return nil
	}
	name := rest[1:end]
	name, negated := strings.CutPrefix(name, "^")
	negated = negated != (t.in[t.i+1] == 'P')
	ruby, ok := properties[strings.ToLower(name)]
	t.i += end + 3
	switch {
	case !ok && negated:
		t.out.WriteString(`\P{` + name + "}")
	case !ok:
		t.out.WriteString(`\p{` + name + "}")
	case inClass && negated:
		return fmt.Errorf(`\P{%s} inside [] is not supported`, name)
	case inClass:
		t.out.WriteString(ruby)
	case negated:
		t.out.WriteString("[^" + ruby + "]")
	default:
		t.out.WriteString("[" + ruby + "]")
	}
	return nil
}

// class reads [...]. Ruby lets classes nest; what is inside joins what is around.
func (t *translation) class() error {
	t.emit(1)
	if t.i < len(t.in) && t.in[t.i] == '^' {
		t.emit(1)
	}
	if t.i < len(t.in) && t.in[t.i] == ']' { // stands for itself at the beginning
		t.out.WriteString(`\]`)
		t.i++
	}
	depth := 1
	for t.i < len(t.in) {
		rest := t.in[t.i:]
		switch {
		case rest[0] == '\\':
			if err := t.escape(true); err != nil {
				return err
			}
		case strings.HasPrefix(rest, "[:"):
			end := strings.Index(rest, ":]")
			if end < 0 {
				return errors.New("a [: is not closed")
			}
			t.emit(end + 2)
		case strings.HasPrefix(rest, "&&"):
			return errors.New("&& inside [] is not supported")
		case rest[0] == '[':
			if strings.HasPrefix(rest, "[^") {
				return errors.New("[^ inside [] is not supported")
			}
			if !strings.Contains(rest, "]") || strings.Count(rest, "]") == 1 {
				t.out.WriteString(`\[`)
				t.i++
				continue
			}
			depth++
			t.i++
		case rest[0] == ']':
			if depth--; depth == 0 {
				t.emit(1)
				return nil
			}
			t.i++
		default:
			t.emit(1)
		}
	}
	return errors.New("a [ is not closed")
}
