package zipkin

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/pharosd/pharos/traces/traceql"
)

// Zipkin's defaults.
const (
	defaultLimit    = 10
	defaultLookback = 24 * time.Hour
)

// search serves /api/v2/traces.
func (a *API) search(r *http.Request) (any, error) {
	text, err := query(r)
	if err != nil {
		return nil, err
	}
	q, err := traceql.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("BUG: a search is no valid query: %w", err)
	}
	opts := traceql.SearchOptions{SpansPerSet: 1, Limit: defaultLimit}
	if opts.Start, opts.End, err = a.timeRange(r, false); err != nil {
		return nil, err
	}
	if limit, err := number(r, "limit"); err != nil {
		return nil, err
	} else if limit > 0 {
		opts.Limit = int(min(limit, 3000))
	}
	found, err := a.engine.Search(r.Context(), tenantOf(r), q, opts)
	if err != nil {
		return nil, err
	}
	var ids []pcommon.TraceID
	for _, t := range found.Traces {
		ids = append(ids, t.ID)
	}
	return a.fetch(r, ids)
}

// number reads a parameter that is a number from 0 on; -1 means that there is none.
func number(r *http.Request, name string) (int64, error) {
	s := r.FormValue(name)
	if s == "" {
		return -1, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > 1e15 {
		return 0, badRequest("%s must be a number from 0 on, is %.60q", name, s)
	}
	return n, nil
}

// timeRange reads endTs and lookback, milliseconds, as nanoseconds.
func (a *API) timeRange(r *http.Request, mustEnd bool) (start, end int64, err error) {
	last, err := number(r, "endTs")
	if err != nil {
		return 0, 0, err
	}
	lookback, err := number(r, "lookback")
	if err != nil {
		return 0, 0, err
	}
	switch {
	case last < 0 && mustEnd:
		return 0, 0, badRequest("endTs is required")
	case last < 0:
		last = a.now().UnixMilli()
	case last > 9e12: // the year 2255
		last = 9e12
	}
	if lookback < 0 {
		lookback = defaultLookback.Milliseconds()
	}
	first := max(last-lookback, 0)
	return first * 1e6, (last + 1) * 1e6, nil
}

// query turns the parameters of a search into TraceQL.
func query(r *http.Request) (string, error) {
	var parts []string
	service := func(name, field string) {
		if v := r.FormValue(name); v != "" && v != "all" {
			parts = append(parts, field+" = "+strconv.Quote(v))
		}
	}
	service("serviceName", "resource.service.name")
	service("spanName", "name")
	if v := r.FormValue("remoteServiceName"); v != "" && v != "all" {
		parts = append(parts, fmt.Sprintf("(span.peer.service = %[1]q || span.server.address = %[1]q || span.net.peer.name = %[1]q)", v))
	}
	shortest, err := number(r, "minDuration")
	if err != nil {
		return "", err
	}
	longest, err := number(r, "maxDuration")
	if err != nil {
		return "", err
	}
	if longest >= 0 && shortest < 0 {
		return "", badRequest("maxDuration needs minDuration")
	}
	if longest >= 0 && longest < shortest {
		return "", badRequest("maxDuration is less than minDuration")
	}
	if shortest > 0 {
		parts = append(parts, fmt.Sprintf("duration >= %dus", shortest))
	}
	if longest >= 0 {
		parts = append(parts, fmt.Sprintf("duration <= %dus", longest))
	}
	for _, term := range strings.Split(r.FormValue("annotationQuery"), " and ") {
		if term = strings.TrimSpace(term); term != "" {
			parts = append(parts, annotation(term))
		}
	}
	return "{ " + strings.Join(parts, " && ") + " }", nil
}

// annotation turns a term of annotationQuery into a condition: key=value is a tag, a
// word alone is the name of an annotation or of a tag.
func annotation(term string) string {
	key, value, isTag := strings.Cut(term, "=")
	field := traceql.Field{Name: strings.TrimSpace(key)}.String()
	if !isTag {
		if key == "error" {
			return "(status = error || " + field + " != nil)"
		}
		return "(" + field + " != nil || event:name = " + strconv.Quote(key) + ")"
	}
	value = strings.TrimSpace(value)
	condition := field + " = " + strconv.Quote(value)
	// What Zipkin has as a text may have been a number or a truth.
	if _, err := strconv.ParseInt(value, 10, 64); err == nil || value == "true" || value == "false" {
		condition = "(" + condition + " || " + field + " = " + strings.TrimPrefix(value, "+") + ")"
	}
	return condition
}
