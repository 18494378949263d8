package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/test/sinks"
)

// TestAReportIsMailed signs in, makes a report of a dashboard and has it sent: the built
// binary renders its own page behind its own gate, and mails it as alertmanager.yml mails
// alerts.
func TestAReportIsMailed(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("there is no Chromium")
	}
	box := sinks.Mail(t)
	s := testkit.New(t, "alerting: {alertmanager_config: alertmanager.yml}\n")
	s.Write("alertmanager.yml", fmt.Sprintf("global: {smtp_smarthost: %q, smtp_from: pharos@example.org, smtp_require_tls: false}\nroute: {receiver: none}\nreceivers: [{name: none}]\n", box.URL))
	s.Run()
	password := regexp.MustCompile(`password +(\S+)`).FindStringSubmatch(s.Output())
	require.NotNil(t, password)
	client := &http.Client{Timeout: 4 * time.Minute, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	ask := func(method, path, body string) string {
		t.Helper()
		status, answer := askAs(t, client, method, s.URL+"/api/pharos/v1/"+path, password[1], body)
		require.Less(t, status, 300, answer)
		return answer
	}
	var made struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(ask("POST", "reports",
		`{"name":"Morning","dashboard_uid":"storage","format":"png","schedule":"0 8 * * *","timezone":"Europe/Berlin","recipients":["team@example.org"],"enabled":true}`)), &made))
	require.Contains(t, ask("POST", "reports/"+made.ID+"/run", "{}"), `"last_state":"ok"`)
	mails := box.Wait(t, 1)
	require.Contains(t, mails[0].Path, "team@example.org")
	require.Contains(t, mails[0].Body, "Subject: Morning: Storage layer")
	require.Contains(t, mails[0].Body, "Content-Type: image/png")
	require.Greater(t, len(mails[0].Body), 10_000, "a picture has more")
	require.NotRegexp(t, `phr_[\w-]{20}`, s.Output(), "a token is in our log")
}

// askAs sends a request as the administrator.
func askAs(t *testing.T, client *http.Client, method, url, password, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	req.SetBasicAuth("admin", password)
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(answer)
}
