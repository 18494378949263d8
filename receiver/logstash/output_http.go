package logstash

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// httpOutput sends events to an HTTP server, one by one or as a list.
type httpOutput struct {
	env         *env
	client      *http.Client
	url         *logstash.Template
	method      string
	format      string
	message     *logstash.Template
	contentType string
	headers     []named
	mapping     []logstash.Pair
	gzip        bool
	retryable   []int64
	ignorable   []int64
	retryFailed bool
	user, pass  string
}

func newHTTPOutput(s *logstash.Settings, v *env) (output, error) {
	s.Required("url")
	s.Required("http_method")
	o := &httpOutput{env: v, url: s.Template("url", ""), method: strings.ToUpper(s.Enum("http_method", "post", "put", "post", "patch", "delete", "get", "head")),
		format: s.Enum("format", "json", "json", "json_batch", "form", "message"), headers: readNamed(s, "headers"), mapping: s.Hash("mapping"),
		gzip: s.Bool("http_compression", false), retryFailed: s.Bool("retry_failed", true), user: s.String("user", ""), pass: s.String("password", "")}
	o.retryable = ints(s, "retryable_codes", 429, 500, 502, 503, 504)
	o.ignorable = ints(s, "ignorable_codes")
	if o.format == "message" {
		s.Required("message")
	}
	o.message = s.Template("message", "")
	o.contentType = s.String("content_type", map[string]string{"form": "application/x-www-form-urlencoded", "message": "text/plain"}[o.format])
	if o.contentType == "" {
		o.contentType = "application/json"
	}
	t := readTLS(s, v, false, false)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if t != nil {
		transport.TLSClientConfig = t
	}
	transport.ResponseHeaderTimeout = s.Duration("socket_timeout", 10*time.Second)
	transport.MaxIdleConnsPerHost = 8
	o.client = &http.Client{Transport: transport, Timeout: s.Duration("request_timeout", time.Minute)}
	if !s.Bool("follow_redirects", true) {
		o.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	if proxy := s.String("proxy", ""); proxy != "" {
		if u, err := url.Parse(proxy); err != nil {
			s.Errorf("proxy", "%v", err)
		} else {
			transport.Proxy = http.ProxyURL(u)
		}
	}
	s.Known("codec", "pool_max", "pool_max_per_route", "keepalive", "automatic_retries", "retry_non_idempotent", "validate_after_inactivity", "connect_timeout",
		"cookies", "workers", "verify_ssl")
	return o, nil
}

func ints(s *logstash.Settings, name string, def ...int64) []int64 {
	v, ok := s.Value(name)
	if !ok {
		return def
	}
	var out []int64
	for _, x := range listOf(v) {
		n, ok := x.(int64)
		if !ok {
			s.Errorf(name, "%s is no whole number", logstash.Text(x))
		}
		out = append(out, n)
	}
	return out
}

// write implements output.
func (o *httpOutput) write(ctx context.Context, events []*pipeline.Event) ([]*pipeline.Event, error) {
	if o.format == "json_batch" {
		body := []byte{'['}
		for i, e := range events {
			if i > 0 {
				body = append(body, ',')
			}
			body = o.document(body, e)
		}
		if err := o.send(ctx, events[0], append(body, ']'), events); err != nil {
			return events, err
		}
		return nil, nil
	}
	for i, e := range events {
		if err := o.send(ctx, e, o.body(e), events[i:i+1]); err != nil {
			return events[i:], err
		}
	}
	return nil, nil
}

// document is an event, or what mapping makes of it.
func (o *httpOutput) document(dst []byte, e *pipeline.Event) []byte {
	if len(o.mapping) == 0 {
		return logstash.AppendEvent(dst, e)
	}
	return logstash.AppendJSON(dst, mapped(o.mapping, e))
}

func mapped(pairs []logstash.Pair, e *pipeline.Event) map[string]any {
	m := map[string]any{}
	for _, p := range pairs {
		m[p.Key] = expandValue(logstash.GoValue(p.Value), e)
	}
	return m
}

func expandValue(v any, e *pipeline.Event) any {
	switch v := v.(type) {
	case string:
		if t, err := logstash.ParseTemplate(v); err == nil {
			return t.Expand(e)
		}
	case map[string]any:
		for k, x := range v {
			v[k] = expandValue(x, e)
		}
	case []any:
		for i, x := range v {
			v[i] = expandValue(x, e)
		}
	}
	return v
}

func (o *httpOutput) body(e *pipeline.Event) []byte {
	switch o.format {
	case "message":
		return []byte(o.message.Expand(e))
	case "form":
		form := url.Values{}
		fields := e.Fields
		if len(o.mapping) > 0 {
			fields = mapped(o.mapping, e)
		}
		for name, v := range fields {
			if name != "@metadata" {
				form.Set(name, logstash.Text(v))
			}
		}
		return []byte(form.Encode())
	}
	return o.document(nil, e)
}

// send makes one request; of is what it carries, which is given up if the server refuses
// it for good.
func (o *httpOutput) send(ctx context.Context, e *pipeline.Event, body []byte, of []*pipeline.Event) error {
	address := o.url.Expand(e)
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		o.giveUp(of, "malformed", fmt.Sprintf("%.200q is no address", address))
		return nil
	}
	u.Host = o.env.address(u.Host)
	if o.gzip {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write(body) // to memory
		_ = z.Close()
		body = packed.Bytes()
	}
	req, err := http.NewRequestWithContext(ctx, o.method, u.String(), bytes.NewReader(body))
	if err != nil {
		o.giveUp(of, "malformed", err.Error())
		return nil
	}
	req.Header.Set("Content-Type", o.contentType)
	for _, h := range o.headers {
		req.Header.Set(h.name, h.text.Expand(e))
	}
	if o.gzip {
		req.Header.Set("Content-Encoding", "gzip")
	}
	if o.user != "" {
		req.SetBasicAuth(o.user, o.pass)
	}
	resp, err := o.client.Do(req)
	if err != nil {
		return fmt.Errorf("send: %w", err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 512))
	switch code := int64(resp.StatusCode); {
	case code >= 200 && code < 300, slices.Contains(o.ignorable, code):
		return nil
	case o.retryFailed && slices.Contains(o.retryable, code):
		return fmt.Errorf("%s answers %d: %.200s", u.Host, code, text)
	default:
		o.giveUp(of, fmt.Sprintf("http_%d", code), fmt.Sprintf("%s answers %d: %s", u.Host, code, text))
		return nil
	}
}

func (o *httpOutput) giveUp(events []*pipeline.Event, reason, message string) {
	for _, e := range events {
		o.env.deadLetter(e, reason, message)
	}
}

func (o *httpOutput) close() error {
	o.client.CloseIdleConnections()
	return nil
}
