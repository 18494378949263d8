package tempo

import (
	"fmt"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/go-logfmt/logfmt"

	"github.com/pharosd/pharos/traces/traceql"
)

// Tempo's defaults.
const (
	defaultLimit       = 20
	defaultSpansPerSet = 3
	defaultSince       = time.Hour
	defaultTagLimit    = 5000
)

// timeRange reads start and end, Unix seconds. Without both it is all that is stored.
func (a *API) timeRange(r *http.Request) (start, end int64, err error) {
	first, last := r.FormValue("start"), r.FormValue("end")
	if (first == "" || first == "0") && (last == "" || last == "0") {
		// Spans may be a little in the future of this clock.
		return 0, a.now().Add(time.Hour).UnixNano(), nil
	}
	if start, err = parseTime("start", first, 0); err != nil {
		return 0, 0, err
	}
	if end, err = parseTime("end", last, a.now().UnixNano()); err != nil {
		return 0, 0, err
	}
	if start > end {
		return 0, 0, badRequest("invalid start and end: start is after end")
	}
	if end%1e9 == 0 { // seconds: the last one is part of the range
		return start, end + 1e9, nil
	}
	return start, end + 1, nil
}

// parseTime reads Unix seconds or nanoseconds or RFC 3339, as nanoseconds.
func parseTime(name, s string, missing int64) (int64, error) {
	if s == "" {
		return missing, nil
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		switch {
		case n < 0:
		case n < 1e11: // until the year 5138
			return n * 1e9, nil
		case n > 1e17: // nanoseconds since 1973
			return n, nil
		default:
			return 0, badRequest(fmt.Sprintf("invalid %s: %s is neither seconds nor nanoseconds since 1970", name, s))
		}
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && f >= 0 && f < 1e10 {
		return int64(f * 1e9), nil
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t.UnixNano(), nil
	}
	return 0, badRequest(fmt.Sprintf("invalid %s: want Unix seconds, nanoseconds or RFC 3339, got %.60q", name, s))
}

// metricsRange reads start and end, or since.
func (a *API) metricsRange(r *http.Request) (start, end int64, err error) {
	end, err = parseTime("end", r.FormValue("end"), a.now().UnixNano())
	if err != nil {
		return 0, 0, err
	}
	since := defaultSince
	if s := r.FormValue("since"); s != "" {
		if since, err = parseDuration("since", s); err != nil {
			return 0, 0, err
		}
	}
	if start, err = parseTime("start", r.FormValue("start"), end-int64(since)); err != nil {
		return 0, 0, err
	}
	if start >= end {
		return 0, 0, badRequest("invalid start and end: start is not before end")
	}
	return start, end, nil
}

// parseDuration reads a duration with a unit, or seconds.
func parseDuration(name, s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		seconds, numberErr := strconv.ParseFloat(s, 64)
		if numberErr != nil || math.Abs(seconds) > 1e9 {
			return 0, badRequest(fmt.Sprintf("invalid %s: want a duration such as 30s, got %.60q", name, s))
		}
		d = time.Duration(seconds * float64(time.Second))
	}
	if d <= 0 {
		return 0, badRequest(fmt.Sprintf("invalid %s: want more than 0", name))
	}
	return d, nil
}

func optionalDuration(r *http.Request, name string) (int64, error) {
	s := r.FormValue(name)
	if s == "" {
		return 0, nil
	}
	d, err := parseDuration(name, s)
	return int64(d), err
}

// parseCount reads a number of things; missing stands for none and for 0.
func parseCount(r *http.Request, name string, missing int) (int, error) {
	s := r.FormValue(name)
	if s == "" {
		return missing, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, badRequest(fmt.Sprintf("invalid %s: want a number from 0 on, got %.60q", name, s))
	}
	if n == 0 {
		return missing, nil
	}
	return n, nil
}

// parseSearch reads the query of a search: TraceQL, or tags.
func parseSearch(r *http.Request) (*traceql.Query, error) {
	text := r.FormValue("q")
	if tags := r.FormValue("tags"); tags != "" {
		if text != "" {
			return nil, badRequest("invalid request: q and tags exclude each other")
		}
		var err error
		if text, err = tagQuery(tags); err != nil {
			return nil, err
		}
	}
	if strings.TrimSpace(text) == "" {
		text = "{ }"
	}
	return traceql.Parse(text)
}

// tagQuery turns tags in logfmt into TraceQL: values are found within attributes in any
// case, and numbers and true and false as what they are too.
func tagQuery(tags string) (string, error) {
	d := logfmt.NewDecoder(strings.NewReader(tags))
	var parts []string
	for d.ScanRecord() {
		for d.ScanKeyval() {
			part, err := tagCondition(string(d.Key()), string(d.Value()))
			if err != nil {
				return "", err
			}
			parts = append(parts, part)
		}
	}
	if d.Err() != nil {
		return "", badRequest("invalid tags: want logfmt, such as service.name=shop http.method=GET: " + d.Err().Error())
	}
	return "{ " + strings.Join(parts, " && ") + " }", nil
}

func tagCondition(key, value string) (string, error) {
	within := strconv.Quote("(?is).*" + regexp.QuoteMeta(value) + ".*")
	switch key {
	case "name":
		return "name =~ " + within, nil
	case "root.name":
		return "rootName =~ " + within, nil
	case "root.service.name":
		return "rootServiceName =~ " + within, nil
	case "status.code", "status":
		switch value {
		case "error", "ok", "unset":
			return "status = " + value, nil
		}
		return "", badRequest(fmt.Sprintf("invalid tags: %s must be error, ok or unset", key))
	case "error":
		if value == "true" {
			return "(status = error || .error = true)", nil
		}
	}
	field := traceql.Field{Name: key}.String()
	condition := field + " =~ " + within
	_, notNumber := strconv.ParseFloat(value, 64)
	if notNumber == nil && strings.Trim(value, "+-.0123456789") == "" || value == "true" || value == "false" {
		condition = "(" + condition + " || " + field + " = " + strings.TrimPrefix(value, "+") + ")"
	}
	return condition, nil
}
