package tenant

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/prometheus/promql/parser"
)

// Bounds of a scope's text: it is matched against every stream and series.
const (
	maxScopeBytes    = 1024
	maxScopeMatchers = 16
)

// ErrInvalidScope says that a text is no selector that narrows. Test with errors.Is.
var ErrInvalidScope = errors.New("invalid selector")

// ParseScope reads a selector, such as {project="x",env=~"prod|staging"}. One of its
// matchers must not match the empty value, so that what lacks the label is outside.
// The empty text is the zero Scope.
func ParseScope(text string) (Scope, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Scope{}, nil
	}
	bad := func(format string, args ...any) (Scope, error) {
		return Scope{}, fmt.Errorf("%w: %w", ErrInvalidScope, fmt.Errorf(format, args...))
	}
	if len(text) > maxScopeBytes {
		return bad("%d bytes, limit %d", len(text), maxScopeBytes)
	}
	if !utf8.ValidString(text) || text[0] != '{' {
		return bad("%q is no selector like {project=\"x\"}", strings.ToValidUTF8(text, "?"))
	}
	ms, err := parser.NewParser(parser.Options{}).ParseMetricSelector(text)
	if err != nil {
		return bad("%w", err)
	}
	if len(ms) > maxScopeMatchers {
		return bad("%d matchers, limit %d", len(ms), maxScopeMatchers)
	}
	for _, m := range ms {
		if !m.Matches("") {
			return NewScope(ms...), nil
		}
	}
	return bad("every matcher of %s matches the empty value, so that nothing is narrowed", text)
}
