package rowstore

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func recentRow(stream, time, message, meta int) Row {
	return Row{Time: int64(time), Stream: []Field{{"s", fmt.Sprint(stream)}},
		Fields: []Field{{MessageField, fmt.Sprint(message)}, {"meta", fmt.Sprint(meta)}}}
}

// TestRecentIsSound decides on random rows with tables and numbers of streams that
// are soon too many, writes that fail and restarts that know the newest times only.
func TestRecentIsSound(t *testing.T) {
	seeds := uint64(40)
	if testing.Short() {
		seeds = 5
	}
	for seed := range seeds {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var r *recent
		begin := func() {
			r = newRecent("")
			r.maxStreams = 3 + rnd.IntN(60)
			for i := range r.tables {
				r.tables[i].max = 1 << (4 + rnd.IntN(6))
			}
		}
		begin()
		wholes, unmarked, newest := map[string]bool{}, map[string]int{}, map[[2]int]int64{}
		clock := 0
		for range 3000 {
			if rnd.IntN(500) == 0 {
				begin()
				for at, n := range newest {
					r.learnTime(uint32(at[0]), r.streamHash(uint32(at[0]), recentRow(at[1], 0, 0, 0).Stream), n)
				}
			}
			tenant := 1 + rnd.IntN(2)
			var rows []Row
			var streams []int
			for range 1 + rnd.IntN(4) {
				clock++
				streams = append(streams, rnd.IntN(12))
				rows = append(rows, recentRow(streams[len(streams)-1], clock-rnd.IntN(40), rnd.IntN(3), rnd.IntN(3)))
			}
			w := r.decide(uint32(tenant), rows)
			fails := rnd.IntN(10) == 0
			r.end(w, !fails)
			for i, row := range rows {
				key := fmt.Sprint(tenant, row.Stream, row.Time, row.Fields[0])
				whole := key + fmt.Sprint(row.Fields[1])
				if w.marks[i] == duplicate {
					if !fails {
						require.True(t, wholes[whole], "seed %d: only what is stored is a duplicate", seed)
					}
					continue
				}
				if fails {
					continue
				}
				wholes[whole] = true
				at := [2]int{tenant, streams[i]}
				if n, ok := newest[at]; !ok || row.Time > n {
					newest[at] = row.Time
				}
				if w.marks[i] == distinct {
					unmarked[key]++
					require.Equal(t, 1, unmarked[key], "seed %d: %s", seed, key)
				}
			}
		}
	}
}

// TestRecentMarksFewRows sends what clients send: several streams interleaved, rows
// of a stream a little out of order, several at one time.
func TestRecentMarksFewRows(t *testing.T) {
	r := newRecent("")
	for i := range r.tables {
		r.tables[i].max = 1 << 12
	}
	marked, n := 0, 0
	for batch := range 500 {
		var rows []Row
		for i := range 100 {
			rows = append(rows, recentRow(i%7, (batch*100+i)/3*3-i%5, i, 0))
		}
		w := r.decide(1, rows)
		r.end(w, true)
		for _, m := range w.marks {
			n++
			require.NotEqual(t, duplicate, m)
			if m == late {
				marked++
			}
		}
	}
	require.Equal(t, 50_000, n)
	require.Zero(t, marked)
}

// TestRepeatOfAFailedWrite gets the marks that the write had.
func TestRepeatOfAFailedWrite(t *testing.T) {
	r := newRecent("")
	rows := []Row{recentRow(1, 10, 1, 1), recentRow(1, 10, 1, 2), recentRow(1, 10, 1, 2)}
	want := []mark{distinct, late, duplicate}
	for range 3 {
		w := r.decide(1, rows)
		require.Equal(t, want, w.marks)
		r.end(w, false)
	}
	w := r.decide(1, rows)
	again := r.decide(1, rows)
	require.Equal(t, []*write{w}, again.repeats, "it waits for the first")
	require.Zero(t, again.kept)
	r.end(w, true)
	r.end(again, true)
}

// TestManyRowsOfOneKey must not make a look-up long.
func TestManyRowsOfOneKey(t *testing.T) {
	r := newRecent("")
	rows := make([]Row, 200_000)
	for i := range rows {
		rows[i] = recentRow(1, 1, 1, i)
	}
	for _, want := range []int{len(rows), 0} {
		w := r.decide(1, rows)
		require.Equal(t, want, w.kept)
		r.end(w, true)
	}
}

func BenchmarkDecide(b *testing.B) {
	r := newRecent("")
	rows := make([]Row, 1000)
	stream := []Field{{"app", "web"}, {"env", "prod"}, {"instance", "10.0.0.17:8080"}}
	for i := range rows {
		rows[i] = Row{Stream: stream, Fields: []Field{
			{MessageField, fmt.Sprintf(`level=info ts=2026-11-21T03:04:05.%06dZ caller=handler.go:117 msg="request done" method=GET path=/api/v1/items/%d status=200 duration=%dms`, i, i*7919%10007, i%97)},
			{"detected_level", "info"}, {"trace_id", fmt.Sprintf("%032x", i*2654435761)}}}
	}
	now := int64(0)
	var before, after syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &before))
	for b.Loop() {
		for i := range rows {
			now++
			rows[i].Time = now - int64(i%3)
		}
		r.end(r.decide(1, rows), true)
	}
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &after))
	cpu := after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano()
	b.ReportMetric(float64(cpu)/float64(b.N*len(rows)), "cpu-ns/row")
}
