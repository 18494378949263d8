package rowstore

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// shippedRows are an agent's entries with these numbers. Their times differ at each
// call, so that only the numbers tell a repeat.
func shippedRows(first, last uint64) (rows []Row) {
	for n := first; n <= last; n++ {
		rows = append(rows, Row{Time: time.Now().UnixNano(), Stream: []Field{{"app", "web"}}, Fields: []Field{{"_msg", fmt.Sprint("entry ", n)}}})
	}
	return rows
}

func ship(t testing.TB, s *Store, id tenant.ID, agent string, first, last uint64) error {
	ctx := model.WithShipment(t.Context(), model.Shipment{Agent: agent, First: first, Last: last})
	return s.Append(ctx, id, shippedRows(first, last))
}

// shippedCounts returns how often each message is there.
func shippedCounts(t testing.TB, s *Store, id tenant.ID) map[string]int {
	t.Helper()
	out := map[string]int{}
	q := Query{Start: time.Now().Add(-time.Hour).UnixNano(), End: time.Now().Add(time.Hour).UnixNano()}
	require.NoError(t, s.Query(t.Context(), id, q, func(b *Block) error {
		for _, m := range b.Column(MessageField) {
			out[strings.Clone(m)]++
		}
		return nil
	}))
	return out
}

func wantOnce(t testing.TB, s *Store, id tenant.ID, first, last uint64) {
	t.Helper()
	want := map[string]int{}
	for n := first; n <= last; n++ {
		want[fmt.Sprint("entry ", n)] = 1
	}
	require.Equal(t, want, shippedCounts(t, s, id))
}

func TestAShipmentIsStoredOnce(t *testing.T) {
	s := openDistinct(t, t.TempDir())
	require.NoError(t, ship(t, s, "t", "a", 11, 20))
	require.NoError(t, ship(t, s, "t", "a", 11, 20), "a repeat is acknowledged")
	require.NoError(t, ship(t, s, "t", "a", 15, 18), "a part of it too")
	var overlap *model.OverlapError
	require.ErrorAs(t, ship(t, s, "t", "a", 15, 25), &overlap)
	require.EqualValues(t, 20, overlap.Have)
	require.NoError(t, ship(t, s, "t", "a", 21, 25))
	require.NoError(t, ship(t, s, "t", "a", 41, 50), "numbers may be left out")
	require.NoError(t, ship(t, s, "t", "a", 26, 30), "and do not come later")
	require.NoError(t, ship(t, s, "t", "b", 51, 55), "another agent counts for itself")
	require.NoError(t, ship(t, s, "other", "a", 11, 12), "as does another tenant's of that name")
	want := map[string]int{}
	for _, r := range [][2]uint64{{11, 25}, {41, 55}} {
		for n := r[0]; n <= r[1]; n++ {
			want[fmt.Sprint("entry ", n)] = 1
		}
	}
	require.Equal(t, want, shippedCounts(t, s, "t"))
	wantOnce(t, s, "other", 11, 12)

	// The appender tells which rows it had.
	ctx := model.WithShipment(t.Context(), model.Shipment{Agent: "b", First: 51, Last: 53})
	_, repeated, err := s.AppendNumbered(ctx, "t", shippedRows(51, 53))
	require.NoError(t, err)
	require.Equal(t, []int{0, 1, 2}, repeated)
}

// TestShipmentsOutliveACrash copies the folder of a process that is killed in all
// states of the log: nothing applied, applied and kept, given up.
func TestShipmentsOutliveACrash(t *testing.T) {
	for _, given := range []string{"logged", "checkpoint", "checkpoint without the log", "clean stop"} {
		t.Run(given, func(t *testing.T) {
			s := openDistinct(t, t.TempDir())
			require.NoError(t, s.waitReplayed(t.Context()))
			require.NoError(t, ship(t, s, "t", "a", 1, 10))
			dir := s.cfg.Path
			switch given {
			case "clean stop":
				require.NoError(t, s.Close())
			default:
				if given != "logged" {
					require.NoError(t, s.checkpoint(t.Context()))
				}
				dir = crashCopy(t, s, true)
			}
			if given == "checkpoint without the log" {
				require.NoError(t, os.RemoveAll(filepath.Join(dir, "wal")))
			}
			s = openDistinct(t, dir)
			require.NoError(t, ship(t, s, "t", "a", 1, 10), "at once, while the log is replayed")
			require.NoError(t, ship(t, s, "t", "a", 11, 12))
			wantOnce(t, s, "t", 1, 12)
		})
	}
}

// TestTheSameShipmentAtTheSameTime is a client that gives up waiting and asks again.
func TestTheSameShipmentAtTheSameTime(t *testing.T) {
	s := openDistinct(t, t.TempDir())
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for n := uint64(1); n < 200; n += 10 {
				if err := ship(t, s, "t", "a", n, n+9); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	wantOnce(t, s, "t", 1, 200)
}

// TestAFailedShipmentMayBeRepeated takes what was refused.
func TestAFailedShipmentMayBeRepeated(t *testing.T) {
	s := openDistinct(t, t.TempDir())
	ctx := model.WithShipment(t.Context(), model.Shipment{Agent: "a", First: 1, Last: 2})
	gone, cancel := context.WithCancel(ctx)
	cancel()
	require.Error(t, s.Append(gone, "t", shippedRows(1, 2)))
	require.NoError(t, ship(t, s, "t", "a", 1, 2))
	wantOnce(t, s, "t", 1, 2)
}

func TestAgentsAreBounded(t *testing.T) {
	m := newMetrics(nil)
	s, err := openShipments(t.TempDir(), slog.New(slog.DiscardHandler), m)
	require.NoError(t, err)
	clock := time.Unix(1e9, 0)
	s.now = func() time.Time { clock = clock.Add(time.Second); return clock }
	for n := range maxTenantAgents + 1000 {
		sh := model.Shipment{Agent: fmt.Sprint("agent", n), First: 1, Last: 2}
		ok, err := s.begin(t.Context(), 1, sh)
		require.NoError(t, err)
		require.True(t, ok)
		s.stored(1, sh)
		s.end(1, sh)
	}
	require.LessOrEqual(t, len(s.agents), maxTenantAgents)
	require.Equal(t, len(s.agents), s.perTenant[1])
	ok, err := s.begin(t.Context(), 1, model.Shipment{Agent: fmt.Sprint("agent", maxTenantAgents+999), First: 1, Last: 2})
	require.NoError(t, err)
	require.False(t, ok, "the newest one is known")

	// What is written is read again; what is damaged is told.
	require.NoError(t, s.save())
	again, err := openShipments(filepath.Dir(s.path), slog.New(slog.DiscardHandler), m)
	require.NoError(t, err)
	require.Equal(t, s.agents, again.agents)
	b, err := os.ReadFile(s.path)
	require.NoError(t, err)
	b[rand.N(len(b))] ^= 1
	require.Error(t, again.parse(b))
}

func FuzzAgents(f *testing.F) {
	body := agentsHeader + "\n1 3f0c.0 42 1790000000\n"
	f.Add([]byte(body + agentsSum([]byte(body))))
	f.Add([]byte(body))
	f.Add([]byte("sum 00000000\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := &shipments{agents: map[agentKey]*agentState{}, perTenant: map[uint64]int{}}
		if s.parse(b) == nil && len(s.agents) > 0 && !strings.HasPrefix(string(b), agentsHeader) {
			t.Fatal("agents without a header")
		}
	})
}
