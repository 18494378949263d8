package isolation

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TailRows are our own door to live tails.
func TailRows() []Row {
	const push = `{"streams":[{"stream":{"job":"tailed","marker":"{marker}"},"values":[["{now_ns}","line {marker}"]]}]}`
	path := "/api/pharos/v1/tail?query=" + url.QueryEscape(`{job="tailed"}`)
	return []Row{{
		Name: "server-sent tail", Narrows: true,
		Push:  Request{Method: "POST", Path: "/loki/api/v1/push", ContentType: jsonType, Body: push},
		Reads: []Request{{Method: "GET", Path: path, Call: events}},
	}}
}

// events returns what server-sent events say of the past and the next half second.
func events(t testing.TB, target Target, path string, header map[string]string, _ string) (int, string) {
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var text strings.Builder
	if _, err = io.Copy(&text, resp.Body); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	return resp.StatusCode, text.String()
}
