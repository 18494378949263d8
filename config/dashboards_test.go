package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDashboardsSettingsSayWhereTheyAreWrong breaks settings in the ways that people do:
// each error has its line and column and what to write instead, all at once.
func TestDashboardsSettingsSayWhereTheyAreWrong(t *testing.T) {
	for text, want := range map[string][]string{
		"dashboards:\n  provisoning: x\n  reports:\n    smpt: {smarthost: a}\n": {
			`:2:3: dashboards.provisoning: unknown key (did you mean "provisioning"?)`, `:4:5: dashboards.reports.smpt: unknown key (did you mean "smtp"?)`},
		"dashboards:\n  proxy:\n    timeout: 0s\n    max_answer: 0\n    max_concurrent: 2000\n    tenants: [A B]\n": {
			`:3:14: dashboards.proxy.timeout: is 0s; it may be up to 5m`, `:4:17: dashboards.proxy.max_answer: is 0 bytes`,
			`:5:21: dashboards.proxy.max_concurrent: is 2000; it may be 1 to 1000`, `:6:14: dashboards.proxy.tenants: invalid tenant id: "A B"`},
		"dashboards:\n  reports:\n    smtp:\n      smarthost: nohost\n      from: not an address\n      auth_username: me\n": {
			`:4:18: dashboards.reports.smtp.smarthost: address nohost: missing port`, `:5:13: dashboards.reports.smtp.from: "not an address" is no e-mail address`,
			`dashboards.reports.smtp: auth_username and auth_password_file belong together`},
		"dashboards: {reports: {smtp: {smarthost: 'm:99999'}}}\n": {`:1:42: dashboards.reports.smtp.smarthost: "99999" is no port`, `from is missing`},
		"dashboards:\n  paths: [a, b]\n  defaults: maybe\n":       {`:2:10: dashboards.paths: expected a mapping, found a list`, `:3:13: dashboards.defaults: expected true or false`},
	} {
		file := filepath.Join(t.TempDir(), "pharos.yml")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := Load(file, os.LookupEnv)
		for _, w := range want {
			require.ErrorContains(t, err, w, text)
		}
		require.Len(t, strings.Split(err.Error(), "\n"), len(want), "%s\nis wrong in as many places:\n%s", text, err)
	}
}

// TestCheckWarnsOfDashboardsThatAreNotShown names what starts and shows less than it should.
func TestCheckWarnsOfDashboardsThatAreNotShown(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"pharos.yml":                  "dashboards: {provisioning: grafana, chromium: /nowhere/chromium, proxy: {sources: [gone]}}\n",
		"grafana/dashboards/all.yaml": "apiVersion: 1\nproviders:\n  - {name: here, type: file, options: {path: ../boards}}\n  - {name: there, type: file, options: {path: /nowhere/boards}}\n",
		"grafana/boards/bad.json":     `{"title": "x", "panels": [`,
		"grafana/boards/good.json":    `{"title": "y", "uid": "y", "panels": []}`,
	} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o750))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	cfg, err := Load(filepath.Join(dir, "pharos.yml"), os.LookupEnv)
	require.NoError(t, err)
	require.NoError(t, cfg.Check(os.LookupEnv))
	var all strings.Builder
	for _, w := range cfg.Warnings(os.LookupEnv) {
		all.WriteString(w.Error() + "\n")
	}
	for _, want := range []string{"bad.json", "/nowhere/boards", "/nowhere/chromium", `no datasources/*.yaml declares "gone"`} {
		require.Contains(t, all.String(), want)
	}
	require.NotContains(t, all.String(), "good.json")
}
