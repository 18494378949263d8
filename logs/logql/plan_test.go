package logql

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// planData makes streams whose lines are JSON, logfmt, both broken, with repeated
// keys, empty values, names that collide with labels and metadata, equal entries.
type planData struct{ *rand.Rand }

func pickOne[T any](g planData, of ...T) T { return of[g.IntN(len(of))] }

var planKeys = []string{"level", "status", "took", "app", "user", "a.b", "env", "__error__", "level_extracted", "9x", "size"}

func (g planData) value() string {
	if g.IntN(3) > 0 {
		return pickOne(g, "info", "error", "200", "500", "7")
	}
	return pickOne(g, "info", "error", "warn", "", "200", "500", "404", "3.5", "1e3", "0x10", "inf", "NaN", "12ms", "5s", "10KB", "x y", "é", "1_000", "-7")
}

func (g planData) json() string {
	var b strings.Builder
	b.WriteString("{")
	for i := range 1 + g.IntN(4) {
		if i > 0 {
			b.WriteString(",")
		}
		key := pickOne(g, planKeys...)
		switch g.IntN(6) {
		case 0:
			fmt.Fprintf(&b, `%q:%d`, key, g.IntN(1000))
		case 1:
			fmt.Fprintf(&b, `%q:{"level":%q,"n":%d}`, key, g.value(), g.IntN(3))
		case 2:
			fmt.Fprintf(&b, `%q:%s`, key, pickOne(g, "null", "true", "[1,2]", "0.25"))
		default:
			fmt.Fprintf(&b, `%q:%q`, key, g.value())
		}
	}
	b.WriteString("}")
	line := b.String()
	if g.IntN(12) == 0 {
		return line[:len(line)-1-g.IntN(len(line)/2)]
	}
	return line
}

func (g planData) logfmt() string {
	var parts []string
	for range 1 + g.IntN(4) {
		v := g.value()
		if strings.Contains(v, " ") || g.IntN(5) == 0 {
			v = `"` + v + `"`
		}
		parts = append(parts, pickOne(g, planKeys...)+"="+v)
	}
	if g.IntN(10) == 0 {
		parts = append(parts, `broken="`)
	}
	return strings.Join(parts, " ")
}

func (g planData) line() string {
	switch g.IntN(8) {
	case 0:
		return pickOne(g, "", "plain error text", "[1,2]", `"text"`, "a\nb level=error", "level", "{}", `{"took":7} tail`)
	case 1, 2, 3:
		return g.logfmt()
	default:
		return g.json()
	}
}

func (g planData) streams() []model.LogStream {
	var out []model.LogStream
	for s := range 4 {
		ls := []model.Label{{Name: "app", Value: pickOne(g, "web", "api")}, {Name: "pod", Value: fmt.Sprint(s)}}
		if g.IntN(3) == 0 {
			ls = append(ls, model.Label{Name: pickOne(g, "level", "env", "took"), Value: g.value() + "1"})
		}
		st := model.LogStream{Labels: model.NewLabels(ls...)}
		var last model.LogEntry
		for i := range 40 {
			e := model.LogEntry{Time: scriptEpoch + g.Int64N(60)*5e9 + pickOne[int64](g, 0, 0, 1, 999_999_999), Line: g.line()}
			for range g.IntN(3) * g.IntN(2) {
				e.Metadata = append(e.Metadata, model.Label{Name: pickOne(g, "level", "user", "trace", "app", "took", "status"), Value: "m" + fmt.Sprint(g.IntN(3))})
			}
			if g.IntN(400) == 0 {
				e.Metadata = append(e.Metadata, model.Label{Name: errorLabel, Value: "pushed"})
			}
			e.Metadata = model.NewLabels(dedupe(e.Metadata)...)
			if i > 0 && g.IntN(15) == 0 { // a repeated entry, with metadata of its own
				meta := e.Metadata
				e = last
				if g.IntN(2) == 0 {
					e.Metadata = meta
				}
			}
			last = e
			st.Entries = append(st.Entries, e)
		}
		out = append(out, st)
	}
	return out
}

func dedupe(ls []model.Label) (out []model.Label) {
	for _, l := range ls {
		if !has(out, l.Name) {
			out = append(out, l)
		}
	}
	return out
}

// query makes a random query of a kind that is worth planning for, and of kinds
// nearby.
func (g planData) filter() string {
	name := pickOne(g, "level", "status", "took", "app", "user", "env", "pod", "a_b", "size", "missing", "level_extracted", errorLabel)
	switch g.IntN(9) {
	case 0, 1, 2:
		return fmt.Sprintf("%s%s%q", name, pickOne(g, "=", "!="), pickOne(g, "error", "info", "", "web", "m1", "200", errJSON, errLabelFilter, errLabelFilter))
	case 3, 4:
		return fmt.Sprintf("%s%s%q", name, pickOne(g, "=~", "!~"), pickOne(g, "e.*", "info|error", ".*", ".+", "", "(?i)ERROR", "m1|", "[0-9]+"))
	case 5, 6:
		return fmt.Sprintf("%s%s%s", pickOne(g, "took", "status", "size"), pickOne(g, ">", ">=", "<", "<=", "==", "!="), pickOne(g, "200", "3.5", "0", "500", "-7"))
	case 7:
		return fmt.Sprintf("%s%s%s", pickOne(g, "took", "status"), pickOne(g, ">", "<"), pickOne(g, "10ms", "5KB"))
	}
	return "(" + g.filter() + pickOne(g, " or ", " and ") + g.filter() + ")"
}

func (g planData) stage() string {
	switch g.IntN(14) {
	case 0, 1, 2, 3:
		return "| " + g.filter()
	case 4, 5, 6, 7:
		return "| json"
	case 8, 9:
		return "| logfmt"
	case 10:
		return pickOne(g, "| logfmt --strict", `| json level="level"`, "| logfmt --keep-empty", `| regexp "(?P<level>err)"`, "| decolorize")
	case 11:
		return pickOne(g, "| drop __error__", "| drop level", "| keep level, app", "| drop __error__, __error_details__", `| drop app="web"`)
	case 12:
		return pickOne(g, `| label_format level=status`, `| label_format took=status`, `| label_format user="{{.level}}"`, `| label_format x="{{__line__}}"`, `| line_format "{{.level}}"`)
	}
	return pickOne(g, `|= "error"`, `!= "info"`, `|~ "4.4|err"`, `|= "a" or "b"`, `!~ "b.l"`, `|= ""`, `|> "<_>level<_>"`, `|> "level<_>" or "<_>error<_>"`, `!> "<_>info<_>"`, `|= ip("10.0.0.1")`)
}

func (g planData) pipeline() string {
	stages := []string{pickOne(g, `{app="web"}`, `{app=~".+"}`, `{app=~"w.*|api", pod!="1"}`, `{app="api", pod=~"0|1|2"}`)}
	for g.IntN(6) == 0 {
		stages = append(stages, g.stage())
	}
	if g.IntN(5) > 0 {
		stages = append(stages, pickOne(g, "| json", "| json", "| logfmt"))
	}
	for g.IntN(5) < 2 {
		stages = append(stages, pickOne(g, g.stage(), "| "+g.filter(), "| "+g.filter()))
	}
	switch g.IntN(8) {
	case 0:
		stages = append(stages, `| __error__="LabelFilterErr"`)
	case 1, 2, 3, 4:
		stages = append(stages, `| __error__=""`)
	}
	return strings.Join(stages, " ")
}

func (g planData) grouping() string {
	name := func() string {
		return pickOne(g, "level", "app", "pod", "status", "user", "env", "a_b", "took", "missing", errorLabel, "level_extracted")
	}
	switch g.IntN(12) {
	case 0:
		return "without (" + name() + ")"
	case 1, 2:
		return ""
	case 3, 4:
		return "by (" + name() + "," + name() + ")"
	}
	return "by (" + name() + ")"
}

func (g planData) metric() string {
	window := pickOne(g, "10s", "1m", "5m", "5m", "90s", "97s") + "]" + pickOne(g, "", "", "", " offset 13s")
	if g.IntN(2) == 0 {
		op := pickOne(g, "count_over_time", "rate", "bytes_over_time", "bytes_rate", "absent_over_time", "count_over_time")
		inner := fmt.Sprintf("%s(%s [%s)", op, g.pipeline(), window)
		if op == "absent_over_time" {
			return inner
		}
		return pickOne(g, "sum", "sum", "sum", "max") + " " + g.grouping() + " (" + inner + ")"
	}
	unwrap := pickOne(g, "took", "took", "status", "size", "bytes(size)", "duration(took)", "level") +
		pickOne(g, ` | __error__=""`, ` | __error__=""`, ` | __error__=""`, ` | __error__=""`, "", " | took > 5")
	body := fmt.Sprintf("%s | unwrap %s [%s", g.pipeline(), unwrap, window)
	switch op := pickOne(g, "sum", "avg", "min", "max", "first", "last", "stddev", "quantile", "rate", "min", "max"); op {
	case "quantile":
		return "quantile_over_time(0.9, " + body + ") " + g.grouping()
	case "rate":
		return "sum " + g.grouping() + " (rate(" + body + "))"
	case "sum":
		return "sum " + g.grouping() + " (sum_over_time(" + body + "))"
	default:
		return op + "_over_time(" + body + ") " + g.grouping()
	}
}

func (g planData) params() Params {
	if g.IntN(2) == 0 {
		at := scriptEpoch + g.Int64N(6)*int64(60e9)
		return Params{Start: at, End: at}
	}
	start := scriptEpoch + g.Int64N(100)*1e9
	return Params{Start: start, End: start + g.Int64N(300)*1e9, Step: pickOne[int64](g, 10e9, 60e9, 7e9, 15e9)}
}

// TestPlannedMetrics compares answers of the planner with those of the pipeline
// alone, line by line.
func TestPlannedMetrics(t *testing.T) {
	kinds := map[string]int{}
	for seed := range uint64(50) {
		g := planData{rand.New(rand.NewPCG(seed, 1))}
		store := &memStore{streams: g.streams()}
		if g.IntN(2) == 0 {
			store.refuse = func(line string) bool { return len(line)%5 == 0 }
		}
		if g.IntN(3) == 0 {
			store.suspect = func(line string) bool { return len(line)%17 == 0 }
		}
		cfg := DefaultConfig()
		cfg.MaxSeries = 5000
		planned, reference := NewEngine(store, cfg), NewEngine(store, cfg)
		reference.rowsOnly = true
		for n := range 100 {
			text, p := g.metric(), g.params()
			e, err := Parse(text)
			require.NoError(t, err, text)
			want, wantErr := reference.Eval(context.Background(), tenant.Default, e, p)
			got, gotErr := planned.Eval(context.Background(), tenant.Default, e, p)
			where := fmt.Sprintf("seed %d query %d: %s %+v", seed, n, text, p)
			if wantErr != nil {
				require.Error(t, gotErr, where)
				require.Equal(t, wantErr.Error(), gotErr.Error(), where)
				kinds["failed"]++
				continue
			}
			require.NoError(t, gotErr, where)
			requireSame(t, want.Value, got.Value, where)
			notePlan(kinds, got.Plan)
			if valueSize(want.Value) > 0 {
				kinds["with an answer"]++
			}
		}
	}
	t.Log(kinds)
	for kind, least := range map[string]int{"count in the store": 600, "read columns": 50, "read lines": 1000, "read times": 30,
		"with an answer": 1000, "failed": 500} {
		require.Greater(t, kinds[kind], least, "%s: %v", kind, kinds)
	}
}

// requireSame compares to the bit; NaN equals itself.
func requireSame(t *testing.T, want, got Value, where string) {
	t.Helper()
	if w, g := fmt.Sprintf("%#v", want), fmt.Sprintf("%#v", got); w != g {
		t.Fatalf("%s:\nwant %s\ngot  %s", where, w, g)
	}
}

func valueSize(v Value) int {
	switch v := v.(type) {
	case Vector:
		return len(v)
	case Matrix:
		return len(v)
	case Streams:
		return len(v)
	}
	return 0
}

// notePlan counts the steps of a plan.
func notePlan(kinds map[string]int, n *PlanNode) {
	if !strings.Contains(n.What, "{") {
		kinds[n.What]++
	}
	for _, c := range n.Children {
		notePlan(kinds, c)
	}
}
