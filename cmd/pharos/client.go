package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// clientFlags say which server a command asks and who asks.
type clientFlags struct {
	Server string `help:"Address of Pharos." default:"http://127.0.0.1:8400" env:"PHAROS_SERVER" placeholder:"URL"`
	Token  string `help:"A token that may read." env:"PHAROS_TOKEN" placeholder:"TOKEN"`
	Tenant string `help:"The tenant, when authentication is off." env:"PHAROS_TENANT" placeholder:"NAME"`
}

// maxErrorText bounds what is shown of an answer that is an error.
const maxErrorText = 4 << 10

// open asks for a path and returns the body of a good answer, which the caller closes.
func (f clientFlags) open(ctx context.Context, path string, q url.Values, accept string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(f.Server, "/")+path+"?"+q.Encode(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", accept)
	if f.Token != "" {
		req.Header.Set("Authorization", "Bearer "+f.Token)
	}
	if f.Tenant != "" {
		req.Header.Set("X-Scope-OrgID", f.Tenant)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", f.Server, err)
	}
	if res.StatusCode == http.StatusOK {
		return res.Body, nil
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(res.Body, maxErrorText))
	return nil, &answerError{status: res.StatusCode, text: errorText(text)}
}

// answerError is an answer of the server that is no success.
type answerError struct {
	status int
	text   string
}

func (e *answerError) Error() string {
	hint := ""
	switch e.status {
	case http.StatusUnauthorized:
		hint = " (give a token with --token or PHAROS_TOKEN; people make them under Settings)"
	case http.StatusNotFound:
		hint = " (is this the address of Pharos?)"
	}
	return fmt.Sprintf("the server answered %d: %s%s", e.status, e.text, hint)
}

// final says that asking again cannot help.
func (e *answerError) final() bool {
	return e.status >= 400 && e.status < 500 && e.status != http.StatusTooManyRequests
}

// errorText is the message within Prometheus' and our own errors, or the text itself.
func errorText(body []byte) string {
	var known struct {
		Error   json.RawMessage `json:"error"`
		Message string          `json:"message"`
		Hint    string          `json:"hint"`
	}
	if json.Unmarshal(body, &known) == nil {
		var text string
		switch {
		case json.Unmarshal(known.Error, &text) == nil && text != "":
			return text
		case known.Message != "" && known.Hint != "":
			return known.Message + " (" + known.Hint + ")"
		case known.Message != "":
			return known.Message
		}
	}
	return strings.TrimSpace(string(body))
}
