package e2e

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// TestDoorsClients sends with the clients that other systems' users have: gelf-pro,
// splunk-logging, Datadog's API client, and Fluentd's logger with key, user and
// acknowledgements in every mode.
func TestDoorsClients(t *testing.T) {
	if _, err := os.Stat("../clients/node_modules"); err != nil {
		t.Skip("the clients are not installed; test/install-deps.sh does it")
	}
	gelf, forward := testkit.FreeAddress(t), testkit.FreeAddress(t)
	s := testkit.Start(t, fmt.Sprintf("receivers:\n  gelf: {udp: %q}\n  fluent: {tcp: %q, shared_key: k3y, hostname: pharos, users: [{name: ann, password: a-password, tenant: default}]}\n", gelf, forward), "--auth=off")
	port := func(address string) string {
		_, p, err := net.SplitHostPort(address)
		require.NoError(t, err)
		return p
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "send.cjs", s.URL, port(gelf), port(forward))
	cmd.Dir = "../clients"
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	for selector, lines := range map[string]int{`{job="gelf"}|request="a"`: 1, `{job="splunk",source="clients"}`: 1, `{job="datadog",service="shop",env="prod"}`: 1, `{tag="clients"}`: 4} {
		require.Eventually(t, func() bool { return len(allLines(t, s, selector)) == lines }, 10*time.Second, 100*time.Millisecond, selector)
	}
}
