package loki

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/pharosd/pharos/logs/logql"
)

// statusError is an error with its status.
type statusError struct {
	status int
	msg    string
}

func (e *statusError) Error() string { return e.msg }

func badRequest(err error) error { return &statusError{http.StatusBadRequest, err.Error()} }

// statusClientClosed is what Loki logs for clients that went away.
const statusClientClosed = 499

// status maps an error to Loki's status.
func status(err error) int {
	var s *statusError
	var refusal interface {
		error
		Refusal() (reason string, temporary bool)
	}
	switch {
	case errors.As(err, &s):
		return s.status
	case errors.As(err, &refusal): // of a store that cannot answer yet
		if _, temporary := refusal.Refusal(); temporary {
			return http.StatusServiceUnavailable
		}
	case errors.Is(err, logql.ErrUnsupported):
		return http.StatusNotImplemented
	case errors.Is(err, logql.ErrBusy):
		return http.StatusTooManyRequests
	case errors.Is(err, logql.ErrParse), errors.Is(err, logql.ErrPipeline), errors.Is(err, logql.ErrLimit),
		errors.Is(err, logql.ErrExecution), errors.Is(err, logql.ErrOnlyMatchers):
		return http.StatusBadRequest
	case errors.Is(err, context.Canceled):
		return statusClientClosed
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	}
	return http.StatusInternalServerError
}

func (a *API) writeError(w http.ResponseWriter, r *http.Request, err error) {
	code := status(err)
	if code == http.StatusInternalServerError {
		a.log.Error("log query failed", "path", r.URL.Path, "error", err)
	}
	if code == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	_, _ = io.WriteString(w, err.Error()+"\n")
}
