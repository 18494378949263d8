package logstest

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// testNumbers asks for a field as numbers: whether they come as such or as texts, they
// are the lines'. Streams have numbers of each width, signs, fractions, other spellings,
// and none at all.
func testNumbers(t *testing.T, s *store) {
	kinds := map[string]func(i int) string{
		"byte":     func(i int) string { return strconv.Itoa(i % 200) },
		"short":    func(i int) string { return strconv.Itoa(1000 + i) },
		"int":      func(i int) string { return strconv.Itoa(100_000 + 7919*i) },
		"long":     func(i int) string { return strconv.FormatInt(1<<52+int64(i), 10) },
		"huge":     func(i int) string { return strconv.FormatUint(math.MaxUint64-uint64(i), 10) },
		"signed":   func(i int) string { return strconv.Itoa((i - 100) * 12345) },
		"same":     func(int) string { return "7" },
		"few":      func(i int) string { return strconv.Itoa(i % 3) },
		"fraction": func(i int) string { return fmt.Sprintf("%d.%d", i, i%7) },
		"spelled":  func(i int) string { return fmt.Sprintf("%d.50", i) },
		"missing":  func(i int) string { return []string{"", strconv.Itoa(i)}[i%2] },
		"words":    func(i int) string { return []string{"many", strconv.Itoa(i)}[i%2] },
	}
	want := map[string]string{}
	for kind, text := range kinds {
		st := model.LogStream{Labels: labelsOf("kind", kind)}
		for i := range 300 {
			v := text(i)
			st.Entries = append(st.Entries, model.LogEntry{Time: s.base + int64(i), Line: fmt.Sprintf(`{"n":"%s","i":%d,"rest":"x"}`, v, i)})
			if i >= 10 {
				want[fmt.Sprint(kind, " ", i)] = v
			}
		}
		s.append(st)
	}
	q := s.query()
	q.Metadata, q.Parsed, q.Number, q.NoLines, q.Parallel = []string{}, []string{"n", "i"}, "n", true, false
	q.Where = logs.NumberRange{Field: logs.Field{Kind: logs.Parsed, Name: "i"}, Min: 10, Max: math.Inf(1)}
	got := map[string]string{}
	integers := map[string]bool{}
	require.NoError(t, s.r.Select(context.Background(), tenant.Default, q, func(b *logs.Block) error {
		kind := strings.Clone(b.Stream.Get("kind"))
		columns := map[string]logs.Column{}
		for _, c := range b.Parsed {
			columns[c.Name] = c
		}
		n := columns["n"]
		for row := range b.Times {
			v := ""
			switch {
			case n.Integers != nil:
				require.Nil(t, n.Values)
				v = strconv.FormatInt(n.Integers[row], 10)
				integers[kind] = true
			case n.Values != nil:
				v = strings.Clone(n.Values[row])
			}
			got[kind+" "+columns["i"].Values[row]] = v
		}
		return nil
	}))
	require.Equal(t, want, got)
	t.Log("came as integers:", len(integers), "of", len(kinds))
	for _, kind := range []string{"huge", "fraction", "spelled", "missing", "words"} {
		require.False(t, integers[kind], kind)
	}
}
