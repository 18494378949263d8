package ingest

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/model"
)

func TestDetectLevel(t *testing.T) {
	ls := func(kv ...string) model.Labels {
		var out []model.Label
		for i := 0; i < len(kv); i += 2 {
			out = append(out, model.Label{Name: kv[i], Value: kv[i+1]})
		}
		return model.NewLabels(out...)
	}
	for _, c := range []struct {
		labels, metadata model.Labels
		line, want       string
	}{
		{ls("level", "WARNING"), nil, "error", "warn"},
		{ls("level", "odd"), ls("level", "info"), "error", "odd"},
		{nil, ls("severity", "Information"), "error", "info"},
		{nil, ls("severity_number", "17"), "info", "error"},
		{nil, ls("severity_number", "0"), "info", "unknown"},
		{nil, ls("severity_number", "99"), "info", "unknown"},
		{nil, ls("severity_number", "x"), "error", "info"},
		{nil, nil, `{"level":"ERROR"}`, "error"},
		{nil, nil, `  {"a":{"lvl":"wrn"}} `, "warn"},
		{nil, nil, `{"a":{"b":{"lvl":"wrn"}}}`, "unknown"},
		{nil, nil, `{"level":17,"msg":"info"}`, "info"},
		{nil, nil, `{"level":"odd"} `, "unknown"},
		{nil, nil, `{"broken" "error"}`, "error"},
		{nil, nil, `a=1 severity=crit level=critical`, "critical"},
		{nil, nil, `level="dbg" msg="an error"`, "debug"},
		{nil, nil, `x" level=info`, "info"}, // by its word: the pair is behind a syntax error
		{nil, nil, `an error: and info`, "error"},
		{nil, nil, `misc:error`, "unknown"},
		{nil, nil, `errors`, "unknown"},
		{nil, nil, `[WARN] x`, "warn"},
		{nil, nil, "\x1b[31mERROR", "unknown"},
		{nil, nil, "", "unknown"},
	} {
		require.Equal(t, c.want, detectLevel(c.labels, &model.LogEntry{Line: c.line, Metadata: c.metadata}), "%+v", c)
	}
}

// TestLevelsAsLoki counts the levels of a data set and compares with what a real
// Loki counted.
func TestLevelsAsLoki(t *testing.T) {
	f, err := os.Open(testkit.Shared(t, "oracles/logql/dataset.ndjson.gz"))
	require.NoError(t, err)
	defer f.Close()
	gz, err := gzip.NewReader(f)
	require.NoError(t, err)
	counts := map[string]map[string]int{}
	seen := map[string]bool{}
	for lines := json.NewDecoder(gz); lines.More(); {
		var e struct {
			Labels, Meta map[string]string
			TS, Line     string
		}
		require.NoError(t, lines.Decode(&e))
		key, _ := json.Marshal(e.Labels)
		if once := string(key) + e.TS + e.Line; seen[once] {
			continue // Loki stores what is equal once
		} else {
			seen[once] = true
		}
		app := e.Labels["app"]
		if counts[app] == nil {
			counts[app] = map[string]int{}
		}
		entry := model.LogEntry{Line: e.Line, Metadata: labelsOf(e.Meta)}
		counts[app][detectLevel(labelsOf(e.Labels), &entry)]++
	}

	byApp := regexp.MustCompile(`^sum by\(detected_level\)\(count_over_time\(\{app="(\w+)"\}\[30m\]\)\)$`)
	answers := map[string]string{}
	readJSONLines(t, testkit.Shared(t, "oracles/logql/open/queries-levels.jsonl"), func(q struct{ ID, Query string }) {
		if m := byApp.FindStringSubmatch(q.Query); m != nil {
			answers[q.ID] = m[1]
		}
	})
	compared := 0
	readJSONLines(t, testkit.Shared(t, "oracles/logql/open/expected-levels.jsonl"), func(a struct {
		ID   string
		Body json.RawMessage
	}) {
		app, ok := answers[a.ID]
		if !ok {
			return
		}
		var body struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
		require.NoError(t, json.Unmarshal(a.Body, &body))
		want := map[string]int{}
		for _, r := range body.Result {
			n, err := json.Number(r.Value[1].(string)).Int64()
			require.NoError(t, err)
			want[r.Metric["detected_level"]] = int(n)
		}
		require.Equal(t, want, counts[app], "app %s", app)
		compared++
	})
	require.Greater(t, compared, 8)
}

func labelsOf(m map[string]string) model.Labels {
	var out []model.Label
	for k, v := range m {
		out = append(out, model.Label{Name: k, Value: v})
	}
	return model.NewLabels(out...)
}

func readJSONLines[T any](t testing.TB, path string, fn func(T)) {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	for lines := json.NewDecoder(bufio.NewReader(f)); lines.More(); {
		var v T
		require.NoError(t, lines.Decode(&v))
		fn(v)
	}
}
