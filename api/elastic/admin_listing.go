package elastic

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/tenant"
)

const (
	serviceLabel = "service_name"
	// restIndex is the index of entries that did not come as documents: those of a
	// service are in logs-<service>.
	restIndex = "logs"
)

// everything is all of time.
func everything(ms ...*labels.Matcher) logs.Query {
	return logs.Query{Start: math.MinInt64 / 2, End: math.MaxInt64 / 2, Matchers: ms}
}

// indexOf is the index of a stream.
func indexOf(index, service string) string {
	switch {
	case index != "":
		return index
	case service != "":
		return restIndex + "-" + service
	}
	return restIndex
}

// names returns the sorted names of a tenant's indices: those that hold entries and
// those that were created.
func (a *Admin) names(ctx context.Context, t tenant.ID) ([]string, error) {
	out, err := a.Reader.LabelValues(ctx, t, everything(), indexLabel)
	if err != nil {
		return nil, fmt.Errorf("list indices: %w", err)
	}
	out = slices.Clone(out)
	outside := labels.MustNewMatcher(labels.MatchEqual, indexLabel, "")
	services, err := a.Reader.LabelValues(ctx, t, everything(outside), serviceLabel)
	if err != nil {
		return nil, fmt.Errorf("list services: %w", err)
	}
	for _, service := range services {
		out = append(out, indexOf("", service))
	}
	rest, err := a.Reader.Series(ctx, t, everything(outside, labels.MustNewMatcher(labels.MatchEqual, serviceLabel, "")), 1)
	if err != nil {
		return nil, fmt.Errorf("list streams: %w", err)
	}
	if len(rest) > 0 {
		out = append(out, restIndex)
	}
	declared, err := a.Catalog.Declared(ctx, t)
	if err != nil {
		return nil, err
	}
	out = append(out, declared...)
	slices.Sort(out)
	return slices.Compact(out), nil
}

// resolve returns the sorted indices that an expression of a path means: names,
// aliases, patterns. A name that does not exist is an error, unless the request says
// ignore_unavailable; a pattern may match none, unless it says allow_no_indices=false.
func (a *Admin) resolve(r *http.Request, expression string) ([]string, error) {
	t := tenant.FromContext(r.Context())
	all, err := a.names(r.Context(), t)
	if err != nil || expression == "" || expression == "_all" || expression == "*" {
		return all, err
	}
	aliases, err := a.Catalog.Aliases(r.Context(), t)
	if err != nil {
		return nil, err
	}
	ignore, err := esapi.Flag(r, "ignore_unavailable")
	if err != nil {
		return nil, err
	}
	var out []string
	for part := range strings.SplitSeq(expression, ",") {
		if part == "" {
			continue
		}
		name, ok := esapi.ResolveDateMath(part, a.now())
		if !ok {
			return nil, esapi.Illegal("date math of this form is not supported in the index name [" + part + "]")
		}
		switch {
		case len(out) > 0 && strings.HasPrefix(name, "-"):
			out = slices.DeleteFunc(out, func(s string) bool { return esapi.Match(name[1:], s) })
		case strings.Contains(name, "*"):
			found := matching(name, all, aliases)
			if len(found) == 0 && r.URL.Query().Get("allow_no_indices") == "false" {
				return nil, esapi.NoSuchIndex(name)
			}
			out = append(out, found...)
		case slices.Contains(all, name):
			out = append(out, name)
		case aliases[name] != nil:
			out = append(out, aliases[name]...)
		case !ignore:
			if err := checkName(name); err != nil {
				return nil, err
			}
			return nil, esapi.NoSuchIndex(name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// matching returns the indices that a pattern means, by their name or an alias.
// Hidden ones, which begin with a dot, only if the pattern does too.
func matching(pattern string, all []string, aliases map[string][]string) []string {
	var out []string
	for _, name := range all {
		if esapi.Match(pattern, name) && (name[0] != '.' || pattern[0] == '.') {
			out = append(out, name)
		}
	}
	for alias, names := range aliases {
		if esapi.Match(pattern, alias) {
			out = append(out, names...)
		}
	}
	return out
}

// indexSize is what an index holds.
type indexSize struct {
	name        string
	docs, bytes uint64
}

// sizes counts the entries of the named indices, which are sorted.
func (a *Admin) sizes(ctx context.Context, t tenant.ID, names []string) ([]indexSize, error) {
	groups, err := a.Reader.Count(ctx, t, everything(), logs.Grouping{Bytes: true,
		By: []logs.Field{{Kind: logs.Label, Name: indexLabel}, {Kind: logs.Label, Name: serviceLabel}}})
	if err != nil {
		return nil, fmt.Errorf("count documents: %w", err)
	}
	out := make([]indexSize, len(names))
	for i, name := range names {
		out[i].name = name
	}
	for _, g := range groups {
		at, ok := slices.BinarySearchFunc(out, indexOf(g.By[0], g.By[1]), func(s indexSize, name string) int { return cmp.Compare(s.name, name) })
		if ok {
			out[at].docs += g.Entries
			out[at].bytes += g.Bytes
		}
	}
	return out, nil
}
