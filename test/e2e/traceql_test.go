package e2e

import (
	"net/http"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/internal/testkit"
)

func TestTraceQLOverTheWholeWay(t *testing.T) {
	t.Parallel()
	s := testkit.Start(t, "", "--auth=off")
	trace := fillSources(t, s, time.Now())

	status, body := s.Do(http.MethodGet, "/tempo/api/traces/"+trace, nil, "Accept: application/protobuf")
	require.Equal(t, http.StatusOK, status)
	td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces([]byte(body))
	require.NoError(t, err)
	require.Equal(t, 1, td.SpanCount())

	query := func(args ...string) string {
		out, err := exec.Command(testkit.Binary(t), append([]string{"query", "--server", s.URL}, args...)...).CombinedOutput()
		require.NoError(t, err, string(out))
		return string(out)
	}
	require.Contains(t, query(`{ status = error }`), "web: get /cart")
	require.Contains(t, query("-o", "csv", "--language", "traceql", `{ span.http.status_code = 500 }`), trace[1:])
	require.Contains(t, query("--from", "1h", `{ } | count_over_time() by (name)`), `{name="get /cart"}`)
	out, err := exec.Command(testkit.Binary(t), "query", "--server", s.URL, "--language", "traceql", "{ status = eror }").CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "parse error at line 1, col 12")
}
