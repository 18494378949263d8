package mcp

import (
	"fmt"
	"net/url"
	"strconv"
)

type errorsOf struct {
	window
	Service string `json:"service,omitempty" jsonschema:"one service's name; without it all services"`
}

// listErrors asks for the patterns of lines whose level says that something failed.
func listErrors(in errorsOf) (string, url.Values, error) {
	selector := `{service_name=~".+"}`
	if in.Service != "" {
		selector = fmt.Sprintf("{service_name=%s}", strconv.Quote(in.Service))
	}
	q := url.Values{"query": {selector + ` | detected_level=~"error|critical|fatal"`}}
	return "/loki/api/v1/patterns", q, in.set(q)
}
