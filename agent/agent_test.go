package agent

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/discovery/targetgroup"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/agent/conf"
)

func load(t *testing.T, text string) *conf.Config {
	t.Helper()
	cfg, err := conf.Parse("promtail.yml", []byte(text), conf.Options{})
	require.NoError(t, err)
	return cfg
}

func TestFileTargets(t *testing.T) {
	cfg := load(t, `
scrape_configs:
  - job_name: pods
    kubernetes_sd_configs: [{role: pod}]
    relabel_configs:
      - {source_labels: [__meta_kubernetes_pod_node_name], target_label: __host__}
      - {source_labels: [__meta_kubernetes_namespace], regex: kube-system, action: drop}
      - {source_labels: [__meta_kubernetes_pod_uid, __meta_kubernetes_pod_container_name], separator: /, replacement: /var/log/pods/*$1/*.log, target_label: __path__}
      - {source_labels: [__meta_kubernetes_namespace], target_label: namespace}
`)
	pod := func(node, ns, uid, container string) model.LabelSet {
		return model.LabelSet{"__address__": "10.0.0.1", "__meta_kubernetes_pod_node_name": model.LabelValue(node), "__meta_kubernetes_namespace": model.LabelValue(ns),
			"__meta_kubernetes_pod_uid": model.LabelValue(uid), "__meta_kubernetes_pod_container_name": model.LabelValue(container)}
	}
	found := fileTargets([]*targetgroup.Group{{Targets: []model.LabelSet{
		pod("here", "shop", "u1", "web"), pod("there", "shop", "u2", "web"), pod("here", "kube-system", "u3", "dns"), pod("here", "shop", "u1", "web"),
	}}}, cfg.Jobs[0].Relabel, "here")
	require.Equal(t, "/var/log/pods/*u1/web/*.log", found[0].Path)
	require.Equal(t, map[string]string{"namespace": "shop"}, found[0].Labels)
	require.Empty(t, found[0].Dropped)
	require.Contains(t, found[1].Dropped, "wrong host")
	require.Contains(t, found[2].Dropped, "relabel_configs")
	require.Contains(t, found[3].Dropped, "already exists")
	require.Len(t, tailTargets(found), 1)

	ownNodeOnly(cfg.Jobs[0], "here")
	require.Contains(t, cfg.Jobs[0].Discovery[0].Name(), "kubernetes")
}

func TestDryRunShowsEachStage(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "app.log")
	text := `{"level":"info","message":"hello"}` + "\n" + `{"level":"debug","message":"no"}` + "\nnot shown\n"
	require.NoError(t, os.WriteFile(log, []byte(text), 0o600))
	found := filepath.Join(dir, "targets.json")
	require.NoError(t, os.WriteFile(found, []byte(`[{"targets":["localhost"],"labels":{"found":"yes","__path__":"`+log+`"}}]`), 0o600))
	cfg := load(t, `
positions: {filename: `+filepath.Join(dir, "positions.yaml")+`}
scrape_configs:
  - job_name: app
    static_configs:
      - {targets: [localhost], labels: {job: app, __path__: '`+dir+`/*.log'}}
      - {targets: [localhost], labels: {job: pathless}}
    file_sd_configs: [{files: ['`+found+`']}]
    dns_sd_configs: [{names: [example.org]}]
    pipeline_stages:
      - json: {expressions: {level: level, message: message}}
      - labels: {level: }
      - drop: {source: level, value: debug}
      - output: {source: message}
  - job_name: port
    syslog: {listen_address: '127.0.0.1:0'}
`)
	var out bytes.Buffer
	require.NoError(t, DryRun{Config: cfg, Lines: 2, Out: &out}.Run(t.Context()))
	for _, want := range []string{
		"job app (files)", `labels {job="app"}`, "no path for target", "dns_sd_configs: a dry run does not ask it", `labels {found="yes"}`,
		"app.log, 78 bytes, from its beginning",
		"json (line 11)", "extracted  + level=info", "label      + level=info", "line       hello",
		`=> {filename="` + log + `", job="app", level="info"} hello`, "dropped: drop_stage",
		"job port (syslog)", "does not listen",
	} {
		require.Contains(t, out.String(), want)
	}
	require.NotContains(t, out.String(), "not shown")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 2, "nothing was written")

	out.Reset()
	require.NoError(t, DryRun{Config: cfg, Out: &out, Job: "port", Stdin: strings.NewReader("a line\n")}.Run(t.Context()))
	require.Contains(t, out.String(), "=> {} a line")
	require.Error(t, DryRun{Config: cfg, Out: &out, Job: "none"}.Run(t.Context()))
}

func TestPagesShowNoSecrets(t *testing.T) {
	cfg := load(t, `
clients:
  - {url: 'http://user:hush@localhost/loki/api/v1/push', bearer_token: hush}
scrape_configs:
  - job_name: k
    kafka: {brokers: ['b:1'], topics: [t], authentication: {type: sasl, sasl_config: {user: u, password: hush}}}
`)
	require.NotContains(t, cfg.Redacted(), "hush")
	require.Contains(t, cfg.Redacted(), "user: u")
}
