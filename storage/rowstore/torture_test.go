package rowstore_test

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/storage/rowstore"
)

// tortureDir, when set, makes the test binary a process that appends until it is
// killed.
const tortureDir = "PHAROS_TORTURE_DIR"

// TestTorture kills a process that appends, at random moments and several times
// in a row, and then looks whether each row that it acknowledged is there exactly
// once: among all rows, and under the selector of its stream.
func TestTorture(t *testing.T) {
	if testing.Short() {
		t.Skip("runs without the race detector")
	}
	kills := testkit.Times(5, 5, 50)
	dir := t.TempDir()
	acked := map[string]string{} // row to stream
	for kill := range kills {
		runUntilKilled(t, dir, kill, acked)
		if kill%2 == 1 || kill == kills-1 {
			checkTorture(t, dir, acked)
		}
	}
	require.NotEmpty(t, acked)
}

// runUntilKilled starts this test binary as a writer and kills it.
func runUntilKilled(t *testing.T, dir string, round int, acked map[string]string) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestTortureWriter$")
	cmd.Env = append(os.Environ(), tortureDir+"="+dir, fmt.Sprint("PHAROS_TORTURE_ROUND=", round))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan(), "the writer has started")
	time.AfterFunc(time.Duration(mathrand.IntN(2000))*time.Millisecond, func() { _ = cmd.Process.Kill() })
	for lines.Scan() {
		// A line that lacks its end mark was cut off by the kill.
		if row, ok := strings.CutSuffix(lines.Text(), " ack"); ok {
			stream, id, _ := strings.Cut(row, " ")
			acked[id] = stream
		}
	}
	require.ErrorContains(t, cmd.Wait(), "killed")
}

func checkTorture(t *testing.T, dir string, acked map[string]string) {
	s := openStoreAt(t, dir)
	count := func(q rowstore.Query) map[string]int {
		q.Columns = []string{"id"}
		found := map[string]int{}
		require.NoError(t, s.Query(t.Context(), "t", q, func(b *rowstore.Block) error {
			for _, id := range b.Column("id") {
				found[b.Stream[0].Value+" "+id]++
			}
			return nil
		}))
		return found
	}
	all := count(everything())
	// A selector, unlike a query without one, goes through the index of streams.
	q := everything()
	q.Streams = []rowstore.StreamMatcher{{Name: "s", Op: rowstore.Regex, Value: ".+"}}
	selected := count(q)
	for id, stream := range acked {
		require.Equal(t, 1, all[stream+" "+id], "acknowledged row %s of stream %s", id, stream)
		require.Equal(t, 1, selected[stream+" "+id], "row %s under the selector of stream %s", id, stream)
	}
	for id, n := range all {
		require.Equal(t, 1, n, "row %s, acknowledged or not", id)
	}
	require.NoError(t, s.Close())
}

// TestTortureWriter is the process that TestTorture kills.
func TestTortureWriter(t *testing.T) {
	dir := os.Getenv(tortureDir)
	if dir == "" {
		t.Skip("only for TestTorture")
	}
	cfg := rowstore.DefaultConfig()
	cfg.Path = dir
	s, err := rowstore.Open(cfg, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	var out sync.Mutex
	fmt.Println("started")
	for w := range 4 {
		go func() {
			for n := 0; ; n++ {
				// New streams come all the time, and rows are large and do not compress, so
				// that the engine writes some at once.
				stream := fmt.Sprintf("%s-%d-%d", os.Getenv("PHAROS_TORTURE_ROUND"), w, n/5)
				var rows []rowstore.Row
				var acks strings.Builder
				for i := range 1 + mathrand.IntN(40) {
					id := fmt.Sprintf("%s-%d-%d", stream, n, i)
					noise := make([]byte, 1500)
					_, _ = rand.Read(noise)
					rows = append(rows, rowstore.Row{Time: time.Now().UnixNano(), Stream: fields("s", stream),
						Fields: fields("id", id, "_msg", base64.StdEncoding.EncodeToString(noise))})
					fmt.Fprintf(&acks, "%s %s ack\n", stream, id)
				}
				if err := s.Append(t.Context(), "t", rows); err != nil {
					t.Error(err)
					return
				}
				out.Lock()
				_, _ = os.Stdout.WriteString(acks.String())
				out.Unlock()
			}
		}()
	}
	select {}
}
