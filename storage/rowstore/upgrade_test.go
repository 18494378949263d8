package rowstore

import (
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/model"
)

// upgradeRows are what the fixtures in testdata hold: three Appends, in the log of a
// process that was killed.
func upgradeRows(batch int) []Row {
	first := time.Date(2026, 11, 26, 11, 0, 0, 0, time.UTC).UnixNano()
	var rows []Row
	for i := range 4 {
		rows = append(rows, Row{Time: first + int64(batch*1000+i), Stream: []Field{{"app", fmt.Sprint("app ", i%2)}, {"env", "prod"}},
			Fields: []Field{{"_msg", fmt.Sprintf("batch %d row %d", batch, i)}, {"m:trace_id", fmt.Sprintf("%032x", batch*10+i)}}})
	}
	return rows
}

func openForever(t *testing.T, dir string) *Store {
	cfg := DefaultConfig()
	cfg.Path, cfg.Distinct, cfg.Retention = dir, true, 100*365*24*time.Hour
	s, err := Open(cfg, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// TestUpgrade opens the logs of every version.
func TestUpgrade(t *testing.T) {
	for version := 1; version <= shipmentFormat; version++ {
		dir := t.TempDir()
		require.NoError(t, os.CopyFS(dir, os.DirFS(fmt.Sprintf("testdata/version%d", version))))
		s := openForever(t, dir)
		require.NoError(t, s.Append(t.Context(), "t", upgradeRows(2)), "a repeat of the last one")
		found := map[string]string{}
		rows := 0
		q := Query{Start: time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC).UnixNano(), End: time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC).UnixNano()}
		require.NoError(t, s.Query(t.Context(), "t", q, func(b *Block) error {
			for i, m := range b.Column(MessageField) {
				rows++
				found[fmt.Sprint(b.Stream[0].Value, " ", b.Times[i], " ", m)] = fmt.Sprint(b.Column("m:trace_id")[i])
			}
			return nil
		}))
		want := map[string]string{}
		for batch := range 3 {
			for _, r := range upgradeRows(batch) {
				want[fmt.Sprint(r.Stream[0].Value, " ", r.Time, " ", r.Fields[0].Value)] = r.Fields[1].Value
			}
		}
		require.Equal(t, want, found, "version %d", version)
		require.Equal(t, 12, rows)
		if version == shipmentFormat {
			ctx := model.WithShipment(t.Context(), model.Shipment{Agent: "agent", First: 1000, Last: 3000})
			require.ErrorAs(t, s.Append(ctx, "t", upgradeRows(3)), new(*model.OverlapError), "the last one ends at 2003")
		}
		require.NoError(t, s.Append(t.Context(), "t", upgradeRows(3)))
	}
}

// TestWriteFixture writes the fixture of this version, into the folder that
// PHAROS_FIXTURE names.
func TestWriteFixture(t *testing.T) {
	to := os.Getenv("PHAROS_FIXTURE")
	if to == "" {
		t.Skip("only when a format has changed")
	}
	s := openForever(t, t.TempDir())
	require.NoError(t, s.waitReplayed(t.Context()))
	for batch := range 3 {
		n := uint64(batch * 1000)
		ctx := model.WithShipment(t.Context(), model.Shipment{Agent: "agent", First: n + 1, Last: n + 3})
		require.NoError(t, s.Append(ctx, "t", upgradeRows(batch)))
	}
	dir := crashCopy(t, s, false)
	require.NoError(t, os.Remove(dir+"/lock"))
	require.NoError(t, os.CopyFS(to, os.DirFS(dir)))
}
