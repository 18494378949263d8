package dockerstats

import (
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
)

// docker serves recorded answers on a socket.
func docker(t *testing.T) (host string) {
	dir, err := os.MkdirTemp("", "docker") // a socket's path must be short
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "docker.sock"))
	require.NoError(t, err)
	mux := http.NewServeMux()
	file := func(pattern, name string) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			http.ServeFile(w, r, filepath.Join("testdata", name))
		})
	}
	file("GET /containers/json", "containers.json")
	file("GET /containers/{id}/stats", "stats-v2.json")
	file("GET /containers/8a3d5b0c9e7f61d2c4b5a6978877665544332211ffeeddccbbaa009988776655/stats", "stats-v1.json")
	mux.HandleFunc("GET /containers/c0ffee00000000000000000000000000000000000000000000000000000000aa/stats", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"message":"No such container"}`, http.StatusNotFound)
	})
	srv := &http.Server{Handler: mux}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	return "unix://" + filepath.Join(dir, "docker.sock")
}

func TestContainersMetrics(t *testing.T) {
	g, err := New(docker(t), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	const v2 = `container_label_com_docker_compose_project="shop",container_label_com_docker_compose_service="web",id="/docker/4f66ad9a0b2e1d3c5b7a99887766554433221100ffeeddccbbaa998877665544",image="nginx:1.27",name="shop-web-1"`
	const v1 = `id="/docker/8a3d5b0c9e7f61d2c4b5a6978877665544332211ffeeddccbbaa009988776655",image="postgres:16",name="db"`
	want := `
# HELP container_cpu_cfs_throttled_seconds_total Time for which the container was throttled.
# TYPE container_cpu_cfs_throttled_seconds_total counter
container_cpu_cfs_throttled_seconds_total{` + v1 + `} 0
container_cpu_cfs_throttled_seconds_total{` + v2 + `} 1.5
# HELP container_cpu_usage_seconds_total Processor time used.
# TYPE container_cpu_usage_seconds_total counter
container_cpu_usage_seconds_total{` + addLabel(v1, "cpu", "total") + `} 100.215355
container_cpu_usage_seconds_total{` + addLabel(v2, "cpu", "total") + `} 12.345678901
# HELP container_fs_reads_bytes_total Bytes read.
# TYPE container_fs_reads_bytes_total counter
container_fs_reads_bytes_total{` + addLabel(v1, "device", "8:0") + `} 1024
container_fs_reads_bytes_total{` + addLabel(v2, "device", "259:0") + `} 4096
# HELP container_memory_rss Anonymous memory.
# TYPE container_memory_rss gauge
container_memory_rss{` + v1 + `} 5.11e+06
container_memory_rss{` + v2 + `} 1.2e+07
# HELP container_memory_working_set_bytes Memory used without file pages that may be given up.
# TYPE container_memory_working_set_bytes gauge
container_memory_working_set_bytes{` + v1 + `} 5.5e+06
container_memory_working_set_bytes{` + v2 + `} 1.5e+07
# HELP container_network_receive_bytes_total Bytes received.
# TYPE container_network_receive_bytes_total counter
container_network_receive_bytes_total{` + addLabel(v1, "interface", "eth0") + `} 5338
container_network_receive_bytes_total{` + addLabel(v2, "interface", "eth0") + `} 1.234567e+06
container_network_receive_bytes_total{` + addLabel(v2, "interface", "eth1") + `} 10
# HELP docker_up Whether Docker answered.
# TYPE docker_up gauge
docker_up 1
`
	require.NoError(t, testutil.GatherAndCompare(g, strings.NewReader(want), "docker_up", "container_cpu_usage_seconds_total",
		"container_cpu_cfs_throttled_seconds_total", "container_memory_working_set_bytes", "container_memory_rss",
		"container_network_receive_bytes_total", "container_fs_reads_bytes_total"))
}

// addLabel puts a label where it is sorted to.
func addLabel(labels, name, value string) string {
	all := append(strings.Split(labels, `",`), name+`="`+value+`"`)
	for i := range all {
		all[i] = strings.TrimSuffix(all[i], `"`)
	}
	for i := len(all) - 1; i > 0 && all[i] < all[i-1]; i-- {
		all[i], all[i-1] = all[i-1], all[i]
	}
	return strings.Join(all, `",`) + `"`
}

func TestDockerThatIsAway(t *testing.T) {
	g, err := New("unix:///nonexistent/docker.sock", slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.NoError(t, testutil.GatherAndCompare(g, strings.NewReader("# HELP docker_up Whether Docker answered.\n# TYPE docker_up gauge\ndocker_up 0\n")))
	_, err = New("ssh://host", slog.New(slog.DiscardHandler))
	require.ErrorContains(t, err, "want unix, tcp, http or https")
}
