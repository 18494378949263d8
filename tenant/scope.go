package tenant

import (
	"context"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
)

// Scope narrows what a request sees and sends below its tenant: streams and series
// that all matchers select, and nothing else. The zero Scope narrows nothing. It
// comes from the request's token, travels in the context beside the ID, and is
// applied by the stores' front, so that no dialect can forget it.
type Scope struct{ matchers []*labels.Matcher }

// NewScope returns the scope of all matchers.
func NewScope(ms ...*labels.Matcher) Scope { return Scope{slices.Clone(ms)} }

// Matchers are what a stream or series must match; the caller must not change them.
func (s Scope) Matchers() []*labels.Matcher { return s.matchers }

// IsZero says that nothing is narrowed.
func (s Scope) IsZero() bool { return len(s.matchers) == 0 }

// Allows reports whether a stream or series with these labels is inside. get returns
// the value of a label, "" if there is none.
func (s Scope) Allows(get func(name string) string) bool {
	for _, m := range s.matchers {
		if !m.Matches(get(m.Name)) {
			return false
		}
	}
	return true
}

// Narrow returns ms and the scope's own matchers; ms is not changed.
func (s Scope) Narrow(ms []*labels.Matcher) []*labels.Matcher {
	if s.IsZero() {
		return ms
	}
	return slices.Concat(ms, s.matchers)
}

// String is the scope as a selector, "" for the zero Scope. Equal texts narrow
// equally: it may be part of a cache's key.
func (s Scope) String() string {
	if s.IsZero() {
		return ""
	}
	texts := make([]string, len(s.matchers))
	for i, m := range s.matchers {
		texts[i] = m.String()
	}
	slices.Sort(texts)
	return "{" + strings.Join(texts, ",") + "}"
}

type scopeKey struct{}

// WithScope returns ctx with the scope of the request's credentials.
func WithScope(ctx context.Context, s Scope) context.Context {
	return context.WithValue(ctx, scopeKey{}, s)
}

// ScopeFrom returns the scope of the request, the zero Scope if there is none: work
// of the process itself is not narrowed.
func ScopeFrom(ctx context.Context) Scope {
	s, _ := ctx.Value(scopeKey{}).(Scope)
	return s
}
