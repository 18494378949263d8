package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// The rules that ship for a web application count its operations from access lines;
// what they record is a metric that PromQL finds, and Loki's rules API lists them.
func TestShippedLogRulesCountOperations(t *testing.T) {
	rules, err := os.ReadFile("../../deploy/log-rules/web-application.yml")
	require.NoError(t, err)
	s := testkit.New(t, "logs:\n  rules: {files: [web.yml]}\n", "--auth=off")
	s.Write("web.yml", strings.ReplaceAll(string(rules), "interval: 5s", "interval: 1s"))
	s.Run()

	operations := map[string]string{"create": "POST", "read": "GET", "update": "PATCH", "delete": "DELETE"}
	recorded := func() map[string]float64 {
		status, body := s.Get("/api/v1/query?query=" + url.QueryEscape("web:operations:rate10s"))
		require.Equal(t, http.StatusOK, status, body)
		var ans struct {
			Data struct {
				Result []struct {
					Metric map[string]string
					Value  [2]any
				}
			}
		}
		require.NoError(t, json.Unmarshal([]byte(body), &ans))
		out := map[string]float64{}
		for _, r := range ans.Data.Result {
			v, err := strconv.ParseFloat(r.Value[1].(string), 64)
			require.NoError(t, err)
			out[r.Metric["operation"]] = v
		}
		return out
	}
	require.Eventually(t, func() bool {
		now := time.Now().UnixNano()
		var values [][]string
		for _, method := range operations {
			values = append(values, []string{strconv.FormatInt(now, 10), fmt.Sprintf(`10.0.0.1 - - [26/Nov/2026:10:00:00 +0000] "%s /items/%d HTTP/1.1" 200 12`, method, now)})
		}
		body, err := json.Marshal(map[string]any{"streams": []any{map[string]any{"stream": map[string]string{"job": "web"}, "values": values}}})
		require.NoError(t, err)
		status, text := s.Do(http.MethodPost, "/loki/api/v1/push", body, "Content-Type: application/json")
		require.Equal(t, http.StatusNoContent, status, text)
		got := recorded()
		for name := range operations {
			if got[name] <= 0 {
				return false
			}
		}
		return len(got) == len(operations)
	}, 30*time.Second, 200*time.Millisecond)

	status, body := s.Get("/loki/api/v1/rules")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, "web:operations:rate10s")

	// Who asks what may go is told which rule writes the metric, and that it was read.
	status, body = s.Get("/api/pharos/v1/metrics/usage?days=1")
	require.Equal(t, http.StatusOK, status, body)
	type metric struct {
		Name       string
		Reads      int
		References []struct{ Kind, Name string }
		RecordedBy []struct{ Kind, Name string } `json:"recorded_by"`
	}
	var usage struct{ Metrics []metric }
	require.NoError(t, json.Unmarshal([]byte(body), &usage))
	i := slices.IndexFunc(usage.Metrics, func(m metric) bool { return m.Name == "web:operations:rate10s" })
	require.GreaterOrEqual(t, i, 0, body)
	require.NotZero(t, usage.Metrics[i].Reads)
	for _, ref := range usage.Metrics[i].References { // the shipped dashboard does, the rule that writes it does not
		require.Equal(t, "dashboard", ref.Kind)
	}
	require.NotEmpty(t, usage.Metrics[i].RecordedBy)
	require.Equal(t, "log rule", usage.Metrics[i].RecordedBy[0].Kind)
}
