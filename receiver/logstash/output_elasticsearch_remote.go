package logstash

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/pipeline/logstash"
	"github.com/pharosd/pharos/tenant"
)

func hash(s string) uint64 { return xxhash.Sum64String(s) }

// bulkClient stores documents in an Elasticsearch elsewhere.
type bulkClient struct {
	client  *http.Client
	urls    []string
	next    atomic.Uint64
	headers http.Header
}

const (
	maxBulkAnswer = 64 << 20
	bulkTimeout   = 60 * time.Second
)

// newBulkClient reads the settings of the connection. It returns nil unless one of the
// hosts is configured as an Elasticsearch elsewhere.
func newBulkClient(s *logstash.Settings, v *env, hosts []string, t *tls.Config) *bulkClient {
	user, password := s.String("user", ""), s.String("password", "")
	key := s.String("api_key", "")
	timeout := s.Duration("timeout", bulkTimeout)
	headers := http.Header{}
	for _, p := range s.Hash("custom_headers") {
		headers.Set(p.Key, logstash.Text(p.Value))
	}
	external := slices.ContainsFunc(hosts, func(h string) bool {
		return slices.Contains(v.cfg.ExternalElasticsearch, h) || slices.Contains(v.cfg.ExternalElasticsearch, hostOf(h))
	})
	if !external {
		return nil
	}
	c := &bulkClient{headers: headers}
	for _, h := range hosts {
		u, err := elasticURL(v, h, t != nil)
		if err != nil {
			s.Errorf("hosts", "%v", err)
			continue
		}
		c.urls = append(c.urls, u)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = t
	c.client = &http.Client{Transport: transport, Timeout: timeout}
	if user != "" {
		c.headers.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
	} else if key != "" {
		if strings.Contains(key, ":") {
			key = base64.StdEncoding.EncodeToString([]byte(key))
		}
		c.headers.Set("Authorization", "ApiKey "+key)
	}
	return c
}

// hostOf is host:port of a host as output elasticsearch names it.
func hostOf(h string) string {
	if u, err := url.Parse(h); err == nil && u.Host != "" {
		return u.Host
	}
	return h
}

func elasticURL(v *env, h string, secure bool) (string, error) {
	if !strings.Contains(h, "://") {
		h = map[bool]string{false: "http://", true: "https://"}[secure] + h
	}
	u, err := url.Parse(h)
	if err != nil || u.Host == "" {
		return "", fmt.Errorf("%q is no host", h)
	}
	if u.Port() == "" {
		u.Host += ":9200"
	}
	u.Host = v.address(u.Host)
	return strings.TrimRight(u.String(), "/") + "/_bulk", nil
}

// Store implements DocumentStore.
func (c *bulkClient) Store(ctx context.Context, _ tenant.ID, docs []esapi.Document) []*esapi.Error {
	var body bytes.Buffer
	for i := range docs {
		d := &docs[i]
		action := "index"
		if d.Create {
			action = "create"
		}
		meta := map[string]string{"_index": d.Index}
		if d.ID != "" {
			meta["_id"] = d.ID
		}
		line, _ := json.Marshal(map[string]any{action: meta}) // texts can always be encoded
		body.Write(line)
		body.WriteByte('\n')
		body.WriteString(d.Source)
		body.WriteByte('\n')
	}
	all := make([]*esapi.Error, len(docs))
	whole := func(status int, err error) []*esapi.Error {
		for i := range all {
			all[i] = &esapi.Error{Status: status, Type: "exception", Reason: err.Error()}
		}
		return all
	}
	err := errNoAnswer
	for range c.urls {
		var answer []byte
		var status int
		status, answer, err = c.post(ctx, body.Bytes())
		if err != nil {
			continue
		}
		if status != http.StatusOK {
			// Whatever it is that all documents are refused for, another try may get on: wrong
			// credentials are put right, a proxy comes back.
			return whole(max(status, http.StatusInternalServerError), fmt.Errorf("answers %d: %.200s", status, answer))
		}
		if err = readBulkAnswer(answer, all); err == nil {
			return all
		}
	}
	return whole(http.StatusServiceUnavailable, err)
}

func (c *bulkClient) post(ctx context.Context, body []byte) (int, []byte, error) {
	u := c.urls[c.next.Add(1)%uint64(len(c.urls))]
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header = c.headers.Clone()
	req.Header.Set("Content-Type", "application/x-ndjson")
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxBulkAnswer))
	return resp.StatusCode, answer, err
}

func readBulkAnswer(answer []byte, into []*esapi.Error) error {
	var a struct {
		Items []map[string]struct {
			Status int `json:"status"`
			Error  struct {
				Type   string `json:"type"`
				Reason string `json:"reason"`
			} `json:"error"`
		} `json:"items"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return fmt.Errorf("read bulk answer: %w", err)
	}
	if len(a.Items) != len(into) {
		return fmt.Errorf("a bulk answer has %d items for %d documents", len(a.Items), len(into))
	}
	for i, item := range a.Items {
		for _, r := range item {
			if r.Status >= http.StatusMultipleChoices {
				into[i] = &esapi.Error{Status: r.Status, Type: r.Error.Type, Reason: r.Error.Reason}
			}
		}
	}
	return nil
}
