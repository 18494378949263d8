package logstash

import (
	"compress/gzip"
	"compress/zlib"
	"context"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/codec"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// httpInput takes the bodies of requests. It answers when their events are where the
// pipeline brings them.
type httpInput struct {
	common
	env        *env
	address    string
	tls        *tls.Config
	user, pass string
	codecs     map[string]*codec.Codec // by content type
	maxBody    int64
	headers    http.Header
	code       int
	memory     *memory
	headersRef logstash.Ref
	hostRef    logstash.Ref
}

// busyAfter is how long a request waits for room in the pipeline until it is told to come
// again.
const busyAfter = 10 * time.Second

func newHTTPInput(s *logstash.Settings, v *env) (input, error) {
	i := &httpInput{common: readCommon(s, v, "plain"), env: v, user: s.String("user", ""), pass: s.String("password", ""),
		codecs: map[string]*codec.Codec{}, maxBody: s.Int("max_content_length", 100<<20), headers: http.Header{}, memory: newMemory(v.deps.MaxInFlight)}
	i.address = net.JoinHostPort(s.String("host", "0.0.0.0"), strconv.FormatInt(s.Int("port", 8080), 10))
	i.maxBody = min(i.maxBody, v.deps.MaxInFlight/8)
	i.tls = readTLS(s, v, true, false)
	i.code = int(s.Int("response_code", 200))
	switch i.code {
	case 200, 201, 202, 204:
	default:
		s.Errorf("response_code", "is %d, want 200, 201, 202 or 204", i.code)
	}
	for _, p := range s.Hash("response_headers") {
		i.headers.Set(p.Key, logstash.Text(p.Value))
	}
	i.readCodecs(s, v)
	headers, host := "headers", "host"
	if v.ecs {
		headers, host = "[@metadata][input][http][request][headers]", "[host][ip]"
	}
	i.headersRef = s.Ref("request_headers_target_field", headers)
	i.hostRef = s.Ref("remote_host_target_field", host)
	s.Known("threads", "max_pending_requests", "verify_mode", "ssl_key_passphrase")
	return i, requireDecoder(s, &i.common)
}

func (i *httpInput) readCodecs(s *logstash.Settings, v *env) {
	pairs := s.Hash("additional_codecs")
	if pairs == nil {
		pairs = []logstash.Pair{{Key: "application/json", Value: "json"}}
	}
	for _, p := range pairs {
		block, ok := p.Value.(*logstash.Plugin)
		if !ok {
			block = &logstash.Plugin{Kind: logstash.Codec, Name: logstash.Text(p.Value), Pos: p.Pos}
		}
		c := newCodec(s, s.Sub(block), v)
		if !c.Decodes() {
			s.Errorf("additional_codecs", "codec %s does not read", c.Name)
			continue
		}
		i.codecs[p.Key] = c
	}
}

// run implements input.
func (i *httpInput) run(ctx context.Context, q *queue) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", i.env.address(i.address))
	if err != nil {
		return err
	}
	i.env.log.Info("listening", "address", l.Addr().String())
	if i.tls != nil {
		l = tls.NewListener(l, i.tls)
	}
	server := &http.Server{Handler: i.handler(ctx, q), ReadHeaderTimeout: handshakeTime, ReadTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: nil}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime/2)
	defer cancel()
	if server.Shutdown(grace) != nil {
		_ = server.Close()
	}
	<-failed
	return nil
}

func (i *httpInput) handler(ctx context.Context, q *queue) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !i.allowed(r) {
			w.Header().Set("WWW-Authenticate", `Basic realm="Logstash"`)
			http.Error(w, "", http.StatusUnauthorized)
			return
		}
		body := share{of: i.memory}
		defer body.release()
		b, err := i.read(w, r, &body)
		if err != nil {
			var over *http.MaxBytesError
			status, reason := http.StatusBadRequest, "malformed"
			switch {
			case errors.As(err, &over):
				status, reason = http.StatusRequestEntityTooLarge, "message_too_long"
			case errors.Is(err, errNoMemory):
				status, reason = http.StatusTooManyRequests, "overloaded"
				w.Header().Set("Retry-After", "5")
			}
			i.env.unreadable(reason)
			http.Error(w, err.Error(), status)
			return
		}
		i.hand(ctx, w, r, q, b)
	})
}

func (i *httpInput) allowed(r *http.Request) bool {
	if i.user == "" {
		return true
	}
	user, pass, _ := r.BasicAuth()
	return subtle.ConstantTimeCompare([]byte(user), []byte(i.user))&subtle.ConstantTimeCompare([]byte(pass), []byte(i.pass)) == 1
}

// read makes a batch of a request.
func (i *httpInput) read(w http.ResponseWriter, r *http.Request, memory *share) (batch, error) {
	body, err := i.unpacked(w, r, memory)
	if err != nil {
		return batch{}, err
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		kind = ""
	}
	c := i.codecs[kind]
	if c == nil {
		c = i.codec
	}
	b := batch{size: len(body)}
	emit := func(e *pipeline.Event) {
		i.finish(e, r)
		i.decorate(e)
		b.events = append(b.events, e)
	}
	d := c.Decoder()
	switch c.Name {
	case "line", "json_lines", "multiline": // a body is a stream of lines for these
		for line := range strings.SplitSeq(strings.TrimSuffix(string(body), c.Delimiter()), c.Delimiter()) {
			d.Decode([]byte(strings.TrimSuffix(line, "\r")), emit)
		}
	default:
		d.Decode(body, emit)
	}
	d.Flush(emit)
	return b, nil
}

func (i *httpInput) unpacked(w http.ResponseWriter, r *http.Request, memory *share) ([]byte, error) {
	var in io.Reader = http.MaxBytesReader(w, r.Body, i.maxBody)
	switch strings.ToLower(r.Header.Get("Content-Encoding")) {
	case "", "identity":
	case "gzip":
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("unpack: %w", err)
		}
		in = z
	case "deflate":
		z, err := zlib.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("unpack: %w", err)
		}
		in = z
	default:
		return nil, errors.New("the content encoding is none of gzip, deflate")
	}
	body, err := memory.readAll(in, i.maxBody)
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > i.maxBody {
		return nil, &http.MaxBytesError{Limit: i.maxBody}
	}
	return body, memory.grow(3 * len(body)) // what is made of it takes several times its bytes
}

// finish sets what is known of the request.
func (i *httpInput) finish(e *pipeline.Event, r *http.Request) {
	ip, _, _ := net.SplitHostPort(r.RemoteAddr)
	put(e, i.hostRef, ip)
	headers := map[string]any{"request_method": r.Method, "request_path": r.URL.RequestURI(), "http_version": r.Proto, "http_host": r.Host}
	for name, values := range r.Header {
		if name == "Authorization" {
			continue
		}
		headers[strings.ReplaceAll(strings.ToLower(name), "-", "_")] = strings.Join(values, ", ")
	}
	if ua := r.UserAgent(); ua != "" {
		headers["http_user_agent"] = ua
	}
	if r.ContentLength >= 0 {
		headers["content_length"] = strconv.FormatInt(r.ContentLength, 10)
	}
	put(e, i.headersRef, headers)
	if !i.env.ecs {
		return
	}
	put(e, httpMethod, r.Method)
	put(e, httpVersion, r.Proto)
	put(e, urlPath, r.URL.RequestURI())
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	} else if n, err := strconv.ParseInt(port, 10, 64); err == nil {
		put(e, urlPort, n)
	}
	put(e, urlDomain, host)
	if ua := r.UserAgent(); ua != "" {
		put(e, userAgent, ua)
	}
	if kind := r.Header.Get("Content-Type"); kind != "" {
		put(e, mimeType, kind)
	}
	if r.ContentLength >= 0 {
		put(e, bodyBytes, strconv.FormatInt(r.ContentLength, 10))
	}
}

var (
	httpMethod  = ref("[http][method]")
	httpVersion = ref("[http][version]")
	urlPath     = ref("[url][path]")
	urlPort     = ref("[url][port]")
	urlDomain   = ref("[url][domain]")
	userAgent   = ref("[user_agent][original]")
	mimeType    = ref("[http][request][mime_type]")
	bodyBytes   = ref("[http][request][body][bytes]")
)

// hand gives a batch to the pipeline and answers when it is done. A pipeline without room
// answers 429, one that stops 503: the client sends the request again.
func (i *httpInput) hand(ctx context.Context, w http.ResponseWriter, r *http.Request, q *queue, b batch) {
	done := make(chan struct{})
	b.done = func() { close(done) }
	room, cancel := context.WithTimeout(ctx, busyAfter)
	err := q.push(room, b)
	cancel()
	if err != nil {
		status := http.StatusTooManyRequests
		if ctx.Err() != nil {
			status = http.StatusServiceUnavailable
		}
		w.Header().Set("Retry-After", "5")
		http.Error(w, "the pipeline is busy", status)
		return
	}
	stopping := make(chan struct{}) // what is under way gets a while to be done
	defer context.AfterFunc(ctx, func() { time.AfterFunc(stopTime/4, func() { close(stopping) }) })()
	select {
	case <-done:
	case <-stopping:
		http.Error(w, "the pipeline stops", http.StatusServiceUnavailable)
		return
	case <-r.Context().Done():
		return
	}
	for name, values := range i.headers {
		w.Header()[name] = values
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "text/plain")
	}
	w.WriteHeader(i.code)
	if i.code != http.StatusNoContent {
		_, _ = io.WriteString(w, "ok")
	}
}
