package dashboards

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	file := filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, []byte(content), 0o644))
}

func load(dir string, env map[string]string) (*Provisioner, error) {
	return NewProvisioner(Config{Provisioning: filepath.Join(dir, "p")}, slog.New(slog.DiscardHandler), environment(env))
}

func TestProvisioningReadsGrafanasFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "p/datasources/a.yml", "apiVersion: 1\ndatasources:\n- {name: Metrics, uid: m1, type: prometheus, isDefault: true, jsonData: {url: '$${__value.raw}'}}\n- {name: Old, type: influxdb}\n")
	write(t, dir, "p/dashboards/a.yaml", "apiVersion: 1\nproviders:\n- name: files\n  folder: ${TEAM} $$x\n  type: file\n  options: {path: ../../d, foldersFromFilesStructure: true}\n")
	write(t, dir, "d/top.json", `{"uid":"top","title":"Top"}`)
	write(t, dir, "d/Team B/deep.json", `{"title":"No uid"}`)
	write(t, dir, "d/twice.json", `{"uid":"top","title":"Twice"}`)
	write(t, dir, "d/broken.json", "{\n\n]")
	write(t, dir, "d/..data/hidden.json", `{"uid":"hidden","title":"x"}`)
	p, err := load(dir, map[string]string{"TEAM": "Team A"})
	require.NoError(t, err)
	s := p.Snapshot()
	require.Len(t, s.Dashboards, 2)
	require.Equal(t, Folder{UID: "team-a-x", Title: "Team A $x"}, s.Dashboards["top"].Folder)
	for uid, d := range s.Dashboards {
		if uid != "top" {
			require.Equal(t, Folder{UID: "team-b", Title: "Team B"}, d.Folder)
		}
	}
	require.Equal(t, []Datasource{
		{UID: "m1", Name: "Metrics", Type: "prometheus", Dialect: "prometheus", Default: true},
		{UID: "old", Name: "Old", Type: "influxdb"},
		{UID: "loki", Name: "Loki", Type: "loki", Dialect: "loki"},
		{UID: "jaeger", Name: "Jaeger", Type: "jaeger", Dialect: "jaeger"},
		{UID: "tempo", Name: "Tempo", Type: "tempo", Dialect: "tempo"},
		{UID: "zipkin", Name: "Zipkin", Type: "zipkin", Dialect: "zipkin"},
		{UID: "elasticsearch", Name: "Elasticsearch", Type: "elasticsearch", Dialect: "elasticsearch"},
		{UID: "alertmanager", Name: "Alertmanager", Type: "alertmanager", Dialect: "alertmanager"},
	}, s.Datasources)
	var messages []string
	for _, problem := range s.Problems {
		rel, err := filepath.Rel(dir, problem.File)
		require.NoError(t, err)
		problem.File = rel
		messages = append(messages, problem.Error())
	}
	require.Equal(t, []string{
		`p/datasources/a.yml:4: datasource "Old": type "influxdb" is not supported; panels that use it say so`,
		`d/broken.json: invalid dashboard: line 3: invalid character ']' looking for beginning of object key string`,
		`d/twice.json: uid "top" is taken by top.json of provider "files"; this file is not shown`,
	}, messages)
}

func TestProvisioningListsEveryError(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "p/datasources/a.yaml", "apiVersion: 2\ndatasources:\n- {uid: x}\n")
	write(t, dir, "p/dashboards/a.yaml", "apiVersion: 1\nproviders:\n- {name: a, type: s3, options: {path: x}}\n- {name: b}\n- name: c\n  options: {path: [1]}\n")
	write(t, dir, "p/dashboards/b.yaml", "providers: ${MISSING}\n")
	write(t, dir, "p/dashboards/c.yaml", "a: [\n")
	_, err := load(dir, nil)
	require.Error(t, err)
	for _, want := range []string{
		"p/dashboards/a.yaml:3: provider \"a\": type \"s3\" is not supported",
		"p/dashboards/a.yaml:4: provider \"b\": options.path is missing",
		"p/dashboards/a.yaml:6: cannot unmarshal",
		"p/dashboards/b.yaml:1:12: environment variable MISSING is not set",
		"p/dashboards/c.yaml:1: ",
		"p/datasources/a.yaml:1: apiVersion 2 is not supported",
		"p/datasources/a.yaml:3: a datasource needs a name and a type",
	} {
		require.ErrorContains(t, err, want)
	}
	_, err = NewProvisioner(Config{Provisioning: filepath.Join(dir, "none")}, slog.New(slog.DiscardHandler), environment(nil))
	require.ErrorContains(t, err, "no folder that can be read")
}

func TestProvisionerFollowsFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "p/dashboards/a.yaml", "apiVersion: 1\nproviders:\n- {name: f, options: {path: ../../d}}\n- {name: keep, disableDeletion: true, options: {path: ../../k}}\n")
	write(t, dir, "d/a.json", `{"uid":"a","title":"A"}`)
	write(t, dir, "k/b.json", `{"uid":"b","title":"B"}`)
	p, err := load(dir, nil)
	require.NoError(t, err)
	first := p.Snapshot()
	require.Len(t, first.Dashboards, 2)

	write(t, dir, "d/a.json", `{"uid":"a","title":"Changed"}`)
	write(t, dir, "d/c.json", `{"uid":"c","title":"C"}`)
	require.NoError(t, os.Remove(filepath.Join(dir, "k/b.json")))
	p.refresh(false)
	s := p.Snapshot()
	require.Equal(t, "Changed", s.Dashboards["a"].Document.Title())
	require.Contains(t, s.Dashboards, "c")
	require.Contains(t, s.Dashboards, "b", "disableDeletion keeps what was read")
	require.Equal(t, "A", first.Dashboards["a"].Document.Title(), "a snapshot does not change")

	require.NoError(t, os.Remove(filepath.Join(dir, "d/c.json")))
	p.refresh(false)
	require.NotContains(t, p.Snapshot().Dashboards, "c")

	write(t, dir, "p/dashboards/a.yaml", "apiVersion: 1\nproviders: {}\n")
	require.Error(t, p.Reload(Config{Provisioning: filepath.Join(dir, "p")}))
	require.Contains(t, p.Snapshot().Dashboards, "a", "a bad reload leaves the former state")
	require.NoError(t, p.Reload(DefaultConfig()))
	require.Len(t, p.Snapshot().Dashboards, defaultDashboards, "another folder, other dashboards")
}

func TestProvisionerRunStops(t *testing.T) {
	p, err := NewProvisioner(DefaultConfig(), slog.New(slog.DiscardHandler), os.LookupEnv)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- p.Run(ctx) }()
	cancel()
	require.NoError(t, <-done)
}
