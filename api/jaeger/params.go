package jaeger

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jaegertracing/jaeger-idl/model/v1"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/pharosd/pharos/traces"
)

// Parameters of Jaeger's API.
const (
	paramService     = "service"
	paramOperation   = "operation"
	paramSpanKind    = "spanKind"
	paramTag         = "tag"
	paramTags        = "tags"
	paramStart       = "start"
	paramEnd         = "end"
	paramLimit       = "limit"
	paramMinDuration = "minDuration"
	paramMaxDuration = "maxDuration"
	paramTraceID     = "traceID"
	paramRaw         = "raw"
	paramPrettyPrint = "prettyPrint"
	paramEndTs       = "endTs"
	paramLookback    = "lookback"
)

// Jaeger's defaults.
const (
	defaultSearchLookback       = 2 * 24 * time.Hour
	defaultDependenciesLookback = 24 * time.Hour
	defaultLimit                = 100
)

var (
	errNegativeSkew     = errors.New("must not be negative")
	errServiceRequired  = fmt.Errorf("parameter '%s' is required", paramService)
	errDurationsCrossed = fmt.Errorf("'%s' should be greater than '%s'", paramMaxDuration, paramMinDuration)
)

// searchParams are the parameters of /api/traces.
type searchParams struct {
	query traces.Query
	ids   []pcommon.TraceID
	raw   bool
	// none says that nothing can match.
	none bool
}

// parseSearch reads parameters in Jaeger's order, which decides which mistake is
// reported.
func (a *API) parseSearch(r *http.Request) (searchParams, error) {
	var p searchParams
	start, err := a.parseTime(r, paramStart, time.Microsecond, defaultSearchLookback)
	if err != nil {
		return p, err
	}
	end, err := a.parseTime(r, paramEnd, time.Microsecond, 0)
	if err != nil {
		return p, err
	}
	tags, err := parseTags(r.Form[paramTag], r.Form[paramTags])
	if err != nil {
		return p, err
	}
	limit := int64(defaultLimit)
	if s := r.FormValue(paramLimit); s != "" {
		if limit, err = strconv.ParseInt(s, 10, 32); err != nil {
			return p, err
		}
	}
	minDuration, err := parseDuration(r, paramMinDuration, time.ParseDuration, 0)
	if err != nil {
		return p, err
	}
	maxDuration, err := parseDuration(r, paramMaxDuration, time.ParseDuration, 0)
	if err != nil {
		return p, err
	}
	for _, s := range r.Form[paramTraceID] {
		id, err := model.TraceIDFromString(s)
		if err != nil {
			return p, fmt.Errorf("cannot parse traceID param: %w", err)
		}
		p.ids = append(p.ids, otlpTraceID(id))
	}
	if p.raw, err = parseBool(r, paramRaw); err != nil {
		return p, err
	}
	if len(p.ids) == 0 && r.FormValue(paramService) == "" {
		return p, errServiceRequired
	}
	if minDuration != 0 && maxDuration != 0 && maxDuration < minDuration {
		return p, errDurationsCrossed
	}
	p.query = traces.Query{
		Start:       start,
		End:         inclusive(end),
		Service:     r.FormValue(paramService),
		Operation:   r.FormValue(paramOperation),
		MinDuration: max(0, int64(minDuration)),
		MaxDuration: max(0, int64(maxDuration)),
		Where:       conditions(tags),
		Limit:       int(max(0, limit)),
	}
	p.none = maxDuration < 0
	return p, nil
}

// inclusive turns an inclusive end into an exclusive one.
func inclusive(end int64) int64 {
	if end == math.MaxInt64 {
		return end
	}
	return end + 1
}

// parseTime returns nanoseconds since the epoch; a missing parameter is now less
// the lookback.
func (a *API) parseTime(r *http.Request, name string, unit, lookback time.Duration) (int64, error) {
	s := r.FormValue(name)
	if s == "" {
		return a.now().Add(-lookback).UnixNano(), nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, parseError(err, name)
	}
	return saturate(n, int64(unit)), nil
}

// saturate multiplies without overflow.
func saturate(n, unit int64) int64 {
	if n > math.MaxInt64/unit {
		return math.MaxInt64
	}
	if n < math.MinInt64/unit {
		return math.MinInt64
	}
	return n * unit
}

func parseDuration(r *http.Request, name string, parse func(string) (time.Duration, error), missing time.Duration) (time.Duration, error) {
	s := r.FormValue(name)
	if s == "" {
		return missing, nil
	}
	d, err := parse(s)
	if err != nil {
		return 0, parseError(err, name)
	}
	return d, nil
}

func parseMilliseconds(s string) (time.Duration, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, err
	}
	return time.Duration(saturate(n, int64(time.Millisecond))), nil
}

func parseBool(r *http.Request, name string) (bool, error) {
	s := r.FormValue(name)
	if s == "" {
		return false, nil
	}
	b, err := strconv.ParseBool(s)
	if err != nil {
		return false, parseError(err, name)
	}
	return b, nil
}

func parseError(err error, name string) error {
	return fmt.Errorf("unable to parse param '%s': %w", name, err)
}

// parseTags reads tag=key:value and tags={"key":"value"}; the latter win.
func parseTags(simple, objects []string) (map[string]string, error) {
	out := map[string]string{}
	for _, tag := range simple {
		k, v, ok := strings.Cut(tag, ":")
		if !ok {
			return nil, fmt.Errorf("malformed 'tag' parameter, expecting key:value, received: %s", tag)
		}
		out[k] = v
	}
	for _, object := range objects {
		var m map[string]string
		if err := json.Unmarshal([]byte(object), &m); err != nil {
			return nil, fmt.Errorf("malformed 'tags' parameter, cannot unmarshal JSON: %w", err)
		}
		maps.Copy(out, m)
	}
	return out, nil
}

func otlpTraceID(id model.TraceID) pcommon.TraceID {
	var out pcommon.TraceID
	for i := range 8 {
		out[i] = byte(id.High >> (56 - 8*i))
		out[8+i] = byte(id.Low >> (56 - 8*i))
	}
	return out
}

func traceIDOf(id pcommon.TraceID) model.TraceID {
	var out model.TraceID
	for i := range 8 {
		out.High = out.High<<8 | uint64(id[i])
		out.Low = out.Low<<8 | uint64(id[8+i])
	}
	return out
}
