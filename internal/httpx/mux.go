package httpx

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Mux finds the route of a request. Routes without a Tree are http.ServeMux's;
// those of a tree may overlap in ways that it refuses (/{index}/_search and
// /_cat/{what}): of two that match, the one with a literal further left wins.
type Mux struct {
	plain *http.ServeMux
	trees map[string]*tree
}

// NewMux returns a mux without routes.
func NewMux() *Mux { return &Mux{plain: http.NewServeMux(), trees: map[string]*tree{}} }

// Handle adds a route, served by h in place of its own handler. It panics if two
// routes conflict.
func (m *Mux) Handle(route Route, h http.Handler) {
	if route.Tree == "" {
		m.plain.Handle(route.Pattern, h)
		return
	}
	t := m.trees[route.Tree]
	if t == nil {
		t = &tree{}
		m.trees[route.Tree] = t
		m.plain.Handle(route.Tree, t)
	}
	t.add(route.Pattern, h)
}

// ServeHTTP implements http.Handler.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.plain.ServeHTTP(w, r) }

// Pattern returns the pattern of the route that serves r, "" if none does.
func (m *Mux) Pattern(r *http.Request) string {
	_, pattern := m.plain.Handler(r)
	if t := m.trees[pattern]; t != nil {
		if found, _, _ := t.find(r); found != nil {
			return found.pattern
		}
		return ""
	}
	return pattern
}

// Under returns the routes with their paths below prefix, such as "/elastic", as
// one tree. An empty prefix makes them the tree of a whole server.
func Under(prefix string, routes []Route) []Route {
	out := slices.Clone(routes)
	for i := range out {
		method, path := splitPattern(out[i].Pattern)
		out[i].Pattern = strings.TrimLeft(method+" "+prefix+path, " ")
		out[i].Tree = prefix + "/"
	}
	return out
}

func splitPattern(pattern string) (method, path string) {
	method, path, ok := strings.Cut(pattern, " ")
	if !ok {
		return "", pattern
	}
	return method, path
}

// tree is a trie of path segments.
type tree struct {
	root node
	// rest answers what no route does: the route whose path is the tree's own.
	rest *leaf
}

type node struct {
	literals map[string]*node
	wildcard *node
	methods  map[string]*leaf
}

type leaf struct {
	pattern string
	names   []string // of the wildcards, from the left
	handler http.Handler
}

// add takes patterns with {name} for one segment, {$} for the tree's own path, and
// the bare path of the tree for everything that no other pattern matches.
func (t *tree) add(pattern string, h http.Handler) {
	method, path := splitPattern(pattern)
	l := &leaf{pattern: pattern, handler: h}
	if strings.HasSuffix(path, "/") && method == "" {
		t.rest = l
		return
	}
	n := &t.root
	for _, s := range segments(strings.TrimSuffix(path, "{$}")) {
		if name, ok := strings.CutPrefix(s, "{"); ok {
			l.names = append(l.names, strings.TrimSuffix(name, "}"))
			if n.wildcard == nil {
				n.wildcard = &node{}
			}
			n = n.wildcard
			continue
		}
		if n.literals == nil {
			n.literals = map[string]*node{}
		}
		if n.literals[s] == nil {
			n.literals[s] = &node{}
		}
		n = n.literals[s]
	}
	if n.methods == nil {
		n.methods = map[string]*leaf{}
	}
	if n.methods[method] != nil {
		panic("BUG: two routes " + pattern)
	}
	n.methods[method] = l
}

// segments are the unescaped parts of a path; empty ones do not count, so that a
// slash too many does not matter.
func segments(path string) []string {
	var out []string
	for s := range strings.SplitSeq(path, "/") {
		if s == "" {
			continue
		}
		if u, err := url.PathUnescape(s); err == nil {
			s = u
		}
		out = append(out, s)
	}
	return out
}

// find returns the route of r with the values of its wildcards. Without one it
// returns the methods that the path knows.
func (t *tree) find(r *http.Request) (_ *leaf, values, allowed []string) {
	path := segments(r.URL.EscapedPath())
	var found *leaf
	var walk func(n *node, at int, values []string) []string
	walk = func(n *node, at int, bound []string) []string {
		if at == len(path) {
			if found = n.method(r.Method); found == nil {
				for m := range n.methods {
					allowed = append(allowed, m)
				}
			}
			return bound
		}
		if next := n.literals[path[at]]; next != nil {
			if got := walk(next, at+1, bound); found != nil || len(allowed) > 0 {
				return got
			}
		}
		if n.wildcard != nil {
			return walk(n.wildcard, at+1, append(slices.Clip(bound), path[at]))
		}
		return nil
	}
	values = walk(&t.root, 0, nil)
	if found == nil {
		slices.Sort(allowed)
		return t.rest, nil, slices.Compact(allowed)
	}
	return found, values, nil
}

// method is the route for a method; one for GET serves HEAD too.
func (n *node) method(method string) *leaf {
	if l := n.methods[method]; l != nil {
		return l
	}
	if method == http.MethodHead {
		return n.methods[http.MethodGet]
	}
	return nil
}

type allowedKey struct{}

// Allowed are the methods that a tree knows for the path of a request that reached
// its rest; none: it does not know the path.
func Allowed(ctx context.Context) []string {
	allowed, _ := ctx.Value(allowedKey{}).([]string)
	return allowed
}

// ServeHTTP implements http.Handler.
func (t *tree) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found, values, allowed := t.find(r)
	if found == nil {
		http.NotFound(w, r)
		return
	}
	if len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		r = r.WithContext(context.WithValue(r.Context(), allowedKey{}, allowed))
	}
	for i, name := range found.names {
		r.SetPathValue(name, values[i])
	}
	found.handler.ServeHTTP(w, r)
}
