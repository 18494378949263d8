package collectorfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/internal/testkit"
)

func noEnv(string) (string, bool) { return "", false }

const jaegerFile = `# jaeger-collector-config.yml
receivers:
  jaeger:
    protocols:
      grpc:
        endpoint: 0.0.0.0:14250
      thrift_http:
        endpoint: 0.0.0.0:14268
      thrift_compact:
        endpoint: 0.0.0.0:6831
  otlp/unused:
    protocols:
      grpc:

processors:
  batch:
    timeout: 1s

exporters:
  elasticsearch:
    endpoints: ["http://elasticsearch:9200"]

service:
  pipelines:
    traces:
      receivers: [jaeger]
      processors: [batch]
      exporters: [elasticsearch]
`

func TestReceiversAndReplacedParts(t *testing.T) {
	f, err := Read("c.yml", []byte(jaegerFile), noEnv)
	require.NoError(t, err)
	require.Empty(t, f.OTLP)
	require.Empty(t, f.Zipkin)
	c := f.Jaeger["jaeger"]
	require.Equal(t, "0.0.0.0:14250", c.GRPC.Get().NetAddr.Endpoint)
	require.Equal(t, "0.0.0.0:14268", c.ThriftHTTP.Get().NetAddr.Endpoint)
	require.Equal(t, "0.0.0.0:6831", c.ThriftCompactUDP.Get().Endpoint)
	require.False(t, c.ThriftBinaryUDP.HasValue())
	var replaced []string
	for _, r := range f.Replaced {
		replaced = append(replaced, r.String())
	}
	require.Equal(t, []string{
		"line 16: processors.batch: replaced by Pharos: spans that arrive together are written together",
		"line 20: exporters.elasticsearch: replaced by Pharos: Pharos stores what is received",
		"line 11: receivers.otlp/unused: replaced by Pharos: no pipeline names it",
	}, replaced)
}

func TestVariables(t *testing.T) {
	text := "receivers:\n  zipkin:\n    endpoint: ${env:HOST:-localhost}:${PORT}\nservice:\n  pipelines:\n    traces:\n      receivers: [zipkin]\n"
	f, err := Read("c.yml", []byte(text), func(n string) (string, bool) { return "9999", n == "PORT" })
	require.NoError(t, err)
	require.Equal(t, "localhost:9999", f.Zipkin["zipkin"].NetAddr.Endpoint)
	_, err = Read("c.yml", []byte(text), noEnv)
	require.ErrorContains(t, err, "c.yml:3:38: environment variable PORT is not set")
}

func TestEveryProblemHasItsPlace(t *testing.T) {
	text := `receivers:
  jaeger:
    protocols:
      grpc:
        endpoint: 0.0.0.0:14250
        endpiont: x
  kafka:
    brokers: [a]
  otlp:
    protocols:
      http:
        auth:
          authenticator: basic
processors:
  tail_sampling:
exporters:
  kafka:
surprise: 1
service:
  pipelines:
    traces:
      receivers: [jaeger, nowhere]
      reciever: [x]
`
	_, err := Read("c.yml", []byte(text), noEnv)
	var e *strictyaml.Error
	require.True(t, errors.As(err, &e), "%v", err)
	var got []string
	for _, p := range e.Problems {
		got = append(got, p.String())
	}
	for i, want := range []string{
		`c.yml:15:3: processors.tail_sampling: "tail_sampling" is not supported: it would change what is stored`,
		`c.yml:17:3: exporters.kafka: "kafka" is not supported: data would no longer get there`,
		`c.yml:18:1: surprise: unknown key`,
		`c.yml:22:27: service.pipelines.traces.receivers: receiver "nowhere" is not defined`,
		`c.yml:23:7: service.pipelines.traces.reciever: unknown key`,
		`c.yml:6:9: receivers.jaeger.protocols.grpc.endpiont: unknown key`,
		`c.yml:7:3: receivers.kafka: receiver "kafka" is not supported`,
		`c.yml:12:9: receivers.otlp.protocols.http.auth: is not supported: Pharos checks its own tokens`,
	} {
		require.Contains(t, got[i], want)
	}
	require.Len(t, got, 8)
}

func TestNoCollectorFileAtAll(t *testing.T) {
	for _, text := range []string{"", "a", "- a", "a: [", "\x00", "receivers:\n  otlp: 1\n", "receivers: {otlp: {protocols: {grpc: {endpoint: {}}}}}\nservice: {}", "service: 1", "receivers: {otlp: &a [*a]}\nservice: {}"} {
		_, err := Read("c.yml", []byte(text), noEnv)
		require.Error(t, err, "%q", text)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(jaegerFile))
	f.Add([]byte("receivers: {otlp: &a {b: *a}}\nservice: {}"))
	f.Fuzz(func(t *testing.T, text []byte) { _, _ = Read("c.yml", text, noEnv) })
}

// TestFilesFromTheField reads whole configurations of others, if they are here:
// none may be refused without saying where.
func TestFilesFromTheField(t *testing.T) {
	shared := testkit.Shared(t)
	steel := filepath.Join(shared, "stacks", "steel", "jaeger-collector-config.yml")
	text, err := os.ReadFile(steel)
	require.NoError(t, err)
	f, err := Read(steel, text, noEnv)
	require.NoError(t, err)
	require.Len(t, f.Jaeger, 1)
	require.Len(t, f.Replaced, 2)

	read := 0
	err = filepath.WalkDir(filepath.Join(shared, "fixtures", "otel", "collector_configs"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(filepath.Ext(path), "y") {
			return err
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		if _, err := Read(path, text, noEnv); err != nil {
			require.Contains(t, err.Error(), filepath.Base(path)+":", path)
		} else {
			read++
		}
		return nil
	})
	require.NoError(t, err)
	t.Logf("%d files are taken as they are", read)
}
