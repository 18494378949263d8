package loki

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/pharosd/pharos/logs/logql"
)

// Parameters of requests, with Loki's defaults and error texts.
const (
	defaultLimit = 100
	defaultSince = time.Hour
	maxPoints    = 11000
)

var (
	errEndBeforeStart = errors.New("end timestamp must not be before or equal to start time")
	errStepNotPos     = errors.New("zero or negative query resolution step widths are not accepted. Try a positive integer")
	errStepTooSmall   = errors.New("exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter")
	errNegInterval    = errors.New("interval must be >= 0")
)

// parseTime reads seconds (with a fraction), nanoseconds (more than ten digits)
// or RFC 3339.
func parseTime(s string, def time.Time) (time.Time, error) {
	if s == "" {
		return def, nil
	}
	if strings.Contains(s, ".") {
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			sec, frac := math.Modf(f)
			return time.Unix(int64(sec), int64(math.Round(frac*1000)/1000*1e9)), nil
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil:
		if t, terr := time.Parse(time.RFC3339Nano, s); terr == nil {
			return t, nil
		}
		return time.Time{}, err
	case len(s) <= 10:
		return time.Unix(n, 0), nil
	}
	return time.Unix(0, n), nil
}

// bounds reads start, end and since.
func bounds(r *http.Request) (start, end time.Time, err error) {
	now := time.Now()
	since := defaultSince
	if s := r.Form.Get("since"); s != "" {
		d, err := model.ParseDuration(s)
		if err != nil {
			return start, end, badRequest(fmt.Errorf("could not parse 'since' parameter: %w", err))
		}
		since = time.Duration(d)
	}
	if end, err = parseTime(r.Form.Get("end"), now); err != nil {
		return start, end, badRequest(fmt.Errorf("could not parse 'end' parameter: %w", err))
	}
	latest := end
	if latest.After(now) {
		latest = now
	}
	if start, err = parseTime(r.Form.Get("start"), latest.Add(-since)); err != nil {
		return start, end, badRequest(fmt.Errorf("could not parse 'start' parameter: %w", err))
	}
	if end.Before(start) {
		return start, end, badRequest(errEndBeforeStart)
	}
	return clamp(start), clamp(end), nil
}

// Times outside of these hold no entries, and sums of them must fit into
// nanoseconds.
var (
	firstTime = time.Unix(0, 0)
	lastTime  = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

func clamp(t time.Time) time.Time {
	switch {
	case t.Before(firstTime):
		return firstTime
	case t.After(lastTime):
		return lastTime
	}
	return t
}

func parseStep(s string) (time.Duration, error) {
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		ns := f * float64(time.Second)
		if ns > math.MaxInt64 || ns < math.MinInt64 {
			return 0, badRequest(fmt.Errorf("cannot parse %q to a valid duration. It overflows int64", s))
		}
		return time.Duration(ns), nil
	}
	if d, err := model.ParseDuration(s); err == nil {
		return time.Duration(d), nil
	}
	return 0, badRequest(fmt.Errorf("cannot parse %q to a valid duration", s))
}

// positiveInt reads a number above zero.
func positiveInt(s string, def int) (int, error) {
	if s == "" {
		return def, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, badRequest(err)
	}
	if n <= 0 {
		return 0, badRequest(errors.New("limit must be a positive value"))
	}
	return n, nil
}

func forward(r *http.Request) (bool, error) {
	switch d := r.Form.Get("direction"); strings.ToLower(d) {
	case "", "backward":
		return false, nil
	case "forward":
		return true, nil
	default:
		return false, badRequest(fmt.Errorf("invalid direction '%s'", d))
	}
}

// stepOf reads step; without one a range has some 250 points.
func stepOf(r *http.Request, start, end time.Time) (time.Duration, error) {
	step := max(time.Second, (end.Sub(start) / 250).Truncate(time.Second))
	if s := r.Form.Get("step"); s != "" {
		var err error
		if step, err = parseStep(s); err != nil {
			return 0, err
		}
	}
	if step <= 0 {
		return 0, badRequest(errStepNotPos)
	}
	if end.Sub(start)/step > maxPoints {
		return 0, badRequest(errStepTooSmall)
	}
	return step, nil
}

// rangeParams reads the parameters of query_range.
func rangeParams(r *http.Request) (logql.Params, error) {
	var p logql.Params
	start, end, err := bounds(r)
	if err != nil {
		return p, err
	}
	p.Start, p.End = start.UnixNano(), end.UnixNano()
	if p.Limit, err = positiveInt(r.Form.Get("limit"), defaultLimit); err != nil {
		return p, err
	}
	if p.Forward, err = forward(r); err != nil {
		return p, err
	}
	step, err := stepOf(r, start, end)
	if err != nil {
		return p, err
	}
	p.Step = int64(step)
	if s := r.Form.Get("interval"); s != "" {
		d, err := parseStep(s)
		if err != nil {
			return p, err
		}
		if d < 0 {
			return p, badRequest(errNegInterval)
		}
		p.Interval = int64(d)
	}
	return p, nil
}

// align widens a metric query to whole steps since the epoch, so that the same
// range asked a little later has the same points.
func align(p *logql.Params) {
	p.Start -= p.Start % p.Step
	if rest := p.End % p.Step; rest != 0 {
		p.End += p.Step - rest
	}
}

// encodingFlags returns the flags of the header that we know.
func categorize(r *http.Request) bool {
	for _, f := range strings.Split(r.Header.Get("X-Loki-Response-Encoding-Flags"), ",") {
		if strings.TrimSpace(f) == flagCategorize {
			return true
		}
	}
	return false
}

const flagCategorize = "categorize-labels"
