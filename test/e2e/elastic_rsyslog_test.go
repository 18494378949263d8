package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// rsyslogConfig makes rsyslog listen for syslog over TCP and ship by omelasticsearch:
// in bulk, creating with ids of its own, trying again what was refused. Templates with
// option.jsonf end in a newline, which its retries cannot read (rsyslog issue 4472), and
// it retries at once, so that its own limit of retries must not be what it comes with.
const rsyslogConfig = `
global(workDirectory=%[1]q)
module(load="imtcp")
module(load="omelasticsearch")
template(name="document" type="list" option.json="on") {
  constant(value="{\"@timestamp\":\"") property(name="timereported" dateFormat="rfc3339")
  constant(value="\",\"host\":\"") property(name="hostname")
  constant(value="\",\"service\":\"") property(name="programname")
  constant(value="\",\"message\":\"") property(name="msg")
  constant(value="\"}")
}
template(name="index" type="list") { constant(value="logs-syslog-") property(name="timereported" dateFormat="year") }
template(name="id" type="list") { property(name="msg") }
template(name="refused" type="list") { property(name="$!") }
template(name="refusedIndex" type="list") { property(name="$.omes!_index") }
template(name="refusedID" type="list") { property(name="$.omes!_id") }
ruleset(name="again") {
  if $.omes!status == 200 or $.omes!status == 201 or $.omes!status == 409 or $.omes!status == 400 then { stop }
  action(type="omelasticsearch" server="127.0.0.1" serverport="%[2]s" template="refused" searchIndex="refusedIndex" dynSearchIndex="on" searchType=""
    bulkmode="on" writeoperation="create" bulkid="refusedID" dynbulkid="on"
    retryfailures="on" retryruleset="again" ratelimit.burst="10000000" action.resumeRetryCount="-1" action.resumeInterval="1")
}
ruleset(name="ship" queue.type="LinkedList" queue.dequeueBatchSize="100") {
  action(type="omelasticsearch" server="127.0.0.1" serverport="%[2]s" template="document" searchIndex="index" dynSearchIndex="on" searchType=""
    bulkmode="on" maxbytes="1m" writeoperation="create" bulkid="id" dynbulkid="on"
    retryfailures="on" retryruleset="again" ratelimit.burst="10000000" action.resumeRetryCount="-1" action.resumeInterval="1")
}
input(type="imtcp" address="127.0.0.1" port="0" listenPortFileName=%[3]q ruleset="ship")
`

// TestElasticRsyslog ships syslog lines with the distribution's omelasticsearch, which
// must retry what a rate refused and what came while the server was away.
func TestElasticRsyslog(t *testing.T) {
	t.Parallel()
	rsyslogd, err := exec.LookPath("rsyslogd")
	if err != nil {
		t.Skip("rsyslogd is not installed; test/install-deps.sh does it")
	}
	s, native := startElastic(t, "  ingestion_rate: 60000\n  ingestion_burst: 60000\n", "--auth=off")
	_, port, err := net.SplitHostPort(native[len("http://"):])
	require.NoError(t, err)
	dir := t.TempDir()
	portFile, config := filepath.Join(dir, "port"), filepath.Join(dir, "rsyslog.conf")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, rsyslogConfig, dir, port, portFile), 0o644))
	var out bytes.Buffer
	cmd := exec.Command(rsyslogd, "-n", "-f", config, "-i", filepath.Join(dir, "pid"))
	cmd.Stdout, cmd.Stderr = &out, &out
	require.NoError(t, cmd.Start())
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-done
		if t.Failed() {
			t.Logf("output of rsyslogd:\n%s", out.String())
		}
	})
	var listen string
	require.Eventually(t, func() bool {
		b, err := os.ReadFile(portFile)
		listen = string(bytes.TrimSpace(b))
		return err == nil && listen != ""
	}, 10*time.Second, 20*time.Millisecond, "rsyslogd listens")

	const lines = 2000
	conn, err := net.Dial("tcp", "127.0.0.1:"+listen)
	require.NoError(t, err)
	send := func(from, to int) {
		for i := from; i < to; i++ {
			_, err := fmt.Fprintf(conn, "<134>1 %s web-1 shop %d - - line-%05d\n", time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"), os.Getpid(), i)
			require.NoError(t, err)
		}
	}
	send(0, lines/2)
	require.Eventually(t, func() bool { return len(allLines(t, s, `{service_name="shop"}`)) > 200 }, 60*time.Second, 200*time.Millisecond)
	s.Kill()
	send(lines/2, lines)
	require.NoError(t, conn.Close())
	s.Run()
	require.Eventually(t, func() bool { return len(allLines(t, s, `{service_name="shop"}`)) >= lines }, 90*time.Second, 500*time.Millisecond, "every line comes")
	requireEachOnce(t, s, lines)
}

func requireEachOnce(t *testing.T, s *testkit.Server, lines int) {
	t.Helper()
	seen := map[string]int{}
	for line, n := range allLines(t, s, `{service_name="shop"}`) {
		var d struct{ Host, Message string }
		require.NoError(t, json.Unmarshal([]byte(line), &d), line)
		require.Equal(t, "web-1", d.Host)
		seen[d.Message] += n
	}
	for i := range lines {
		require.Equal(t, 1, seen[fmt.Sprintf("line-%05d", i)], "line %d", i)
	}
	require.Len(t, seen, lines)
}
