package logql

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// TestPlannedOverStore is TestPlannedMetrics and TestPlannedLogs over the store of
// one machine, which reads fields from lines by its own rules, and which knows equal
// entries and leaves values to lines, or does neither.
func TestPlannedOverStore(t *testing.T) {
	if testing.Short() {
		t.Skip("asks some thousand queries")
	}
	for _, distinct := range []bool{true, false} {
		kinds := map[string]int{}
		for seed := range uint64(2) {
			g := planData{rand.New(rand.NewPCG(seed, 4))}
			cfg := rowstore.DefaultConfig()
			cfg.Path, cfg.Distinct = t.TempDir(), distinct
			rows, err := rowstore.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
			require.NoError(t, err)
			store := logstore.New(rows, rows)
			if distinct {
				require.NoError(t, store.LeaveAllInLines(filepath.Join(t.TempDir(), "in_line")))
			}
			shift := time.Now().Add(-time.Hour).Truncate(time.Minute).UnixNano() - scriptEpoch
			streams := moved(alikeWhereEqual(g.streams()), shift)
			require.NoError(t, store.Append(context.Background(), tenant.Default, streams))
			limits := DefaultConfig()
			limits.MaxSeries = 5000
			planned, reference := NewEngine(store, limits), NewEngine(store, limits)
			reference.rowsOnly = true
			for n := range 200 {
				text, p := g.metric(), g.params()
				if g.IntN(4) == 0 {
					text = g.pipeline()
					p = Params{Start: scriptEpoch, End: scriptEpoch + int64(5*time.Minute), Limit: 1000}
				}
				p.Start, p.End = p.Start+shift, p.End+shift
				e, err := Parse(text)
				require.NoError(t, err)
				where := fmt.Sprintf("seed %d query %d: %s %+v", seed, n, text, p)
				want, wantErr := reference.Eval(context.Background(), tenant.Default, e, p)
				got, gotErr := planned.Eval(context.Background(), tenant.Default, e, p)
				if wantErr != nil {
					require.Error(t, gotErr, where)
					require.Equal(t, wantErr.Error(), gotErr.Error(), where)
					continue
				}
				require.NoError(t, gotErr, where)
				notePlan(kinds, got.Plan)
				if _, ok := want.Value.(Streams); !ok {
					requireSame(t, want.Value, got.Value, where)
					continue
				}
				w, _ := entryTexts(want.Value)
				got2, _ := entryTexts(got.Value)
				require.Equal(t, w, got2, where)
			}
			require.NoError(t, rows.Close())
		}
		t.Log(kinds)
		require.Greater(t, kinds["count in the store"], 20)
	}
}

// moved moves entries in time.
func moved(streams []model.LogStream, by int64) []model.LogStream {
	for i := range streams {
		for j := range streams[i].Entries {
			streams[i].Entries[j].Time += by
		}
	}
	return streams
}
