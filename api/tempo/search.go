package tempo

import (
	"encoding/hex"
	"math"
	"net/http"
	"strconv"

	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces/traceql"
)

// rootMissing is what Tempo says of traces whose root did not come.
const rootMissing = "<root span not yet received>"

type searchResponse struct {
	Traces  []foundTrace  `json:"traces"`
	Metrics searchMetrics `json:"metrics"`
}

// searchMetrics says how much was read.
type searchMetrics struct {
	InspectedTraces int `json:"inspectedTraces,omitempty"`
	CompletedJobs   int `json:"completedJobs"`
	TotalJobs       int `json:"totalJobs"`
}

type foundTrace struct {
	TraceID           string                  `json:"traceID"`
	RootServiceName   string                  `json:"rootServiceName"`
	RootTraceName     string                  `json:"rootTraceName"`
	StartTimeUnixNano string                  `json:"startTimeUnixNano"`
	DurationMs        uint32                  `json:"durationMs,omitempty"`
	SpanSet           *spanSet                `json:"spanSet,omitempty"` // the first, for older clients
	SpanSets          []spanSet               `json:"spanSets,omitempty"`
	ServiceStats      map[string]serviceStats `json:"serviceStats,omitempty"`
}

type serviceStats struct {
	SpanCount  int `json:"spanCount"`
	ErrorCount int `json:"errorCount,omitempty"`
}

type spanSet struct {
	Spans      []foundSpan `json:"spans"`
	Matched    int         `json:"matched"`
	Attributes []keyValue  `json:"attributes,omitempty"`
}

type foundSpan struct {
	SpanID            string     `json:"spanID"`
	Name              string     `json:"name,omitempty"`
	StartTimeUnixNano string     `json:"startTimeUnixNano"`
	DurationNanos     string     `json:"durationNanos"`
	Attributes        []keyValue `json:"attributes,omitempty"`
}

// keyValue is OpenTelemetry's in JSON.
type keyValue struct {
	Key   string         `json:"key"`
	Value map[string]any `json:"value"`
}

func keyValues(list []traceql.Attr) []keyValue {
	out := make([]keyValue, 0, len(list))
	for _, a := range list {
		out = append(out, keyValue{a.Key, anyValue(a.Value)})
	}
	return out
}

// anyValue returns OpenTelemetry's form of a value. Durations, statuses and kinds are
// texts, as in Tempo.
func anyValue(v traceql.Value) map[string]any {
	switch v.Type {
	case traceql.Int:
		return map[string]any{"intValue": strconv.FormatInt(v.Int, 10)}
	case traceql.Float:
		if !math.IsInf(v.Float, 0) && !math.IsNaN(v.Float) {
			return map[string]any{"doubleValue": v.Float}
		}
	case traceql.Bool:
		return map[string]any{"boolValue": v.Int != 0}
	case traceql.List:
		values := make([]any, len(v.List))
		for i, e := range v.List {
			values[i] = anyValue(e)
		}
		return map[string]any{"arrayValue": map[string]any{"values": values}}
	}
	return map[string]any{"stringValue": v.Text()}
}

// search serves /api/search.
func (a *API) search(w http.ResponseWriter, r *http.Request) {
	found, err := a.findTraces(r, nil)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	out := searchResponse{Traces: make([]foundTrace, 0, len(found.Traces)), Metrics: searchMetrics{found.Candidates, 1, 1}}
	for _, t := range found.Traces {
		out.Traces = append(out.Traces, showTrace(t))
	}
	answer(w, found.Incomplete, out)
}

// findTraces runs the search of a request; each, unless it is nil, gets every trace as soon
// as it is found.
func (a *API) findTraces(r *http.Request, each func(traceql.FoundTrace) error) (traceql.SearchResult, error) {
	opts, err := a.searchOptions(r)
	if err != nil {
		return traceql.SearchResult{}, err
	}
	q, err := parseSearch(r)
	if err != nil {
		return traceql.SearchResult{}, err
	}
	opts.Found = each
	return a.engine.Search(r.Context(), tenant.FromContext(r.Context()), q, opts)
}

func (a *API) searchOptions(r *http.Request) (opts traceql.SearchOptions, err error) {
	if opts.Start, opts.End, err = a.timeRange(r); err != nil {
		return opts, err
	}
	if opts.Limit, err = parseCount(r, "limit", defaultLimit); err != nil {
		return opts, err
	}
	if opts.SpansPerSet, err = parseCount(r, "spss", defaultSpansPerSet); err != nil {
		return opts, err
	}
	if opts.MinDuration, err = optionalDuration(r, "minDuration"); err != nil {
		return opts, err
	}
	opts.MaxDuration, err = optionalDuration(r, "maxDuration")
	return opts, err
}

// rootServiceOf is the service of a trace's root. Services have a name, roots need none.
func rootServiceOf(t traceql.FoundTrace) string {
	if t.RootService == "" {
		return rootMissing
	}
	return t.RootService
}

func durationMs(t traceql.FoundTrace) uint32 { return uint32(min(t.Duration/1e6, math.MaxUint32)) }

func showTrace(t traceql.FoundTrace) foundTrace {
	out := foundTrace{
		TraceID: traceql.TraceIDText(t.ID), RootServiceName: rootServiceOf(t), RootTraceName: t.RootName,
		StartTimeUnixNano: strconv.FormatInt(t.Start, 10), DurationMs: durationMs(t),
		ServiceStats: make(map[string]serviceStats, len(t.Services)),
	}
	for name, s := range t.Services {
		out.ServiceStats[name] = serviceStats{s.Spans, s.Errors}
	}
	for _, set := range t.Sets {
		shown := spanSet{Spans: make([]foundSpan, 0, len(set.Spans)), Matched: set.Matched, Attributes: keyValues(set.Notes)}
		for _, s := range set.Spans {
			shown.Spans = append(shown.Spans, foundSpan{
				SpanID: hex.EncodeToString(s.ID[:]), Name: s.Name,
				StartTimeUnixNano: strconv.FormatInt(s.Start, 10), DurationNanos: strconv.FormatInt(s.Duration, 10),
				Attributes: keyValues(s.Attributes),
			})
		}
		out.SpanSets = append(out.SpanSets, shown)
	}
	if len(out.SpanSets) > 0 {
		out.SpanSet = &out.SpanSets[0]
	}
	return out
}
