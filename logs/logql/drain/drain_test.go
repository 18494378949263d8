package drain

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func mine(lines ...string) []Pattern {
	m := New(DefaultConfig())
	for i, l := range lines {
		m.Add("", l, int64(i%3))
	}
	return m.Patterns()
}

func texts(ps []Pattern) (out []string) {
	for _, p := range ps {
		out = append(out, fmt.Sprint(p.Total, " ", p.Text))
	}
	return out
}

func TestWhatDiffersIsAWildcard(t *testing.T) {
	require.Equal(t, []string{
		`3 user=<_> action=login took <_> from <_>`,
		`1 shutting down`,
	}, texts(mine(
		`user=ann action=login took 12ms from 10.0.0.1`,
		`user=bob action=login took 7ms from 10.0.0.2`,
		`user=carl action=login took 712ms from 10.0.0.3`,
		`shutting down`,
	)))
	require.Equal(t, []string{"3 <_> logged in from web"}, texts(mine("ann logged in from web", "bob logged in from web", "carl logged in from web")))
	require.Equal(t, []string{`2 {"level":"info","msg":"request <_> done","status":<_>}`, `1 {"level":"info","msg":"started"}`}, texts(mine(
		`{"level":"info","msg":"request a1f done","status":200}`,
		`{"level":"info","msg":"request b2c done","status":404}`,
		`{"level":"info","msg":"started"}`,
	)))
	require.Equal(t, []string{`2 a <_> c`, "1 \ta\tb", "1 a b"}, texts(mine("a b c", "a x c", "a b", "\ta\tb")))
}

func TestCountsAreByBucketAndKind(t *testing.T) {
	m := New(DefaultConfig())
	for i := range 10 {
		m.Add("info", fmt.Sprint("done ", i), int64(i/4))
	}
	m.Add("error", "done 1", 7)
	ps := m.Patterns()
	require.Len(t, ps, 2)
	require.Equal(t, Pattern{Text: "done <_>", Kind: "info", Total: 10, Counts: map[int64]int64{0: 4, 1: 4, 2: 2}}, ps[0])
	require.Equal(t, Pattern{Text: "done <_>", Kind: "error", Total: 1, Counts: map[int64]int64{7: 1}}, ps[1])
}

func TestPatternsAreBounded(t *testing.T) {
	cfg := DefaultConfig()
	cfg.MaxPatterns, cfg.MaxBuckets = 20, 5
	m := New(cfg)
	g := rand.New(rand.NewPCG(1, 2))
	for i := range 5000 {
		m.Add("", "always the same", int64(i))
		m.Add("", strings.Repeat(string(rune('a'+g.IntN(26)))+[]string{" ", "=", ","}[g.IntN(3)], 1+g.IntN(60)), 0)
	}
	m.Add("", strings.Repeat("x", 5000), 0)
	m.Add("", "", 0)
	nodes, total := 0, int64(0)
	m.tree.each(func(*node) { nodes++ })
	require.Less(t, nodes, 20*4)
	ps := m.Patterns()
	require.LessOrEqual(t, len(ps), 20)
	require.Equal(t, "always the same", ps[0].Text)
	require.Len(t, ps[0].Counts, 5)
	for _, p := range ps {
		total += p.Total
	}
	require.EqualValues(t, 10002, total+m.Left(), "every line is counted somewhere")
}

func BenchmarkAdd(b *testing.B) {
	m := New(DefaultConfig())
	for i := 0; b.Loop(); i++ {
		m.Add("info", fmt.Sprintf(`level=info method=GET path=/api/v1/items/%d status=200 took=%dms user=u%d`, i%1000, i%77, i%31), int64(i/1000))
	}
}
