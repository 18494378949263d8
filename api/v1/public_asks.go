package v1

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/httpx"
)

func notShared(message string) error {
	return &httpx.Error{Status: http.StatusForbidden, Code: "not_shared", Message: message}
}

// other is the request for what a shared dashboard asks that is no text of a query language.
// Of what came in only what was compared goes on.
func (p *Public) other(r *http.Request, f dashboards.Followed, link *publicLink) (*http.Request, error) {
	path := strings.Trim(r.PathValue("path"), "/")
	if path == "elastic/_msearch" {
		return p.elastic(r, f, link)
	}
	if err := r.ParseForm(); err != nil {
		return nil, &httpx.Error{Status: http.StatusBadRequest, Code: "bad_request", Message: err.Error()}
	}
	id, isTrace := strings.CutPrefix(path, "api/traces/")
	switch {
	case isTrace && link.asks.Trace(id):
		return p.ask(r, f, http.MethodGet, "/api/traces/"+id, nil)
	case isTrace:
		return nil, notShared("this trace is not on the shared dashboard")
	case path == "api/traces" && link.asks.TraceSearch(r.Form):
		return p.timed(r, f, link, "/api/traces", []string{"service", "operation", "tags", "minDuration", "maxDuration", "limit"}, map[string]time.Duration{"start": time.Microsecond, "end": time.Microsecond})
	case path == "api/traces":
		return nil, notShared("this search is none of the shared dashboard's own")
	case path == "api/dependencies" && link.asks.ServiceGraph():
		return p.dependencies(r, f, link)
	case path == "api/pharos/v1/annotations" && link.asks.Annotations(r.Form, f.UID):
		return p.timed(r, f, link, "/api/pharos/v1/annotations", []string{"tags", "matchAny", "dashboard_uid", "limit"}, map[string]time.Duration{"from": time.Millisecond, "to": time.Millisecond})
	case path == "api/pharos/v1/annotations" || path == "api/dependencies":
		return nil, notShared("the shared dashboard does not show this")
	}
	return nil, &httpx.Error{Status: http.StatusForbidden, Code: "not_shared", Message: "public links do not answer this path",
		Hint: "they answer the queries of the shared dashboard's panels and annotations"}
}

// timed passes the named parameters and the times, which are counted in the given units.
func (p *Public) timed(r *http.Request, f dashboards.Followed, link *publicLink, path string, pass []string, times map[string]time.Duration) (*http.Request, error) {
	q := url.Values{}
	for _, name := range pass {
		if r.Form.Has(name) {
			q[name] = r.Form[name]
		}
	}
	for name, unit := range times {
		n, err := strconv.ParseInt(r.Form.Get(name), 10, 64)
		if err != nil {
			return nil, badParameter(name, r.Form.Get(name), "a whole number")
		}
		if f.FixedTime {
			if err := link.withinTime(name, timeOfUnits(n, unit), time.Now(), f.Time); err != nil {
				return nil, err
			}
		}
		q.Set(name, strconv.FormatInt(n, 10))
	}
	return p.ask(r, f, http.MethodGet, path+"?"+q.Encode(), nil)
}

func timeOfUnits(n int64, unit time.Duration) time.Time {
	if unit == time.Microsecond {
		return time.UnixMicro(n)
	}
	return time.UnixMilli(n)
}

// dependencies passes the time before endTs that is looked at, in milliseconds.
func (p *Public) dependencies(r *http.Request, f dashboards.Followed, link *publicLink) (*http.Request, error) {
	end, errEnd := strconv.ParseInt(r.Form.Get("endTs"), 10, 64)
	lookback, errLookback := strconv.ParseInt(r.Form.Get("lookback"), 10, 64)
	if errEnd != nil || errLookback != nil || lookback < 0 || end < lookback {
		return nil, badParameter("endTs, lookback", r.Form.Get("endTs")+", "+r.Form.Get("lookback"), "whole numbers of milliseconds")
	}
	if f.FixedTime {
		for name, ms := range map[string]int64{"endTs": end, "lookback": end - lookback} {
			if err := link.withinTime(name, time.UnixMilli(ms), time.Now(), f.Time); err != nil {
				return nil, err
			}
		}
	}
	q := url.Values{"endTs": {strconv.FormatInt(end, 10)}, "lookback": {strconv.FormatInt(lookback, 10)}}
	return p.ask(r, f, http.MethodGet, "/api/dependencies?"+q.Encode(), nil)
}

// elastic passes a multi-search of one search that is one of the dashboard's.
func (p *Public) elastic(r *http.Request, f dashboards.Followed, link *publicLink) (*http.Request, error) {
	text, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxPublicParams))
	if err != nil {
		return nil, &httpx.Error{Status: http.StatusRequestEntityTooLarge, Code: "too_large", Message: err.Error()}
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	var header struct {
		Index any `json:"index"`
	}
	var body any
	if r.Method != http.MethodPost || len(lines) != 2 || json.Unmarshal(lines[0], &header) != nil || json.Unmarshal(lines[1], &body) != nil {
		return nil, &httpx.Error{Status: http.StatusBadRequest, Code: "bad_request", Message: "a public link answers a multi-search of one search", Hint: "POST a header line and a body line"}
	}
	times, ok := link.asks.ElasticSearch(body)
	if !ok || header.Index != "*" {
		return nil, notShared("this search is none of the shared dashboard's own")
	}
	if f.FixedTime {
		for _, at := range times {
			if err := link.withinTime("@timestamp", at, time.Now(), f.Time); err != nil {
				return nil, err
			}
		}
	}
	clean, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString(`{"index":"*","ignore_unavailable":true}` + "\n")
	out.Write(clean)
	out.WriteByte('\n')
	inner, err := p.ask(r, f, http.MethodPost, "/elastic/_msearch", &out)
	if err != nil {
		return nil, err
	}
	inner.Header.Set("Content-Type", "application/x-ndjson")
	return inner, nil
}
