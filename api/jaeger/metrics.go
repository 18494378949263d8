package jaeger

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Jaeger's monitoring page asks for metrics that Jaeger takes from a Prometheus.
// Without one it answers 501 to every valid request, and so do we: Pharos has
// these metrics in its own dashboards.
var errMetricsDisabled = errors.New("metrics querying is currently disabled")

const (
	paramQuantile         = "quantile"
	paramGroupByOperation = "groupByOperation"
	paramStep             = "step"
	paramRatePer          = "ratePer"
)

func (a *API) latencies(w http.ResponseWriter, r *http.Request) {
	if _, err := strconv.ParseFloat(r.FormValue(paramQuantile), 64); err != nil {
		a.fail(w, r, http.StatusBadRequest, parseError(err, paramQuantile))
		return
	}
	a.rates(w, r)
}

func (a *API) rates(w http.ResponseWriter, r *http.Request) {
	if err := a.checkMetricsParams(r); err != nil {
		a.fail(w, r, http.StatusBadRequest, err)
		return
	}
	a.minStep(w, r)
}

func (a *API) minStep(w http.ResponseWriter, r *http.Request) {
	a.fail(w, r, http.StatusNotImplemented, errMetricsDisabled)
}

func (a *API) checkMetricsParams(r *http.Request) error {
	query := r.URL.Query()
	if _, ok := query[paramService]; !ok {
		return parseError(errors.New("please provide at least one service name"), paramService)
	}
	if _, err := parseBool(r, paramGroupByOperation); err != nil {
		return err
	}
	for _, kind := range query[paramSpanKind] {
		switch kind {
		case "unspecified", "internal", "server", "client", "producer", "consumer":
		default:
			return parseError(fmt.Errorf("unsupported span kind: '%s'", kind), paramSpanKind)
		}
	}
	if _, err := a.parseTime(r, paramEndTs, time.Millisecond, 0); err != nil {
		return err
	}
	for _, name := range []string{paramLookback, paramStep, paramRatePer} {
		if _, err := parseDuration(r, name, parseMilliseconds, 0); err != nil {
			return err
		}
	}
	return nil
}
