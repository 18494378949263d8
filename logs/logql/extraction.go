package logql

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
)

// Extraction names one value that json or logfmt takes from a line.
type Extraction struct {
	Label string
	// Expr is a JSON path or a logfmt key.
	Expr string
}

func printExtractions(xs []Extraction) string {
	texts := make([]string, len(xs))
	for i, x := range xs {
		texts[i] = x.Label + "=" + strconv.Quote(x.Expr)
	}
	return strings.Join(texts, ",")
}

func (x Extraction) wrap(err error) error {
	return fmt.Errorf("cannot parse expression [%s]: %w", x.Expr, err)
}

func (x Extraction) check() error {
	if !model.UTF8Validation.IsValidLabelName(x.Label) {
		return fmt.Errorf("invalid extracted label name '%s'", x.Label)
	}
	return nil
}

// parseJSONPath reads a.b["c d"][0] into the keys that jsonparser wants: array
// indices stay in brackets.
func parseJSONPath(s string) ([]string, error) {
	var path []string
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n':
			i++
		case c == '[':
			key, n, err := bracketKey(s[i:])
			if err != nil {
				return nil, err
			}
			path = append(path, key)
			i += n
		case c == '.' && len(path) > 0, isNameStart(c) && len(path) == 0:
			if c == '.' {
				i++
			}
			n := 0
			for i+n < len(s) && (isNameStart(s[i+n]) || n > 0 && isDigit(s[i+n])) {
				n++
			}
			if n == 0 {
				return nil, unexpectedIn(s[i:], "FIELD")
			}
			path = append(path, s[i:i+n])
			i += n
		default:
			return nil, unexpectedIn(s[i:], "")
		}
	}
	if len(path) == 0 {
		return nil, errors.New("syntax error: unexpected $end, expecting LSB or FIELD")
	}
	return path, nil
}

func isNameStart(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

// unexpectedIn says what the rest of an expression begins with.
func unexpectedIn(rest, expecting string) error {
	what := "$end"
	if rest != "" {
		switch c := rest[0]; {
		case c == '.':
			what = "DOT"
		case c == '"':
			what = "STRING"
		case c == ']':
			what = "RSB"
		case c == '[':
			what = "LSB"
		case isDigit(c):
			what = "INDEX"
		case isNameStart(c):
			what = "FIELD"
		default:
			return fmt.Errorf("unexpected char %c", []rune(rest)[0])
		}
	}
	if expecting != "" {
		return fmt.Errorf("syntax error: unexpected %s, expecting %s", what, expecting)
	}
	return fmt.Errorf("syntax error: unexpected %s", what)
}

// bracketKey reads ["key"] or [0] and returns its length.
func bracketKey(s string) (key string, n int, err error) {
	body := strings.TrimLeft(s[1:], " \t\n")
	lead := len(s) - len(body)
	if strings.HasPrefix(body, `"`) {
		text, rest, ok := strings.Cut(body[1:], `"`)
		rest = strings.TrimLeft(rest, " \t\n")
		if !ok || !strings.HasPrefix(rest, "]") {
			return "", 0, unexpectedIn(rest, "RSB")
		}
		return text, len(s) - len(rest) + 1, nil
	}
	i := 0
	for i < len(body) && isDigit(body[i]) {
		i++
	}
	if i == 0 {
		return "", 0, unexpectedIn(body, "STRING or INDEX")
	}
	rest := strings.TrimLeft(body[i:], " \t\n")
	if !strings.HasPrefix(rest, "]") {
		if strings.HasPrefix(rest, ".") {
			return "", 0, errors.New("cannot use float as array index")
		}
		return "", 0, unexpectedIn(rest, "RSB")
	}
	index, err := strconv.Atoi(body[:i])
	if err != nil {
		return "", 0, err
	}
	return fmt.Sprintf("[%d]", index), lead + i + (len(body) - i - len(rest)) + 1, nil
}
