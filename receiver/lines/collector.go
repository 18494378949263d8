package lines

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/receiver/internal/door"
)

// preflight tells a browser whether a page of another site may post.
func (r *Receiver) preflight(w http.ResponseWriter, req *http.Request) {
	if r.cors(w, req) {
		h := w.Header()
		h.Set("Access-Control-Allow-Methods", "POST")
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key")
		h.Set("Access-Control-Max-Age", "600")
	}
	w.WriteHeader(http.StatusNoContent)
}

// cors lets a page of an allowed origin see the answer.
func (r *Receiver) cors(w http.ResponseWriter, req *http.Request) bool {
	origin := req.Header.Get("Origin")
	w.Header().Add("Vary", "Origin")
	if origin == "" || !r.collector.allows(origin) {
		return false
	}
	w.Header().Set("Access-Control-Allow-Origin", origin)
	w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
	return true
}

// collect takes access lines of a web application: text, a JSON object with the line or
// the lines as "log" or "message", or an array of lines or objects. Lines of the Common
// and Combined Log Formats get their fields and the operation that they stand for.
func (r *Receiver) collect(w http.ResponseWriter, req *http.Request) {
	r.cors(w, req)
	body, err := httpx.Body(req, int64(r.collector.MaxBody), 8*int64(r.collector.MaxBody))
	if err != nil {
		httpx.WriteError(w, err)
		return
	}
	lines, err := collected(req.Header.Get("Content-Type"), body)
	if err == nil && len(lines) == 0 {
		err = errors.New("the body has no line")
	}
	if err != nil {
		httpx.WriteError(w, &httpx.Error{Status: http.StatusBadRequest, Code: "malformed", Message: err.Error(), Hint: `want lines of text, {"log": "..."} or an array of these`})
		return
	}
	if wait := r.limiter.take(r.deps.ClientAddress(req), len(lines), r.now()); wait > 0 {
		r.metrics.limited.Inc()
		door.SetRetryAfter(w.Header(), wait)
		httpx.WriteError(w, &httpx.Error{Status: http.StatusTooManyRequests, Code: "rate_limited",
			Message: fmt.Sprintf("more than %d lines a second from one address", r.collector.Rate), Hint: "send again after " + strconv.Itoa(int(wait/time.Second)+1) + " seconds"})
		return
	}
	p := r.newPush(req, model.NewLabels(door.Static(r.collector.Labels)...), true)
	for _, line := range lines {
		if a, ok := readAccess(line, false); ok {
			p.add(&a)
		} else {
			p.add(&parsed{line: line, fields: []model.Label{{Name: "parse_error", Value: "not_clf"}}})
		}
	}
	if err := p.flush(); err != nil {
		p.fail(w, err)
		return
	}
	httpx.WriteJSON(w, http.StatusOK, map[string]int{"stored": p.stored})
}

// collected are the lines of a body.
func collected(contentType string, body []byte) ([]string, error) {
	kind, _, _ := mime.ParseMediaType(contentType)
	if kind != "application/json" {
		return splitLines(string(body)), nil
	}
	if err := door.CheckDepth(body); err != nil {
		return nil, err
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return nil, fmt.Errorf("decode JSON: %w", err)
	}
	return linesOf(v, 0)
}

func linesOf(v any, depth int) ([]string, error) {
	switch v := v.(type) {
	case string:
		return splitLines(v), nil
	case []any:
		var out []string
		for _, x := range v {
			more, err := linesOf(x, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
		return out, nil
	case map[string]any:
		for _, name := range []string{"log", "message", "lines", "logs"} {
			if x, ok := v[name]; ok && depth < 3 {
				return linesOf(x, depth+1)
			}
		}
	}
	return nil, errors.New("there is no line where one should be")
}

func splitLines(s string) []string {
	var out []string
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.TrimRight(line, "\r"); line != "" {
			out = append(out, line)
		}
	}
	return out
}
