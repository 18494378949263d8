package config

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func loadDoors(t *testing.T, text string) (*Config, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pharos.yml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return Load(file, os.LookupEnv)
}

func TestReceivers(t *testing.T) {
	c, err := loadDoors(t, `receivers:
  syslog: {udp: "127.0.0.1:5140", tls: "127.0.0.1:6514", tls_config: {cert_file: a.pem, key_file: /k.pem}, labels: {site: rome}, timezone: UTC}
  fluent: {tcp: "127.0.0.1:24224", shared_key: k, users: [{name: a, password: b, tenant: acme}]}
  gelf: {tcp: "127.0.0.1:12201", tenant: acme}
  collector:
    origins: ["https://shop.example"]
    objects: {storage: {type: directory, directory: /objects}, every: 1s, actions: [{webhook: {url: "https://x.example"}}]}
`)
	require.NoError(t, err)
	r := c.Receivers
	require.Equal(t, "a.pem", filepath.Base(r.Syslog.TLSConfig.CertFile))
	require.True(t, filepath.IsAbs(r.Syslog.TLSConfig.CertFile), "relative to the file")
	require.Equal(t, map[string]string{"site": "rome"}, r.Syslog.Labels)
	require.EqualValues(t, "acme", r.Fluent.Users[0].Tenant)
	require.Equal(t, time.Second, r.Collector.Objects.Every)
	require.Subset(t, c.Listeners(), []string{"127.0.0.1:5140", "127.0.0.1:6514", "127.0.0.1:24224", "127.0.0.1:12201"})
	require.Len(t, c.Listeners(), len(Default().Listeners())+4)
}

func TestReceiversMistakes(t *testing.T) {
	_, err := loadDoors(t, `receivers:
  syslog: {udp: nowhere, timezone: Atlantis, tls: "127.0.0.1:1"}
  fluent:
    users: [{name: a, password: b, tenant: A}]
  gelf: {max_mesage: 1KiB}
  collector:
    origins: [shop.example]
    objects:
      every: 1ms
      actions: [{}]
`)
	require.Error(t, err)
	for _, want := range []string{
		"pharos.yml:2:17: receivers.syslog.udp", "receivers.syslog.timezone", "receivers.syslog.tls_config", "receivers.fluent.shared_key", "receivers.fluent.users[0]",
		`"max_message"`, "pharos.yml:7:15: receivers.collector.origins[0]", "pharos.yml:9:14: receivers.collector.objects.every", "receivers.collector.objects.actions[0]",
	} {
		require.Contains(t, err.Error(), want)
	}
}
