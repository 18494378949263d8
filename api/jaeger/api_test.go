package jaeger

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/tenant"
)

// TestScript runs testdata/*.txt: blocks that begin with a line "GET path" (or
// "POST path < file") and go on with what is expected: the status and, for each
// further line, a path into the JSON answer and the value there.
//
//	GET /api/services
//	200
//	data = ["db","web"]
//
// In paths, numbers index lists, and "[tags key=error]" picks the element of a
// list by one of its members.
func TestScript(t *testing.T) {
	srv, store := newServer(t)
	td, err := os.ReadFile(filepath.Join("testdata", "traces.json"))
	require.NoError(t, err)
	traces, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(td)
	require.NoError(t, err)
	require.NoError(t, store.Append(t.Context(), tenant.Default, traces))

	scripts, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	for _, name := range scripts {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, block := range strings.Split(string(text), "\n\n") {
			block = withoutComments(block)
			if block == "" {
				continue
			}
			lines := strings.Split(block, "\n")
			t.Run(filepath.Base(name)+"/"+lines[0], func(t *testing.T) { runBlock(t, srv.URL, lines) })
		}
	}
}

func withoutComments(block string) string {
	var out []string
	for _, l := range strings.Split(strings.TrimSpace(block), "\n") {
		if !strings.HasPrefix(l, "#") {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

func runBlock(t *testing.T, url string, lines []string) {
	method, path, _ := strings.Cut(lines[0], " ")
	var body io.Reader
	if p, file, ok := strings.Cut(path, " < "); ok {
		path = p
		f, err := os.Open(filepath.Join("testdata", file))
		require.NoError(t, err)
		defer f.Close()
		body = f
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url+path, body)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, lines[1], resp.Status[:3], "%s", b)
	var got any
	require.NoError(t, json.Unmarshal(b, &got), "%s", b)
	for _, l := range lines[2:] {
		at, want, ok := strings.Cut(l, " = ")
		require.True(t, ok, "no expectation: %s", l)
		value, err := json.Marshal(pick(t, got, at))
		require.NoError(t, err)
		require.JSONEq(t, want, string(value), at)
	}
}

var steps = regexp.MustCompile(`[^.\[]+(\[[^\]]*\])?`)

// pick follows a path like data.0.spans[spanID=01].duration.
func pick(t *testing.T, v any, path string) any {
	t.Helper()
	for _, step := range steps.FindAllString(path, -1) {
		name, condition, picks := strings.Cut(strings.TrimSuffix(step, "]"), "[")
		switch x := v.(type) {
		case map[string]any:
			v = x[name]
		case []any:
			if name == "len" {
				return len(x)
			}
			var i int
			require.NoError(t, json.Unmarshal([]byte(name), &i), path)
			require.Less(t, i, len(x), path)
			v = x[i]
		default:
			t.Fatalf("%s: nothing at %q", path, step)
		}
		if picks {
			v = pickBy(t, v, condition)
		}
	}
	return v
}

func pickBy(t *testing.T, v any, condition string) any {
	t.Helper()
	key, want, _ := strings.Cut(condition, "=")
	list, _ := v.([]any)
	for _, e := range list {
		if m, ok := e.(map[string]any); ok && m[key] == want {
			return m
		}
	}
	t.Fatalf("no element with %s in %v", condition, v)
	return nil
}

func TestClockSkewAdjustmentIsConfigured(t *testing.T) {
	require.ErrorContains(t, Config{MaxClockSkewAdjustment: -time.Second}.Validate(), "max_clock_skew_adjustment")
	require.NoError(t, DefaultConfig().Validate())
}
