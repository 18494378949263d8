package esquery

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/query/esquery/internal/esdate"
	"github.com/pharosd/pharos/tenant"
)

// Engine answers requests over a store. It is safe for concurrent use.
type Engine struct {
	reader logs.Reader
	cfg    Config
	// declared returns names of indices that may have no document yet; nil: none.
	declared func(context.Context, tenant.ID) ([]string, error)
	contexts *contexts
	now      func() time.Time
}

// NewEngine returns an engine. declared, unless it is nil, returns the indices that a
// tenant has created, which may be empty.
func NewEngine(reader logs.Reader, cfg Config, declared func(context.Context, tenant.ID) ([]string, error)) *Engine {
	return &Engine{reader: reader, cfg: cfg, declared: declared, contexts: newContexts(cfg), now: time.Now}
}

// Config returns the limits.
func (e *Engine) Config() Config { return e.cfg }

// IndexOptions are what a request says about names without an index.
type IndexOptions struct {
	IgnoreUnavailable bool
	// NoIndices: an expression that matches no index is an error.
	NoIndices bool
}

// selection is the indices of a request.
type selection struct {
	// all: every index, also one that comes into being.
	all   bool
	names []string
}

// allStreams asks the index of streams for everything.
func allStreams(ms ...*labels.Matcher) logs.Query {
	return logs.Query{Start: minTime, End: maxTime, Matchers: ms}
}

// Indices returns the sorted names of a tenant's indices.
func (e *Engine) Indices(ctx context.Context, t tenant.ID) ([]string, error) {
	names, err := e.reader.LabelValues(ctx, t, allStreams(), indexLabel)
	if err != nil {
		return nil, fmt.Errorf("list indices: %w", err)
	}
	outside := labels.MustNewMatcher(labels.MatchEqual, indexLabel, "")
	services, err := e.reader.LabelValues(ctx, t, allStreams(outside), serviceLabel)
	if err != nil {
		return nil, fmt.Errorf("list services: %w", err)
	}
	for _, s := range services {
		names = append(names, restIndex+"-"+s)
	}
	rest, err := e.reader.Series(ctx, t, allStreams(outside, labels.MustNewMatcher(labels.MatchEqual, serviceLabel, "")), 1)
	if err != nil {
		return nil, fmt.Errorf("list streams: %w", err)
	}
	if len(rest) > 0 {
		names = append(names, restIndex)
	}
	if e.declared != nil && tenant.ScopeFrom(ctx).IsZero() { // a narrowed token sees what it may read
		more, err := e.declared(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("list created indices: %w", err)
		}
		names = append(names, more...)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// maxExpression bounds the names of a request.
const maxExpression = 1000

// resolve returns the indices that an expression means: names, wildcards, exclusions
// and date math, separated by commas.
func (e *Engine) resolve(ctx context.Context, t tenant.ID, expression string, o IndexOptions) (*selection, error) {
	if expression == "" || expression == "_all" || expression == "*" {
		return &selection{all: true}, nil
	}
	known, err := e.Indices(ctx, t)
	if err != nil {
		return nil, err
	}
	parts := strings.Split(expression, ",")
	if len(parts) > maxExpression {
		return nil, illegalf("more than %d names of indices", maxExpression)
	}
	sel := &selection{}
	wild := false
	for _, part := range parts {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		exclude := wild && strings.HasPrefix(part, "-")
		if exclude {
			part = part[1:]
		}
		name, err := e.dateName(part)
		if err != nil {
			return nil, err
		}
		if name == "_all" {
			name = "*"
		}
		isPattern := strings.Contains(name, "*")
		wild = wild || isPattern
		switch {
		case exclude:
			sel.names = slices.DeleteFunc(sel.names, func(n string) bool { return esapi.Match(name, n) })
		case isPattern:
			found := false
			for _, n := range known {
				if esapi.Match(name, n) && (!strings.HasPrefix(n, ".") || strings.HasPrefix(name, ".")) {
					sel.names, found = append(sel.names, n), true
				}
			}
			if !found && o.NoIndices {
				return nil, noIndex(name)
			}
		case slices.Contains(known, name):
			sel.names = append(sel.names, name)
		case !o.IgnoreUnavailable:
			return nil, noIndex(name)
		}
	}
	slices.Sort(sel.names)
	sel.names = slices.Compact(sel.names)
	if len(sel.names) == 0 && o.NoIndices {
		return nil, noIndex(expression)
	}
	return sel, nil
}

func noIndex(name string) *Error {
	return &Error{Status: 404, Type: "index_not_found_exception", Reason: "no such index [" + clip(name) + "]", Index: clip(name)}
}

// dateName reads date math in a name: <logs-{now/d{yyyy.MM.dd|+01:00}}>.
func (e *Engine) dateName(s string) (string, error) {
	if !strings.HasPrefix(s, "<") || !strings.HasSuffix(s, ">") {
		return s, nil
	}
	var b strings.Builder
	for rest := s[1 : len(s)-1]; rest != ""; {
		before, after, ok := strings.Cut(rest, "{")
		b.WriteString(before)
		if !ok {
			break
		}
		end := strings.LastIndexByte(after, '}')
		if i := strings.Index(after, "}}"); i >= 0 {
			end = i + 1
		} else if i := strings.IndexByte(after, '}'); i >= 0 {
			end = i
		}
		if end < 0 {
			return "", badf("parse_exception", "invalid dynamic name expression [%s]: date math placeholder is open ended", clip(s))
		}
		math, format, _ := strings.Cut(strings.TrimSuffix(after[:end], "}"), "{")
		text, err := e.dateText(math, format)
		if err != nil {
			return "", badf("parse_exception", "invalid dynamic name expression [%s]: %s", clip(s), err)
		}
		b.WriteString(text)
		rest = after[end+1:]
	}
	return b.String(), nil
}

func (e *Engine) dateText(math, format string) (string, error) {
	format, zone, _ := strings.Cut(format, "|")
	if format == "" {
		format = "yyyy.MM.dd"
	}
	loc, err := esdate.ParseZone(zone)
	if err != nil {
		return "", err
	}
	f, err := esdate.ParseFormat(format)
	if err != nil {
		return "", err
	}
	at, err := esdate.Default.Math(math, false, loc, e.now())
	if err != nil {
		return "", err
	}
	return f.Text(at.In(loc)), nil
}

// prefilter selects the streams of the indices.
func (s *selection) prefilter() prefilter {
	if s.all {
		return prefilter{exact: true}
	}
	any := logs.Or{}
	var own, services []string
	for _, n := range s.names {
		own = append(own, regexp.QuoteMeta(n))
		if n == restIndex {
			any = append(any, inIndex(n)[1:]...)
		} else if service, ok := strings.CutPrefix(n, restIndex+"-"); ok && service != "" {
			services = append(services, regexp.QuoteMeta(service))
		}
	}
	if len(own) > 0 {
		any = append(any, logs.InStreams{Matchers: []*labels.Matcher{anyOfNames(indexLabel, own)}})
	}
	if len(services) > 0 {
		any = append(any, logs.InStreams{Matchers: []*labels.Matcher{
			labels.MustNewMatcher(labels.MatchEqual, indexLabel, ""), anyOfNames(serviceLabel, services)}})
	}
	if len(any) == 1 {
		return prefilter{filter: any[0], exact: true}
	}
	return prefilter{filter: any, exact: true}
}

func anyOfNames(label string, quoted []string) *labels.Matcher {
	return labels.MustNewMatcher(labels.MatchRegexp, label, strings.Join(quoted, "|"))
}

// empty says that there is nothing to search.
func (s *selection) empty() bool { return !s.all && len(s.names) == 0 }

// Resolve returns the sorted names of the indices that an expression means.
func (e *Engine) Resolve(ctx context.Context, t tenant.ID, expression string, o IndexOptions) ([]string, error) {
	sel, err := e.resolve(ctx, t, expression, o)
	if err != nil || !sel.all {
		return sel.list(), err
	}
	return e.Indices(ctx, t)
}

func (s *selection) list() []string {
	if s == nil {
		return nil
	}
	return s.names
}

// ParseDuration reads a number with one of Elasticsearch's units of time.
func ParseDuration(s string) (time.Duration, error) {
	d, err := esdate.ParseDuration(s)
	if err != nil {
		return 0, illegalf("%s", err)
	}
	return d, nil
}
