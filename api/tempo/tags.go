package tempo

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces/traceql"
)

type tagsResponse struct {
	TagNames []string      `json:"tagNames"`
	Metrics  searchMetrics `json:"metrics"`
}

type tagsV2Response struct {
	Scopes  []tagScope    `json:"scopes"`
	Metrics searchMetrics `json:"metrics"`
}

type tagScope struct {
	Name string   `json:"name"`
	Tags []string `json:"tags"`
}

type tagValuesResponse struct {
	TagValues []string      `json:"tagValues"`
	Metrics   searchMetrics `json:"metrics"`
}

type tagValuesV2Response struct {
	TagValues []tagValue    `json:"tagValues"`
	Metrics   searchMetrics `json:"metrics"`
}

type tagValue struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

var done = searchMetrics{CompletedJobs: 1, TotalJobs: 1}

// scopeIntrinsic is the scope of fields that are no attributes.
const scopeIntrinsic = "intrinsic"

// scopes reads the names of attributes by scope.
func (a *API) scopes(r *http.Request) ([]tagScope, error) {
	scope := r.FormValue("scope")
	switch scope {
	case "", "none", "resource", "span", "event", "link", "instrumentation", scopeIntrinsic:
	default:
		return nil, badRequest(fmt.Sprintf("invalid scope: %.60q; want resource, span, intrinsic, event, link or instrumentation", scope))
	}
	all := scope == "" || scope == "none"
	start, end, err := a.timeRange(r)
	if err != nil {
		return nil, err
	}
	limit, err := parseCount(r, "limit", defaultTagLimit)
	if err != nil {
		return nil, err
	}
	out := []tagScope{}
	if scope != scopeIntrinsic {
		found, err := a.engine.Names(r.Context(), tenant.FromContext(r.Context()), traceql.ParsePartial(r.FormValue("q")), start, end)
		if err != nil {
			return nil, err
		}
		for _, s := range found {
			if all || scope == s.Scope.String() {
				out = append(out, tagScope{s.Scope.String(), s.Names[:min(limit, len(s.Names))]})
			}
		}
	}
	if all || scope == scopeIntrinsic {
		out = append(out, tagScope{scopeIntrinsic, traceql.IntrinsicNames()})
	}
	return out, nil
}

// tagNames reads the names of attributes without scopes; intrinsics are among them only
// where they are asked for.
func (a *API) tagNames(r *http.Request) ([]string, error) {
	found, err := a.scopes(r)
	out := []string{}
	for _, s := range found {
		if s.Name != scopeIntrinsic || r.FormValue("scope") == scopeIntrinsic {
			out = append(out, s.Tags...)
		}
	}
	return sortedDistinct(out), err
}

func sortedDistinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// tags serves /api/search/tags: names without scopes.
func (a *API) tags(w http.ResponseWriter, r *http.Request) {
	names, err := a.tagNames(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	answer(w, "", tagsResponse{names, done})
}

// tagsV2 serves /api/v2/search/tags: names by scope.
func (a *API) tagsV2(w http.ResponseWriter, r *http.Request) {
	found, err := a.scopes(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	answer(w, "", tagsV2Response{found, done})
}

// tagName returns the tag of the path. Grafana encodes it twice.
func tagName(r *http.Request) string {
	tag := r.PathValue("tag")
	if strings.Contains(tag, "%") {
		if s, err := url.PathUnescape(tag); err == nil {
			return s
		}
	}
	return tag
}

// values reads the values of a field.
func (a *API) values(r *http.Request, f traceql.Field, q *traceql.Query) ([]traceql.Value, error) {
	start, end, err := a.timeRange(r)
	if err != nil {
		return nil, err
	}
	limit, err := parseCount(r, "limit", defaultTagLimit)
	if err != nil {
		return nil, err
	}
	t := tenant.FromContext(r.Context())
	if f.Scope == traceql.ResourceScope && f.Name == "service.name" && q == nil && r.FormValue("start") == "" {
		return a.services(r, limit)
	}
	return a.engine.Values(r.Context(), t, f, q, start, end, min(limit, defaultTagLimit))
}

// services answers from the index alone.
func (a *API) services(r *http.Request, limit int) ([]traceql.Value, error) {
	names, err := a.reader.Services(r.Context(), tenant.FromContext(r.Context()))
	if err != nil {
		return nil, err
	}
	var out []traceql.Value
	for _, n := range names[:min(limit, len(names))] {
		out = append(out, traceql.Value{Type: traceql.String, Str: n})
	}
	return out, nil
}

// tagTexts reads the texts of an attribute of any scope.
func (a *API) tagTexts(r *http.Request, tag string) ([]string, error) {
	f := traceql.Field{Name: tag}
	switch tag {
	case "service.name":
		f.Scope = traceql.ResourceScope
	case "name", "status", "root.name", "root.service.name", "rootName", "rootServiceName", "kind":
		f = traceql.Field{Scope: traceql.Intrinsic, Name: strings.NewReplacer("root.name", "rootName", "root.service.name", "rootServiceName").Replace(tag)}
	}
	found, err := a.values(r, f, nil)
	out := []string{}
	for _, v := range found {
		out = append(out, v.Text())
	}
	return sortedDistinct(out), err
}

// tagValues serves /api/search/tag/{tag}/values.
func (a *API) tagValues(w http.ResponseWriter, r *http.Request) {
	texts, err := a.tagTexts(r, tagName(r))
	if err != nil {
		a.fail(w, r, err)
		return
	}
	answer(w, "", tagValuesResponse{texts, done})
}

// typedValues reads the values, with their types, of a field as TraceQL spells it.
func (a *API) typedValues(r *http.Request, tag string) ([]tagValue, error) {
	f, err := traceql.ParseField(tag)
	if err != nil {
		return nil, err
	}
	out := []tagValue{}
	if fixed := traceql.FixedValues(f); fixed != nil {
		for _, v := range fixed {
			out = append(out, tagValue{"keyword", v})
		}
		return out, nil
	}
	found, err := a.values(r, f, traceql.ParsePartial(r.FormValue("q")))
	for _, v := range found {
		out = append(out, tagValue{v.Type.String(), v.Text()})
	}
	return out, err
}

// tagValuesV2 serves /api/v2/search/tag/{tag}/values.
func (a *API) tagValuesV2(w http.ResponseWriter, r *http.Request) {
	values, err := a.typedValues(r, tagName(r))
	if err != nil {
		a.fail(w, r, err)
		return
	}
	answer(w, "", tagValuesV2Response{values, done})
}
