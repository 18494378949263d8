package rowstore

import (
	"bytes"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
)

// TestDamagedLogCostsTheDamagedRecordOnly damages each region of a log that the
// engine lost everything of: bits of the file's header, of each field of a record's
// header and of its payload, a cut anywhere, the checkpoint. A store that opens it has
// all other rows, says in its log and its metrics what it lacks, and goes on.
func TestDamagedLogCostsTheDamagedRecordOnly(t *testing.T) {
	dir := t.TempDir()
	s := openDistinct(t, dir)
	require.NoError(t, s.waitReplayed(t.Context()))
	const records = 8
	ends := []int64{}
	for i := range records {
		require.NoError(t, s.Append(t.Context(), "t", []Row{{Time: time.Now().UnixNano(), Stream: []Field{{"s", "a"}},
			Fields: []Field{{MessageField, fmt.Sprint("row ", i)}, {"i", fmt.Sprint(i)}}}}))
		ends = append(ends, s.wal.Size())
	}
	good := crashCopy(t, s, false)
	files := logFiles(t, good)
	require.Len(t, files, 1)
	log, err := os.ReadFile(files[0])
	require.NoError(t, err)
	const fileHeader, recordHeader = 16, 28
	require.EqualValues(t, ends[records-1], len(log))

	// lost is the record that a place in the file belongs to, -1 for none.
	lost := func(at int64) int {
		if at < fileHeader {
			return -1
		}
		for i, end := range ends {
			if at < end {
				return i
			}
		}
		return -1
	}
	check := func(name string, damaged []byte, missing func(i int) bool, reported bool) {
		t.Helper()
		at := t.TempDir()
		require.NoError(t, os.CopyFS(at, os.DirFS(good)))
		require.NoError(t, os.WriteFile(filepath.Join(at, "wal", filepath.Base(files[0])), damaged, 0o600))
		var out bytes.Buffer
		reg := prometheus.NewRegistry()
		cfg := DefaultConfig()
		cfg.Path, cfg.Distinct = at, true
		s, err := Open(cfg, slog.New(slog.NewTextHandler(&out, nil)), reg)
		require.NoError(t, err, name)
		defer s.Close()
		appendOne(t, s, "a", "after")
		found := marksOf(t, s)
		for i := range records {
			_, ok := found[fmt.Sprint("row ", i)]
			require.Equal(t, !missing(i), ok, "%s: row %d", name, i)
		}
		require.Contains(t, found, "after", name)
		require.NoError(t, s.Close())
		said := strings.Contains(out.String(), "write-ahead log is damaged") || strings.Contains(out.String(), "ends within a record")
		require.Equal(t, reported, said, "%s: %s", name, &out)
		counted := counterValue(t, reg, "pharos_wal_damaged_records_total") + counterValue(t, reg, "pharos_wal_torn_tails_total")
		require.Equal(t, reported, counted >= 1, "%s: %v", name, counted)
	}
	check("intact", log, func(int) bool { return false }, false)

	var places []int64
	for at := range int64(fileHeader) {
		places = append(places, at)
	}
	damagedRecords := []int{0, 3, records - 1}
	if testing.Short() {
		damagedRecords = damagedRecords[1:2]
	}
	for _, record := range damagedRecords {
		begin := int64(fileHeader)
		if record > 0 {
			begin = ends[record-1]
		}
		for _, field := range []int64{0, 3, 4, 7, 8, 15, 16, 19, 20, 23, 24, 27} {
			places = append(places, begin+field)
		}
		for range 4 {
			places = append(places, begin+recordHeader+rand.Int64N(ends[record]-begin-recordHeader))
		}
	}
	for _, at := range places {
		bad := bytes.Clone(log)
		bad[at] ^= 1 << rand.IntN(8)
		check(fmt.Sprintf("bit flipped at %d", at), bad, func(i int) bool { return i == lost(at) }, true)
	}
	for range 12 {
		size := 1 + rand.Int64N(int64(len(log)-1))
		whole := size == fileHeader
		for _, end := range ends {
			whole = whole || size == end
		}
		check(fmt.Sprintf("cut at %d", size), log[:size], func(i int) bool { return ends[i] > size }, !whole)
	}
	// A hole of zeros costs the records that it touches.
	bad := bytes.Clone(log)
	clear(bad[ends[2]-5 : ends[3]+5])
	check("hole", bad, func(i int) bool { return i == 2 || i == 3 || i == 4 }, true)
}

func counterValue(t *testing.T, reg *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := reg.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}

// TestDamagedCheckpointIsMendedByItsCopy opens a store whose log has lost it.
func TestDamagedCheckpointIsMendedByItsCopy(t *testing.T) {
	dir := t.TempDir()
	s := openDistinct(t, dir)
	appendOne(t, s, "a", "before")
	require.NoError(t, s.Close())
	path := filepath.Join(dir, "wal", "checkpoint")
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	for at := range b {
		bad := bytes.Clone(b)
		bad[at] ^= 1
		require.NoError(t, os.WriteFile(path, bad, 0o600))
		s := openDistinct(t, dir)
		appendOne(t, s, "a", fmt.Sprint("after ", at))
		require.Equal(t, 2+at, countRows(t, s, allRows()))
		require.NoError(t, s.Close())
	}
}
