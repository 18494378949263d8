package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/httpx"
)

func TestPages(t *testing.T) {
	root, err := findRoot()
	require.NoError(t, err)
	wired, err := wire()
	require.NoError(t, err)
	for _, p := range pages {
		t.Run(filepath.Base(p.file), func(t *testing.T) {
			want, err := p.generate(root, wired)
			require.NoError(t, err)
			if read(t, root, p.file) != want {
				t.Errorf("%s differs from the code; run make generate", p.file)
			}
		})
	}
	t.Run("paths are served", func(t *testing.T) { checkPaths(t, root, wired) })
}

var namedPath = regexp.MustCompile("(?:pharos:8400|POST |GET |`)(/[a-z][A-Za-z0-9_/<>.*-]*)")

// checkPaths asks the process' route table for each path of the main port that
// the pages for people name.
func checkPaths(t *testing.T, root string, p *process) {
	mux := httpx.NewMux()
	for _, r := range p.routes {
		if r.Pattern != "/" && r.Pattern != r.Tree { // the UI's and a tree's, which take everything
			mux.Handle(r, r.Handler)
		}
	}
	found := namedPath.FindAllStringSubmatch(read(t, root, "docs/user/protocols.md")+read(t, root, "docs/user/operations.md"), -1)
	require.Greater(t, len(found), 20)
	examples := strings.NewReplacer("<name>", "name", "<service>", "service", "<id>", "1", "status/*", "status/config")
	for _, m := range found {
		if elsewhere[m[1]] {
			continue
		}
		get := mux.Pattern(httptest.NewRequest(http.MethodGet, examples.Replace(m[1]), nil))
		post := mux.Pattern(httptest.NewRequest(http.MethodPost, examples.Replace(m[1]), nil))
		if get == "" && post == "" {
			t.Errorf("the pages name %s, which is not served", m[1])
		}
	}
}

// elsewhere are paths that the pages name and the main port does not have.
var elsewhere = map[string]bool{"/api/v2/spans": true, "/api/v1/spans": true}

func read(t *testing.T, root, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, name))
	require.NoError(t, err)
	return string(b)
}

func TestParseDesc(t *testing.T) {
	m, err := parseDesc(`Desc{fqName: "a_total", help: "Says \"b\".", unit: "", constLabels: {store="logs"}, variableLabels: {reason,code}}`)
	require.NoError(t, err)
	require.Equal(t, metric{name: "a_total", help: `Says "b".`, labels: []string{"store", "reason", "code"}}, m)
	_, err = parseDesc("Desc{}")
	require.Error(t, err)
}
