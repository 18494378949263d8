package auth

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/internal/httpx"
)

// deny answers a request that no handler sees, in the shape that clients of the
// path's API parse.
func deny(w http.ResponseWriter, r *http.Request, status int, message string) {
	path := r.URL.Path
	under := func(prefixes ...string) bool {
		for _, p := range prefixes {
			if path == p || strings.HasPrefix(path, p+"/") {
				return true
			}
		}
		return false
	}
	switch {
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc"):
		denyGRPC(w, status, message)
	case under("/elastic"), w.Header().Get(esapi.ProductHeader) != "": // Elasticsearch, also on a port of its own
		esapi.WriteError(w, r, &esapi.Error{Status: status, Type: elasticType(status), Reason: message})
	case under("/api/pharos"):
		httpx.WriteError(w, &httpx.Error{Status: status, Code: denialCode(status), Message: message})
	case under("/api/v2/logs", "/v1/input", "/api/v1/validate"): // Datadog
		httpx.WriteJSON(w, status, map[string]any{"errors": []string{message}})
	case under("/api/v1"): // Prometheus
		httpx.WriteJSON(w, status, map[string]string{"status": "error", "errorType": denialCode(status), "error": message})
	case under("/api/v2/spans", "/api/v2/traces", "/loki", "/federate", "/-"): // Zipkin, Loki, Prometheus' own
		plain(w, status, message)
	case under("/api/v2"): // Alertmanager: a JSON string
		httpx.WriteJSON(w, status, message)
	case under("/api/traces", "/api/services", "/api/operations", "/api/dependencies", "/api/metrics"): // Jaeger
		type jaegerError struct {
			Code int    `json:"code"`
			Msg  string `json:"msg"`
		}
		httpx.WriteJSON(w, status, map[string]any{
			"data": nil, "total": 0, "limit": 0, "offset": 0, "errors": []jaegerError{{status, message}},
		})
	case under("/services/collector"):
		denySplunk(w, r, status, message)
	case under("/v1"): // OTLP: google.rpc.Status
		httpx.WriteJSON(w, status, map[string]any{"code": rpcCode(status), "message": message})
	default:
		httpx.WriteError(w, &httpx.Error{Status: status, Code: denialCode(status), Message: message})
	}
}

// denyGRPC answers a gRPC call: its status travels in headers, HTTP's is 200.
func denyGRPC(w http.ResponseWriter, status int, message string) {
	h := w.Header()
	h.Set("Content-Type", "application/grpc")
	h.Set("Grpc-Status", strconv.Itoa(rpcCode(status)))
	h.Set("Grpc-Message", url.PathEscape(message)) // percent-encoded, as gRPC wants it
	w.WriteHeader(http.StatusOK)
}

func plain(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintln(w, message)
}

func denialCode(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "bad_data"
	case http.StatusUnauthorized:
		return "unauthenticated"
	case http.StatusForbidden:
		return "forbidden"
	case http.StatusTooManyRequests:
		return "too_many_attempts"
	case http.StatusServiceUnavailable:
		return "unavailable"
	}
	return "internal"
}

// elasticType is Elasticsearch's name of an error.
func elasticType(status int) string {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return "security_exception"
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return "es_rejected_execution_exception"
	}
	return "exception"
}

// rpcCode is google.rpc.Code's number.
func rpcCode(status int) int {
	switch status {
	case http.StatusBadRequest:
		return 3 // INVALID_ARGUMENT
	case http.StatusUnauthorized:
		return 16 // UNAUTHENTICATED
	case http.StatusForbidden:
		return 7 // PERMISSION_DENIED
	case http.StatusTooManyRequests:
		return 8 // RESOURCE_EXHAUSTED
	case http.StatusServiceUnavailable:
		return 14 // UNAVAILABLE
	}
	return 13 // INTERNAL
}

// asksForPassword reports whether WWW-Authenticate helps: for programs and for
// people who open an API's address, but not where our UI is asking, since the
// browser would put its own dialog over our sign-in page.
func asksForPassword(r *http.Request) bool {
	if strings.HasPrefix(r.URL.Path, "/api/pharos/") || SessionSecret(r) != "" {
		return false
	}
	mode := r.Header.Get("Sec-Fetch-Mode")
	return mode == "" || mode == "navigate"
}

// SetRetryAfter says in whole seconds when to come back.
func SetRetryAfter(h http.Header, e *ThrottledError) {
	h.Set("Retry-After", strconv.Itoa(max(int(math.Ceil(e.RetryAfter.Seconds())), 1)))
}
