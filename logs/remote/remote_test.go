package remote_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logstest"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/logs/remote"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// open returns a log store on the servers, over a write-ahead log in dir.
func open(t *testing.T, c remote.Config, dir string) (*logstore.Store, *rowstore.Remote) {
	rows, err := remote.Open(c, rowstore.RemoteConfig{Path: dir, Retention: 30 * 24 * time.Hour, FutureLimit: 24 * time.Hour, MaxInFlight: 64 << 20},
		slog.New(slog.NewTextHandler(t.Output(), nil)), nil)
	require.NoError(t, err)
	return logstore.New(rows, rows), rows
}

func settings(insert, query string, nodes ...string) remote.Config {
	c := remote.DefaultConfig()
	c.InsertURL, c.SelectURL, c.NodeURLs = insert, query, nodes
	return c
}

// TestConformance runs the suite of all engines over a real server.
func TestConformance(t *testing.T) {
	logstest.Run(t, func(t *testing.T) (logs.Appender, logs.Reader) {
		server := testkit.StartVictoriaLogs(t)
		s, rows := open(t, settings(server.URL, server.URL), t.TempDir())
		t.Cleanup(func() { require.NoError(t, rows.Close()) })
		return s, s
	})
}

// TestCluster runs it over a cluster: two nodes that keep lines and one server that
// answers.
func TestCluster(t *testing.T) {
	if testing.Short() {
		t.Skip("the single server is asked the same")
	}
	logstest.Run(t, func(t *testing.T) (logs.Appender, logs.Reader) {
		a, b := testkit.StartVictoriaLogs(t), testkit.StartVictoriaLogs(t)
		query := testkit.StartVictoriaLogs(t, "-storageNode="+a.Host()+","+b.Host())
		s, rows := open(t, settings("", query.URL, a.URL, b.URL), t.TempDir())
		t.Cleanup(func() { require.NoError(t, rows.Close()) })
		return s, s
	})
}

// stream is n lines from a number on.
func stream(base time.Time, first, n int) []model.LogStream {
	st := model.LogStream{Labels: model.NewLabels(model.Label{Name: "app", Value: fmt.Sprint("app", first%3)})}
	for i := range n {
		st.Entries = append(st.Entries, model.LogEntry{Time: base.Add(time.Duration(first+i) * time.Microsecond).UnixNano(), Line: fmt.Sprint("line ", first+i)})
	}
	return []model.LogStream{st}
}

// stored waits until the lines from 0 to before n are there, each once.
func stored(t *testing.T, s logs.Reader, base time.Time, n int) {
	t.Helper()
	var got map[string]int
	require.EventuallyWithT(t, func(t *assert.CollectT) {
		got = map[string]int{}
		q := logs.Query{Start: base.UnixNano(), End: base.Add(time.Minute).UnixNano()}
		require.NoError(t, s.Select(context.Background(), tenant.Default, q, func(b *logs.Block) error {
			for _, line := range b.Lines {
				got[strings.Clone(line)]++
			}
			return nil
		}))
		require.Len(t, got, n)
	}, 30*time.Second, 100*time.Millisecond)
	for line, times := range got {
		require.Equal(t, 1, times, line)
	}
}

// TestServerAway accepts lines while the server is away, says so to readers, and
// refuses when its log is full.
func TestServerAway(t *testing.T) {
	server := testkit.StartVictoriaLogs(t)
	c := settings(server.URL, server.URL)
	c.MaxLog, c.Hold = 16<<20, strictyaml.Duration(5*time.Second)
	s, rows := open(t, c, t.TempDir())
	defer func() { require.NoError(t, rows.Close()) }()
	base := time.Now().Add(-time.Minute).Truncate(time.Second)
	require.NoError(t, s.Append(t.Context(), tenant.Default, stream(base, 0, 10)))
	stored(t, s, base, 10)
	require.NoError(t, rows.Reach())

	server.Kill()
	require.NoError(t, s.Append(t.Context(), tenant.Default, stream(base, 10, 10)))
	err := s.Select(t.Context(), tenant.Default, logs.Query{Start: 0, End: time.Now().UnixNano()}, func(*logs.Block) error { return nil })
	require.ErrorContains(t, err, "log server")
	require.Eventually(t, func() bool { return rows.Reach() != nil }, 10*time.Second, 10*time.Millisecond)

	n := 20
	for ; n < 2000; n += 10 {
		st := stream(base, n, 10)
		for i := range st[0].Entries {
			st[0].Entries[i].Metadata = model.NewLabels(model.Label{Name: "ballast", Value: ballast(n*10+i, 20_000)})
		}
		if err = s.Append(t.Context(), tenant.Default, st); err != nil {
			break
		}
	}
	require.ErrorIs(t, err, rowstore.ErrOverloaded)
	require.Greater(t, n, 100)
	require.Error(t, rows.Health())

	server.Restart()
	stored(t, s, base, n)
	require.NoError(t, rows.Reach())
	require.Eventually(t, func() bool { return rows.Health() == nil }, 30*time.Second, 100*time.Millisecond)
	require.NoError(t, s.Append(t.Context(), tenant.Default, stream(base, n, 10)))
	stored(t, s, base, n+10)
}

// ballast is text that does not compress well.
func ballast(seed, n int) string {
	var b strings.Builder
	x := uint64(seed) + 1
	for b.Len() < n {
		x = x*6364136223846793005 + 1442695040888963407
		fmt.Fprintf(&b, "%x", x)
	}
	return b.String()
}

// TestKills kills the server and this side's process at bad moments while clients
// push: every acknowledged line is there once.
func TestKills(t *testing.T) {
	server := testkit.StartVictoriaLogs(t, "-inmemoryDataFlushInterval=2s")
	c := settings(server.URL, server.URL)
	c.Hold = strictyaml.Duration(10 * time.Second)
	dir := t.TempDir()
	s, rows := open(t, c, dir)
	base := time.Now().Add(-time.Minute).Truncate(time.Second)
	n := 0
	var mu sync.Mutex
	push := func(until <-chan struct{}) {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for {
					select {
					case <-until:
						return
					default:
					}
					mu.Lock()
					first := n
					n += 50
					mu.Unlock()
					assert.NoError(t, s.Append(context.Background(), tenant.Default, stream(base, first, 50)))
					time.Sleep(5 * time.Millisecond)
				}
			})
		}
		wg.Wait()
	}
	rounds := 4
	if testing.Short() {
		rounds = 1
	}
	for round := range rounds {
		stop := make(chan struct{})
		done := make(chan struct{})
		go func() { push(stop); close(done) }()
		time.Sleep(time.Duration(200+100*round) * time.Millisecond)
		server.Kill()
		time.Sleep(100 * time.Millisecond)
		server.Restart()
		time.Sleep(300 * time.Millisecond)
		close(stop)
		<-done
		// The next process finds the log as this one left it.
		require.NoError(t, rows.Close())
		s, rows = open(t, c, dir)
	}
	stored(t, s, base, n)
	server.Kill()
	server.Restart()
	stored(t, s, base, n)
	require.NoError(t, rows.Close())
}

// TestShipments repeats what an agent has numbered, with times of its own, at once and
// after a restart.
func TestShipments(t *testing.T) {
	server := testkit.StartVictoriaLogs(t)
	c := settings(server.URL, server.URL)
	dir := t.TempDir()
	s, rows := open(t, c, dir)
	base := time.Now().Add(-time.Minute).Truncate(time.Second)
	ship := func(late time.Duration, first, n int) error {
		ctx := model.WithShipment(t.Context(), model.Shipment{Agent: "a", First: uint64(first + 1), Last: uint64(first + n)})
		st := stream(base, first, n)
		for i := range st[0].Entries {
			st[0].Entries[i].Time += int64(late)
		}
		return s.Append(ctx, tenant.Default, st)
	}
	require.NoError(t, ship(0, 0, 10))
	require.NoError(t, ship(time.Millisecond, 0, 10))
	require.NoError(t, rows.Close())
	s, rows = open(t, c, dir)
	require.NoError(t, ship(time.Second, 0, 10))
	require.ErrorAs(t, ship(0, 5, 10), new(*model.OverlapError))
	require.NoError(t, ship(0, 10, 5))
	stored(t, s, base, 15)
	require.NoError(t, rows.Close())
}

// TestTenants shows that two stores on the same servers agree on tenants, and see
// each other's lines.
func TestTenants(t *testing.T) {
	server := testkit.StartVictoriaLogs(t)
	base := time.Now().Add(-time.Minute).Truncate(time.Second)
	a, rowsA := open(t, settings(server.URL, server.URL), t.TempDir())
	b, rowsB := open(t, settings(server.URL, server.URL), t.TempDir())
	defer func() { require.NoError(t, rowsA.Close()); require.NoError(t, rowsB.Close()) }()
	require.NoError(t, a.Append(t.Context(), "zeta", stream(base, 0, 10)))
	require.NoError(t, b.Append(t.Context(), "alpha", stream(base, 10, 10)))
	require.NoError(t, b.Append(t.Context(), "zeta", stream(base, 20, 10)))
	count := func(s *logstore.Store, id tenant.ID) int {
		groups, err := s.Count(t.Context(), id, logs.Query{Start: base.UnixNano(), End: base.Add(time.Minute).UnixNano()}, logs.Grouping{})
		require.NoError(t, err)
		if len(groups) == 0 {
			return 0
		}
		return int(groups[0].Entries)
	}
	for _, s := range []*logstore.Store{b, a} {
		require.Eventually(t, func() bool { return count(s, "zeta") == 20 && count(s, "alpha") == 10 }, 10*time.Second, 100*time.Millisecond)
	}
	require.Zero(t, count(a, "other"))
}

func TestValidate(t *testing.T) {
	c := remote.DefaultConfig()
	c.InsertURL, c.SelectURL, c.NodeURLs, c.Hold, c.MaxLog = "http://a:9428/x", "ftp://user:secret@b", []string{"http://c/?x=1"}, 0, 1
	err := c.Validate()
	require.Error(t, err)
	for _, key := range []string{"insert_url", "select_url", "node_urls[0]", "hold", "max_log"} {
		assert.ErrorContains(t, err, key)
	}
	assert.NotContains(t, err.Error(), "secret")
}
