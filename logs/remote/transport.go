package remote

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// sendTimeout bounds one request that sends rows or asks about a server.
	sendTimeout = time.Minute
	// maxErrorText and maxAnswer bound what is read of errors and short answers.
	maxErrorText = 2 << 10
	maxAnswer    = 16 << 20
)

// transport implements rowstore.Transport.
type transport struct {
	client    *http.Client
	selectURL *url.URL
	nodes     []*url.URL
	turn      atomic.Uint32 // of the nodes
}

// newTransport is for a valid configuration.
func newTransport(c Config) *transport {
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.MaxIdleConnsPerHost = 16
	base.DisableCompression = true
	t := &transport{
		client: &http.Client{Transport: base, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	parse := func(text string) *url.URL {
		u, err := url.Parse(text)
		if err != nil {
			panic("BUG: " + err.Error())
		}
		return u
	}
	t.selectURL = parse(c.SelectURL)
	for _, n := range c.NodeURLs {
		t.nodes = append(t.nodes, parse(n))
	}
	if len(t.nodes) == 0 {
		t.nodes = []*url.URL{parse(c.InsertURL)}
	}
	return t
}

// Query implements rowstore.Transport.
func (t *transport) Query(ctx context.Context, path string, form url.Values) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.selectURL.JoinPath(path).String(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return t.do(req)
}

// Insert implements rowstore.Transport; the nodes take turns.
func (t *transport) Insert(ctx context.Context, path string, args url.Values, rows []byte) error {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	u := t.nodes[int(t.turn.Add(1))%len(t.nodes)].JoinPath(path)
	u.RawQuery = args.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(rows))
	if err != nil {
		return err
	}
	req.GetBody = nil // the client must not send it a second time by itself
	req.Header.Set("Content-Type", "application/octet-stream")
	req.Header.Set("Content-Encoding", "zstd")
	body, err := t.do(req)
	if err != nil {
		return err
	}
	defer body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(body, maxAnswer))
	return err
}

// Nodes implements rowstore.Transport.
func (t *transport) Nodes(ctx context.Context, path string) ([][]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	var out [][]byte
	for _, node := range t.nodes {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, node.JoinPath(path).String(), nil)
		if err != nil {
			return nil, err
		}
		body, err := t.do(req)
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(io.LimitReader(body, maxAnswer))
		if err := body.Close(); err != nil {
			return nil, err
		}
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// do returns the body of a successful answer.
func (t *transport) do(req *http.Request) (io.ReadCloser, error) {
	resp, err := t.client.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 == 2 {
		return resp.Body, nil
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorText))
	return nil, fmt.Errorf("%s answered %s: %s", req.URL.Host, resp.Status, strings.TrimSpace(string(text)))
}
