package rowstore

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
	"github.com/stretchr/testify/require"
)

// addUnmarked gives the engine rows as versions without marks did.
func addUnmarked(t *testing.T, s *Store, rows []Row, first uint64) {
	id, err := s.tenants.number("t")
	require.NoError(t, err)
	lr := logstorage.GetLogRows(nil, nil, nil, nil, "")
	defer logstorage.PutLogRows(lr)
	for i := range rows {
		fields := appendFields(nil, &rows[i])
		fields = append(fields, logstorage.Field{Name: sequenceField, Value: strconv.FormatUint(first+uint64(i), 10)})
		lr.MustAdd(id, rows[i].Time, fields, streamFields(rows[i].Stream))
	}
	s.engine.MustAddRows(lr)
	s.appended.Add(1)
}

// openWithOld opens a store that has the old rows from before there were marks.
func openWithOld(t *testing.T, old []Row) *Store {
	dir := t.TempDir()
	s := openInternal(t, dir)
	require.NoError(t, s.waitReplayed(t.Context()))
	var fill []Row
	for i := range old { // takes their numbers
		fill = append(fill, Row{Time: time.Now().UnixNano() + int64(i), Fields: []Field{{MessageField, "fill"}}})
	}
	require.NoError(t, s.Append(t.Context(), "fill", fill))
	addUnmarked(t, s, old, 1)
	require.NoError(t, s.Close())
	require.NoError(t, os.Remove(filepath.Join(dir, "marks")))
	s = openInternal(t, dir)
	require.EqualValues(t, len(old)+1, s.markedSince)
	return s
}

func TestLongWords(t *testing.T) {
	want := regexp.MustCompile(`(?:[0-9A-Za-z_]|[^\x00-\x7f]){33}`)
	pieces := []string{"a", "Z", "0", "_", " ", "-", ".", "\n", strings.Repeat("x", 31), strings.Repeat("y", 32), strings.Repeat("z", 33)}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		var b strings.Builder
		for range rng.IntN(9) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		if s := b.String(); want.MatchString(s) != hasLongWord(s) {
			t.Fatalf("%q", s)
		}
	}
	require.True(t, hasLongWord("é"+strings.Repeat("x", 31)))
	require.True(t, hasLongWord(strings.Repeat("x", 31)+"\xff\xff"))
	require.False(t, hasLongWord(strings.Repeat("x", 32)))
}

// TestContainsLongText compares searches for long texts with strings.Contains: in rows
// from before there were marks and later ones, in blocks of many values, few and one.
func TestContainsLongText(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	hex := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "0123456789abcdef"[rng.IntN(16)]
		}
		return string(b)
	}
	texts := []string{hex(32), hex(32), hex(33), hex(40), hex(64), strings.Repeat("a", 32), strings.Repeat("1", 32), strings.Repeat("1", 40),
		"_" + hex(31), hex(31) + "_", strings.ToUpper(hex(32)), strings.Repeat("_", 33), hex(31), hex(16) + "-" + hex(16), hex(32) + " ", hex(20) + "é" + hex(20)}
	around := []string{"", "", "", " ", "\"", "-", ".", "_", "x", "0", "é", "☃", "\u00a0", "\u212a", "٣", "\ufffd", "\xff", "\xc3", "\x00", "\n", " and then ", "ab_", hex(40), "a.b.c", "(", "\\"}
	message := func() string {
		var b strings.Builder
		for range 1 + rng.IntN(3) {
			b.WriteString(around[rng.IntN(len(around))])
			text := texts[rng.IntN(len(texts))]
			switch rng.IntN(8) {
			case 0:
				text = strings.ToUpper(text)
			case 1:
				text = text[1:]
			case 2:
				text = text[:len(text)-1]
			case 3:
				text = text[:9] + around[rng.IntN(len(around))] + text[9:]
			}
			b.WriteString(text)
			b.WriteString(around[rng.IntN(len(around))])
		}
		return b.String()
	}
	now := time.Now().UnixNano()
	var values []string
	rows := func(n int) (out []Row) {
		for range n {
			stream, m := "many", message()
			switch k := rng.IntN(80); {
			case k < 25:
				stream = fmt.Sprintf("alone %d", len(values))
			case k < 50: // few values
				stream = fmt.Sprintf("few %d", len(values)/200)
				if i := rng.IntN(len(values) + 1); i < len(values) && i >= len(values)/200*200 {
					m = values[i]
				}
			case k == 79:
				m = []string{"1", "1.50", "", "12345678901234567890", "_"}[rng.IntN(5)]
			}
			out = append(out, Row{Time: now - int64(len(values)), Stream: []Field{{"s", stream}},
				Fields: []Field{{MessageField, m}, {"n", strconv.Itoa(len(values))}, {"other", m}}})
			values = append(values, m)
		}
		return out
	}
	s := openWithOld(t, rows(1500))
	for range 3 {
		require.NoError(t, s.Append(t.Context(), "t", rows(500)))
	}
	check := func(s *Store) {
		for _, text := range texts {
			for _, name := range []string{"", MessageField, "other"} {
				contains := Filter(Contains{Name: name, Text: text})
				var in, both []string
				for i, v := range values {
					if strings.Contains(v, text) {
						in = append(in, strconv.Itoa(i))
						if strings.Contains(v, texts[0]) {
							both = append(both, strconv.Itoa(i))
						}
					}
				}
				slices.Sort(in)
				require.NotEmpty(t, in, text)
				require.Equal(t, in, namesOf(t, s, contains), "%q in %q", text, name)
				require.Equal(t, in, namesOf(t, s, Or{contains, And{contains, Exists{"n"}}}), "%q in %q", text, name)
				slices.Sort(both)
				require.Equal(t, both, namesOf(t, s, And{contains, Contains{Text: texts[0]}}))
				require.Len(t, namesOf(t, s, Not{contains}), len(values)-len(in), "%q in %q", text, name)
			}
		}
	}
	check(s)
	require.NoError(t, s.Close())
	s = openInternal(t, s.cfg.Path)
	require.EqualValues(t, 1501, s.markedSince)
	check(s)
}

// namesOf returns the numbers, in the column n, of rows that match.
func namesOf(t *testing.T, s *Store, f Filter) (out []string) {
	t.Helper()
	q := allRows()
	q.Filter, q.Columns = f, []string{"n"}
	require.NoError(t, s.Query(t.Context(), "t", q, func(b *Block) error {
		for _, v := range b.Column("n") {
			out = append(out, strings.Clone(v))
		}
		return nil
	}))
	slices.Sort(out)
	return out
}

// TestLengthsOfMessages sums them by stream, time and field, in old rows and new ones,
// and after a crash in which the engine lost the new ones.
func TestLengthsOfMessages(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	now := time.Now().Truncate(time.Minute).UnixNano()
	var all []Row
	rows := func(n int) []Row {
		var out []Row
		for i := range n {
			m := []string{"1.50", "1_000", "", "é☃", "7", "\xff", strings.Repeat("x", rng.IntN(70_000)), fmt.Sprint("message ", i), "2026-02-30T00:00:00.000Z"}[rng.IntN(9)]
			r := Row{Time: now - rng.Int64N(int64(10*time.Minute)), Stream: []Field{{"app", fmt.Sprint(rng.IntN(3))}},
				Fields: []Field{{MessageField, m}, {"code", []string{"1", "1.0", "2", "", "x"}[rng.IntN(5)]}}}
			if m == "" {
				r.Fields = r.Fields[1:]
				r.Stream = []Field{{"app", "silent"}}
			}
			out = append(out, r)
		}
		all = append(all, out...)
		return out
	}
	check := func(s *Store) {
		for _, g := range []Grouping{{}, {By: []string{"app"}}, {By: []string{"code"}}, {By: []string{"app", "code"}, Step: int64(time.Minute)}, {Step: 1e9}} {
			g.SumLength = true
			want := map[string]uint64{}
			for i := range all {
				key := ""
				if g.Step > 0 {
					key = fmt.Sprint(all[i].Time / g.Step * g.Step)
				}
				for _, name := range g.By {
					v := streamValue(all[i].Stream, name)
					for _, f := range all[i].Fields {
						if f.Name == name {
							v = f.Value
						}
					}
					key += " " + v
				}
				want[key+" bytes"] += uint64(len(messageOf(&all[i])))
				want[key+" rows"]++
			}
			got := map[string]uint64{}
			counts, err := s.Count(t.Context(), "t", allRows(), g)
			require.NoError(t, err)
			for _, c := range counts {
				key := ""
				if g.Step > 0 {
					key = fmt.Sprint(c.Time)
				}
				for _, v := range c.By {
					key += " " + v
				}
				got[key+" bytes"], got[key+" rows"] = c.Bytes, c.Rows
			}
			require.Equal(t, want, got, "%+v", g)
		}
	}
	s := openWithOld(t, rows(500))
	check(s)
	for range 3 {
		require.NoError(t, s.Append(t.Context(), "t", rows(300)))
	}
	check(s)
	s.stop()
	s.background.Wait()
	require.NoError(t, s.checkpoint(t.Context()))
	dir := crashCopy(t, s, true)
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "lock")))
	check(openInternal(t, dir))

	fresh := openStill(t, t.TempDir())
	all = nil
	require.NoError(t, fresh.Append(t.Context(), "t", rows(300)))
	require.Zero(t, fresh.markedSince)
	check(fresh)
	check(openInternal(t, crashCopy(t, fresh, false)))
}

// TestMarksAreHidden: nobody sees the columns.
func TestMarksAreHidden(t *testing.T) {
	s := openInternal(t, t.TempDir())
	require.NoError(t, s.Append(t.Context(), "t", []Row{{Time: time.Now().UnixNano(), Stream: []Field{{"app", "a"}}, Fields: []Field{{MessageField, strings.Repeat("x", 99)}}}}))
	names, err := s.FieldNames(t.Context(), "t", allRows())
	require.NoError(t, err)
	for _, n := range names {
		require.NotContains(t, n.Value, "~")
	}
	for _, columns := range [][]string{nil, {MessageField}, {lengthColumn, longColumn}} {
		q := allRows()
		q.Columns = columns
		require.NoError(t, s.Query(t.Context(), "t", q, func(b *Block) error {
			for _, c := range b.Columns {
				require.Equal(t, MessageField, c.Name)
			}
			return nil
		}))
	}
}

var longWordMessage = `{"timestamp":"2026-11-26T12:00:00.000Z","level":"INFO","service":"orders","trace_id":"0123456789abcdef0123456789abcdef","event_id":"evt-123456","message":"Payment captured successfully","duration_ms":57,"metadata":{"tracking_id":"ABC123456789","carrier":"dhl"}}`

func BenchmarkMarks(b *testing.B) {
	var fields []logstorage.Field
	var digits []byte
	for b.Loop() {
		fields, digits = appendMarks(fields[:0], longWordMessage, digits)
	}
}
