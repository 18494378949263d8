package alerting

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"

	"github.com/pharosd/pharos/tenant"
)

const (
	// MaxBody bounds the body of a request to the API in bytes.
	MaxBody = 4 << 20
	// MaxAlertsPerPost bounds the alerts in one body: each costs hundreds of bytes
	// of memory however short it is. Prometheus sends 256 at a time.
	MaxAlertsPerPost = 10_000
)

// Handler returns Alertmanager's API (paths under /api/v2/) for a tenant, and
// starts the tenant's Alertmanager if need be.
func (s *Service) Handler(t tenant.ID) (http.Handler, error) {
	inst, err := s.instance(t)
	if err != nil {
		return nil, err
	}
	return inst.handler, nil
}

// durable bounds what changes something and answers a change of silences only
// once it is on disk.
func (inst *instance) durable(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			writeAPIError(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("body is larger than %d bytes", tooLarge.Limit))
			return
		case err != nil:
			writeAPIError(w, http.StatusBadRequest, "read body: "+err.Error())
			return
		case countElements(body) > MaxAlertsPerPost:
			writeAPIError(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("body has more than %d elements; send several", MaxAlertsPerPost))
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if path.Clean(r.URL.Path) == "/api/v2/alerts" {
			next.ServeHTTP(w, r)
			return
		}
		answer := &heldAnswer{header: make(http.Header), status: http.StatusOK}
		next.ServeHTTP(answer, r)
		if answer.status/100 == 2 {
			if _, err := inst.silenceFile.save(); err != nil {
				inst.logger.Error("silence not saved", "error", err)
				writeAPIError(w, http.StatusInternalServerError, "the change is in effect but would not survive a restart: "+err.Error())
				return
			}
		}
		answer.release(w)
	})
}

// writeAPIError answers in the form of Alertmanager's own errors about requests.
func writeAPIError(w http.ResponseWriter, status int, message string) {
	b, err := json.Marshal(struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}{status, message})
	if err != nil {
		panic("BUG: " + err.Error())
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

// heldAnswer keeps an answer back. Answers to changes of silences are short.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *heldAnswer) Header() http.Header         { return a.header }
func (a *heldAnswer) WriteHeader(status int)      { a.status = status }
func (a *heldAnswer) Write(b []byte) (int, error) { return a.body.Write(b) }

func (a *heldAnswer) release(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes())
}

// countElements counts the elements of a JSON array, or the members of an
// object, by its commas at depth one. It judges no syntax: of malformed text it
// returns some number, and the parser refuses the text.
func countElements(text []byte) int {
	count, depth, inString := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		case c == ',' && depth == 1:
			count++
		}
	}
	return count + 1
}
