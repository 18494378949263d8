// Package sinks holds what notifications go to in tests: servers that speak
// enough of a webhook, Slack, Telegram, PagerDuty and a mail relay to take a
// message, on loopback, and keep what they got.
package sinks

import (
	"bufio"
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

// patience is how long Wait waits on a machine that has other things to do.
const patience = 30 * time.Second

// Sink is one server.
type Sink struct {
	// URL is its address: "http://127.0.0.1:1234", or "127.0.0.1:1234" for mail.
	URL string

	mu  sync.Mutex
	got []Message
}

// Message is one notification.
type Message struct {
	// Path is the request's path, or a mail's recipients.
	Path string
	Body string
}

// Messages returns what came so far.
func (s *Sink) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.got...)
}

// Wait returns the messages when there are n. It ends the test when they do not
// come or when there are more.
func (s *Sink) Wait(t testing.TB, n int) []Message {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		switch got := s.Messages(); {
		case len(got) > n:
			t.Fatalf("got %d messages, want %d: %v", len(got), n, got)
		case len(got) == n:
			return got
		}
	}
	t.Fatalf("got %d messages, want %d: %v", len(s.Messages()), n, s.Messages())
	return nil
}

func (s *Sink) add(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, m)
}

// HTTP starts a server that answers every request with answer.
func HTTP(t testing.TB, contentType, answer string) *Sink {
	t.Helper()
	s := new(Sink)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read notification: %v", err)
		}
		s.add(Message{r.URL.Path, string(body)})
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Webhook starts a server that takes anything.
func Webhook(t testing.TB) *Sink { return HTTP(t, "text/plain", "") }

// Mail starts a mail relay.
func Mail(t testing.TB) *Sink {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Sink{URL: ln.Addr().String()}
	var sessions sync.WaitGroup
	sessions.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			sessions.Go(func() { s.relay(t, conn) })
		}
	})
	t.Cleanup(func() {
		ln.Close()
		sessions.Wait()
	})
	return s
}

// relay speaks as much SMTP (RFC 5321) as taking a mail needs.
func (s *Sink) relay(t testing.TB, conn net.Conn) {
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
			s.add(Message{strings.Join(to, ","), string(text)})
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
