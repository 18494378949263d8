package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

const redaction = `redaction:
  key_file: redaction.key
  default:
    labels: [user]
    rules:
      - type: token
      - type: email
        action: hash
      - type: card
      - {type: expression, name: customer, expression: 'customer=(\w+)'}
`

// secrets are what is pushed and must be nowhere.
func secrets() []string {
	return []string{"zq.jane@secret-mail.example", "4000056655665556", "4000-0566-5566-5556", "zqBearer0123456789", "zqHunter2", "zqcust"}
}

// What rules find is in no file of the data directory, in no tail and in no answer,
// neither while the server runs nor after it was killed; and hashes stay the same.
func TestRedactedSecretsAreNowhere(t *testing.T) {
	s := testkit.New(t, redaction, "--auth=off")
	s.Write("redaction.key", "a key of the end-to-end tests\n")
	s.Run()
	tail := &tailReader{seen: map[string]int{}, open: webSocketTail(s, `{service_name=~".+"}`)}
	ctx, cancel := context.WithCancel(t.Context())
	tailed := make(chan struct{})
	go func() { defer close(tailed); tail.run(ctx) }()
	defer func() { cancel(); <-tailed }()
	require.Eventually(t, func() bool { tail.mu.Lock(); defer tail.mu.Unlock(); return tail.times > 0 }, 20*time.Second, 20*time.Millisecond)

	const line = "zqcontrol %s paid with %s and %s, Authorization: Bearer %s, GET /?password=%s customer=%s"
	word := secrets()
	text := fmt.Sprintf(line, word[0], word[1], word[2], word[3], word[4], word[5])
	pushEverywhere(t, s, text)

	requireNowhere(t, s, true)
	s.Kill()
	requireNowhere(t, s, true)
	s.Run()
	lines := readAll(t, s, `{service_name=~".+"}`)
	require.Len(t, lines, 2, "a line, and a document: %v", lines)
	for l, n := range lines {
		if strings.HasPrefix(l, "{") {
			require.Regexp(t, `"user":\{"email":"\[email:[0-9a-f]{12}\]"\},"card":"\[redacted:card\]"\}$`, l)
			continue
		}
		require.Regexp(t, `^zqcontrol \[email:[0-9a-f]{12}\] paid with \[redacted:card\] and \[redacted:card\], Authorization: Bearer \[redacted:token\], GET /\?password=\[redacted:token\] customer=\[redacted:customer\]$`, l)
		require.Equal(t, 2, n)
		require.Eventually(t, func() bool { tail.mu.Lock(); defer tail.mu.Unlock(); return tail.seen[l] >= 2 }, 20*time.Second, 50*time.Millisecond, "the tail has the redacted lines")
	}
	for _, path := range []string{
		"/loki/api/v1/series?match[]=" + `%7Bservice_name=~%22.%2B%22%7D`,
		"/api/traces?service=web&limit=5", "/loki/api/v1/label/user/values",
		"/loki/api/v1/query_range?since=1h&query=" + `%7Bservice_name=~%22.%2B%22%7D`,
		"/elastic/logs-web-default/_search",
	} {
		status, body := s.Get(path)
		require.Equal(t, http.StatusOK, status, body)
		requireNone(t, path, []byte(body))
		require.Contains(t, body, "[email:", path)
	}
	_, metrics := s.Get("/metrics")
	requireNone(t, "/metrics", []byte(metrics))

	pushEverywhere(t, s, text)
	require.Len(t, readAll(t, s, `{service_name=~".+"}`), 3, "hashes are the same after a restart, times of documents are not")
	_, metrics = s.Get("/metrics")
	require.Contains(t, metrics, `pharos_ingest_redacted_total{rule="card",tenant="default"}`)
	code, _ := s.Stop()
	require.Zero(t, code)
	requireNowhere(t, s, false)
	tail.mu.Lock()
	defer tail.mu.Unlock()
	for l := range tail.seen {
		requireNone(t, "the tail", []byte(l))
	}
	requireNone(t, "the process' own log", []byte(s.Output()))
}

// Rules come into force with a reload; bad ones do not, and their place is told.
func TestRedactionIsReloaded(t *testing.T) {
	s := testkit.Start(t, "", "--auth=off")
	line := func() string {
		t.Helper()
		status, body := s.Do(http.MethodPost, "/loki/api/v1/push", push(fmt.Sprint(time.Now().UnixNano()), []string{"a@example.com"}), "Content-Type: application/json")
		require.Equal(t, http.StatusNoContent, status, body)
		_, body = s.Get("/loki/api/v1/query_range?limit=1&since=1h&query=" + "%7Bapp=%22torture%22%7D")
		return body
	}
	require.Contains(t, line(), "a@example.com", "nobody asked for it")

	s.Write("pharos.yml", s.Ports.Config()+"redaction:\n  default:\n    rules:\n      - type: email\n")
	status, body := s.Do(http.MethodPost, "/-/reload", nil)
	require.Equal(t, http.StatusOK, status, body)
	require.Contains(t, line(), "[redacted:email]")

	s.Write("pharos.yml", s.Ports.Config()+"redaction:\n  default:\n    rules:\n      - type: emails\n        action: hash\n")
	status, body = s.Do(http.MethodPost, "/-/reload", nil)
	require.Equal(t, http.StatusInternalServerError, status)
	require.Contains(t, body, `redaction.default.rules[0].type: expected one of email, card, token, expression, found "emails" (did you mean "email"?)`)
	require.Contains(t, body, "redaction.key_file: rules with the action hash need a key")
	require.Regexp(t, `pharos\.yml:\d+:15: redaction\.default\.rules`, body)
	require.Contains(t, line(), "[redacted:email]", "the old rules go on")
}

// pushEverywhere pushes a line by Loki's, OpenTelemetry's and Elasticsearch's doors, and
// a span.
func pushEverywhere(t *testing.T, s *testkit.Server, line string) {
	t.Helper()
	now := time.Now().UnixNano()
	user := secrets()[0]
	for path, body := range map[string]string{
		"/loki/api/v1/push": fmt.Sprintf(`{"streams":[{"stream":{"app":"web","user":%q},"values":[["%d",%q,{"password":"zqHunter2","mail":%q}]]}]}`, user, now, line, user),
		"/v1/logs": fmt.Sprintf(`{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"web"}},{"key":"owner","value":{"stringValue":%q}}]},"scopeLogs":[{"logRecords":[{"timeUnixNano":"%d","body":{"stringValue":%q}}]}]}]}`,
			user, now, line),
		"/v1/traces": fmt.Sprintf(`{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"web"}}]},"scopeSpans":[{"spans":[{"traceId":"%032x","spanId":"%016x","name":"op","kind":2,"startTimeUnixNano":"%d","endTimeUnixNano":"%d","attributes":[{"key":"db.statement","value":{"stringValue":%q}},{"key":"password","value":{"stringValue":"zqHunter2"}}]}]}]}]}`,
			now, now, now, now+1000, line),
		"/elastic/_bulk": fmt.Sprintf(`{"create":{"_index":"logs-web-default"}}`+"\n"+`{"@timestamp":"%s","message":%q,"user":{"email":%q},"card":4000056655665556}`+"\n",
			time.Now().UTC().Format(time.RFC3339Nano), line, user),
	} {
		status, answer := s.Do(http.MethodPost, path, []byte(body), "Content-Type: application/json")
		require.Less(t, status, 300, "%s: %s", path, answer)
		require.NotContains(t, answer, `"errors":true`, path)
	}
}

// requireNowhere looks into all files of the data directory. What is pushed beside the
// secrets must be there when control says so: then the files can be read as they are.
func requireNowhere(t *testing.T, s *testkit.Server, control bool) {
	t.Helper()
	files, controls := 0, 0
	err := filepath.WalkDir(filepath.Join(s.Dir, "data"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil //nolint:nilerr // the engine removes files meanwhile
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return nil //nolint:nilerr // likewise
		}
		files++
		requireNone(t, path, b)
		if bytes.Contains(b, []byte("zqcontrol")) {
			controls++
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, files, 3)
	if control {
		require.Positive(t, controls, "the pushed lines are in no file, so that it proves nothing that the secrets are in none")
	}
}

func requireNone(t *testing.T, where string, b []byte) {
	t.Helper()
	for _, secret := range secrets() {
		if i := bytes.Index(b, []byte(secret)); i >= 0 {
			around := strings.ToValidUTF8(string(b[max(0, i-100):min(len(b), i+100)]), ".")
			t.Fatalf("%q is in %s: %s", secret, where, around)
		}
	}
}
