package mcp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// maxAnswer bounds what a tool returns in bytes: an assistant pays for each of them.
const maxAnswer = 256 << 10

// caller asks the process' own routes for whoever sent a request.
type caller struct {
	api http.Handler
	by  *http.Request
}

// carried are the headers that say who asks, and for which tenant.
var carried = []string{"Authorization", "Cookie", "X-Scope-OrgID", "X-Forwarded-For", "X-Forwarded-Proto"}

// get returns the body of a good answer. Every failure is the tool's result, so that an
// assistant reads it and can do better.
func (c *caller) get(ctx context.Context, path string, q url.Values) (*mcp.CallToolResult, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, path+"?"+q.Encode(), nil)
	if err != nil {
		return nil, err
	}
	for _, name := range carried {
		if v, ok := c.by.Header[http.CanonicalHeaderKey(name)]; ok {
			r.Header[http.CanonicalHeaderKey(name)] = v
		}
	}
	r.RemoteAddr, r.Host, r.RequestURI = c.by.RemoteAddr, c.by.Host, r.URL.RequestURI()
	w := &writer{header: http.Header{}}
	c.api.ServeHTTP(w, r)
	switch {
	case w.status >= 300:
		return nil, fmt.Errorf("refused with status %d: %s", w.status, strings.TrimSpace(w.body.String()))
	case w.over:
		return nil, fmt.Errorf("the answer is larger than %d KiB: ask for less, with a narrower selector, a shorter range, a larger step, a smaller limit, or an aggregation", maxAnswer>>10)
	}
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: w.body.String()}}}, nil
}

// writer keeps an answer up to maxAnswer bytes.
type writer struct {
	header http.Header
	status int
	body   bytes.Buffer
	over   bool
}

var errOver = errors.New("answer too large for an assistant")

func (w *writer) Header() http.Header { return w.header }

func (w *writer) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
}

func (w *writer) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.body.Len()+len(b) > maxAnswer {
		w.over = true
		return 0, errOver
	}
	return w.body.Write(b)
}
