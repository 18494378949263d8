package alerting

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"
)

// sink is a server of the kind that notifications go to; it keeps what it got.
type sink struct {
	url string
	mu  sync.Mutex
	got []message
}

// message is one notification: the request's path, and its body, or the mail.
type message struct {
	path, body string
}

func (s *sink) add(m message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, m)
}

func (s *sink) messages() []message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]message(nil), s.got...)
}

// wait returns the messages when there are n, and fails the test when there are
// more or when they do not come.
func (s *sink) wait(t *testing.T, n int) []message {
	t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for time.Now().Before(deadline) {
		if got := s.messages(); len(got) >= n {
			if len(got) > n {
				t.Fatalf("got %d messages, want %d: %v", len(got), n, got)
			}
			return got
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("got %d messages, want %d: %v", len(s.messages()), n, s.messages())
	return nil
}

// httpSink answers every request with answer.
func httpSink(t *testing.T, contentType, answer string) *sink {
	t.Helper()
	s := new(sink)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read notification: %v", err)
		}
		s.add(message{r.URL.Path, string(body)})
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// mailSink speaks as much SMTP (RFC 5321) as a mail relay must.
func mailSink(t *testing.T) *sink {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{url: ln.Addr().String()}
	var sessions sync.WaitGroup
	sessions.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			sessions.Go(func() { s.serveMail(t, conn) })
		}
	})
	t.Cleanup(func() {
		ln.Close()
		sessions.Wait()
	})
	return s
}

func (s *sink) serveMail(t *testing.T, conn net.Conn) {
	defer conn.Close()
	r := textproto.NewReader(bufio.NewReader(conn))
	say := func(line string) { fmt.Fprintf(conn, "%s\r\n", line) }
	say("220 mail.example.org ESMTP")
	var to []string
	for {
		line, err := r.ReadLine()
		if err != nil {
			return
		}
		switch verb, _, _ := strings.Cut(strings.ToUpper(line), " "); verb {
		case "EHLO", "HELO", "MAIL", "RSET", "NOOP":
			say("250 ok")
		case "RCPT":
			to = append(to, line)
			say("250 ok")
		case "DATA":
			say("354 go ahead")
			text, err := r.ReadDotBytes()
			if err != nil {
				t.Errorf("read mail: %v", err)
				return
			}
			s.add(message{strings.Join(to, ","), string(text)})
			to = nil
			say("250 queued")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("502 not implemented")
		}
	}
}

// field returns a value of a JSON text by its path of keys.
func field(t *testing.T, text string, path ...string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	for _, key := range path {
		m, ok := v.(map[string]any)
		if !ok {
			t.Fatalf("no %v in %s", path, text)
		}
		v = m[key]
	}
	return v
}
