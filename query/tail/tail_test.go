package tail

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// The engine's own goroutines begin with the process.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

// startHub runs a hub until the test ends.
func startHub(t testing.TB, change func(*Config)) *Hub {
	t.Helper()
	cfg := DefaultConfig()
	if change != nil {
		change(&cfg)
	}
	h := New(cfg, prometheus.NewRegistry())
	runHub(t, h)
	return h
}

func runHub(t testing.TB, h *Hub) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- h.Run(ctx) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-done) })
}

// publish is a push that takes no time, and waits until readers have it.
func publish(t testing.TB, h *Hub, id tenant.ID, streams []model.LogStream) {
	t.Helper()
	h.Publish(h.Begin(), id, streams, 0)
	settle(t, h)
}

func settle(t testing.TB, h *Hub) {
	t.Helper()
	require.Eventually(t, func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.queue.idle()
	}, 10*time.Second, time.Millisecond)
}

func logQuery(t testing.TB, text string) *logql.LogExpr {
	t.Helper()
	e, err := logql.Parse(text)
	require.NoError(t, err)
	return e.(*logql.LogExpr)
}

func stream(app string, lines ...string) []model.LogStream {
	s := model.LogStream{Labels: model.NewLabels(model.Label{Name: "app", Value: app})}
	for i, l := range lines {
		s.Entries = append(s.Entries, model.LogEntry{Time: int64(i), Line: l})
	}
	return []model.LogStream{s}
}

func subscribe(t testing.TB, h *Hub, id tenant.ID, query string) *Subscription {
	t.Helper()
	s, err := h.Subscribe(context.Background(), id, logQuery(t, query))
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

func text(t testing.TB, l *Line) string {
	t.Helper()
	var pair [2]string
	require.NoError(t, json.Unmarshal(l.JSON, &pair), "%s", l.JSON)
	return pair[1]
}

func texts(t testing.TB, lines []*Line) (out []string) {
	t.Helper()
	for _, l := range lines {
		out = append(out, text(t, l))
	}
	return out
}

// TestPublish reaches the readers of the tenant whose query matches.
func TestPublish(t *testing.T) {
	h := startHub(t, nil)
	web := subscribe(t, h, "a", `{app="web"} |= "x" | line_format "<{{.app}}>"`)
	again := subscribe(t, h, "a", `{app="web"} |= "x"`)
	every := subscribe(t, h, "a", `{app=~".+"}`)
	other := subscribe(t, h, "b", `{app=~".+"}`)

	publish(t, h, "a", stream("web", "x1", "y"))
	publish(t, h, "a", stream("db", "x2"))
	select {
	case <-web.Wake():
	default:
		t.Error("not woken")
	}
	plain := again.Take().Lines
	assert.Equal(t, []string{"<web>"}, texts(t, web.Take().Lines))
	assert.Equal(t, []string{"x1"}, texts(t, plain))
	all := every.Take().Lines
	assert.Equal(t, []string{"x1", "y", "x2"}, texts(t, all))
	assert.Same(t, plain[0], all[0], "a line that queries do not change is encoded once")
	assert.Empty(t, other.Take().Lines)

	for _, s := range []*Subscription{web, again, every, other, web} {
		s.Close()
	}
	publish(t, h, "a", stream("web", "x3"))
	assert.Empty(t, web.Take().Lines)
	assert.Empty(t, h.index)
	assert.Empty(t, h.readers)
	assert.Zero(t, h.ringBytes.Load())
	assert.Zero(t, testutil.ToFloat64(h.metrics.subscribers))
}

// TestScope narrows a tail by the scope of its context.
func TestScope(t *testing.T) {
	h := startHub(t, func(c *Config) { c.MaxPerScope = 2 })
	ctx := tenant.WithScope(t.Context(), tenant.NewScope(labels.MustNewMatcher(labels.MatchEqual, "app", "web")))
	narrow, err := h.Subscribe(ctx, "a", logQuery(t, `{app=~".+"}`))
	require.NoError(t, err)
	defer narrow.Close()
	again, err := h.Subscribe(ctx, "a", logQuery(t, `{app=~".+"} |= "x"`))
	require.NoError(t, err)
	defer again.Close()
	_, err = h.Subscribe(ctx, "a", logQuery(t, `{app="web"}`))
	require.ErrorIs(t, err, ErrTooMany, "one customer does not take the others' tails")
	require.ErrorContains(t, err, `narrowed to {app="web"}`)
	wide := subscribe(t, h, "a", `{app=~".+"}`)
	publish(t, h, "a", append(stream("web", "mine"), stream("db", "other's")...))
	assert.Equal(t, []string{"mine"}, texts(t, narrow.Take().Lines))
	assert.Equal(t, []string{"mine", "other's"}, texts(t, wide.Take().Lines))
}

// TestSlowReader loses what does not fit and is told how much; a fast one does not.
func TestSlowReader(t *testing.T) {
	h := startHub(t, func(c *Config) { c.MaxSubscribers, c.BufferEntries = 2, 3 })
	slow, fast := subscribe(t, h, "a", `{app="web"}`), subscribe(t, h, "a", `{app="web"}`)
	_, err := h.Subscribe(t.Context(), "a", logQuery(t, `{app="web"}`))
	require.ErrorIs(t, err, ErrTooMany)

	publish(t, h, "a", stream("web", "1", "2"))
	assert.Equal(t, []string{"1", "2"}, texts(t, fast.Take().Lines))
	publish(t, h, "a", stream("web", "3", "4"))
	assert.Equal(t, []string{"3", "4"}, texts(t, fast.Take().Lines))
	b := slow.Take()
	assert.Equal(t, []string{"1", "2", "3"}, texts(t, b.Lines))
	assert.EqualValues(t, 1, b.Lost)
	require.Len(t, b.Dropped, 1)
	assert.EqualValues(t, 1, b.Dropped[0].Time)
	assert.JSONEq(t, `{"app":"web"}`, string(b.Dropped[0].Labels.JSON))
	assert.Zero(t, slow.Take().Lost)
	assert.EqualValues(t, 1, testutil.ToFloat64(h.metrics.dropped))
}

// TestMemory keeps all rings within their share; a reader that takes all it can get
// leaves the others theirs.
func TestMemory(t *testing.T) {
	h := startHub(t, func(c *Config) { c.MaxMemory, c.BufferBytes = 4<<20, 64<<20 })
	greedy, modest := subscribe(t, h, "a", `{app=~".+"}`), subscribe(t, h, "a", `{app="web"}`)
	for range 100 {
		publish(t, h, "a", stream("db", strings.Repeat("x", 100_000)))
		require.LessOrEqual(t, h.ringBytes.Load(), int64(3<<20))
	}
	publish(t, h, "a", stream("web", strings.Repeat("y", 100_000)))
	assert.Len(t, modest.Take().Lines, 1)
	taken, lost := 0, uint64(0)
	for {
		b := greedy.Take()
		if len(b.Lines) == 0 && b.Lost == 0 {
			break
		}
		taken += len(b.Lines)
		lost += b.Lost
	}
	assert.Equal(t, 101, taken+int(lost))
	assert.Positive(t, lost)
}

// TestQueueOverflow tells readers how much was not matched, at most.
func TestQueueOverflow(t *testing.T) {
	h := New(DefaultConfig(), prometheus.NewRegistry())
	h.queue.limit = 4 << 10
	web, db := subscribe(t, h, "a", `{app="web"}`), subscribe(t, h, "a", `{app="db"}`)
	for range 10 {
		h.Publish(h.Begin(), "a", stream("web", strings.Repeat("x", 1000)), 0)
	}
	require.LessOrEqual(t, h.queue.bytes, 2*h.queue.limit)
	runHub(t, h)
	settle(t, h)
	b := web.Take()
	assert.EqualValues(t, 10, uint64(len(b.Lines))+b.Lost)
	assert.EqualValues(t, len(b.Dropped), b.Lost)
	assert.Len(t, b.Lines, 3)
	assert.Zero(t, db.Take().Lost)
	assert.EqualValues(t, b.Lost, testutil.ToFloat64(h.metrics.overflowed))
	assert.Zero(t, h.queue.bytes)
}

// TestCostlyQuery loses lines for its own readers while the worker falls behind, not
// for those whose queries cost little.
func TestCostlyQuery(t *testing.T) {
	h := startHub(t, nil)
	costly := subscribe(t, h, "a", `{app="web"} |~ "(a|b|c|d|e|f)+(x|y)?(a|b|c|d|e|f)+q"`)
	cheap := subscribe(t, h, "a", `{app="web"} |= "needle"`)
	one := batch{tenant: "a", streams: stream("web", "needle 1", "needle 2"), position: &Position{}, number: 1 << 30}
	var e evaluator
	run := func(pressed bool) {
		e.begin(pressed, 2)
		h.indexing.Lock()
		defer h.indexing.Unlock()
		e.run(h.index["a"], one)
	}
	run(true)
	require.Len(t, cheap.Take().Lines, 2)
	require.Zero(t, costly.Take().Lost)
	require.Positive(t, costly.group.spent)

	costly.group.spent = e.fair
	run(true)
	require.Len(t, cheap.Take().Lines, 2)
	require.EqualValues(t, 2, costly.Take().Lost)
	run(false) // there is time enough
	require.Zero(t, costly.Take().Lost)
	e.began = e.began.Add(-2 * windowLength) // a new window
	run(true)
	require.Zero(t, costly.Take().Lost)
}

// TestFrame is what Loki's clients read, with lines by time and labels together.
func TestFrame(t *testing.T) {
	a, b := newLabelSet(model.NewLabels(model.Label{Name: "app", Value: `a"`})), newLabelSet(nil)
	f := Frame{
		Lines:    []*Line{newLine(a, 2, "two"), newLine(b, 1, "one"), newLine(newLabelSet(a.Labels), 3, "<\n>")},
		Dropped:  []Dropped{{a, 5}},
		Lost:     7,
		Position: &Position{Low: 1, time: 2},
	}
	var out bytes.Buffer
	n, err := f.WriteTo(&out)
	require.NoError(t, err)
	require.EqualValues(t, out.Len(), n)
	require.JSONEq(t, `{"streams":[{"stream":{},"values":[["1","one"]]},{"stream":{"app":"a\""},"values":[["2","two"],["3","<\n>"]]}],`+
		`"dropped_entries":[{"timestamp":"5","labels":{"app":"a\""}}],"dropped":7,"cursor":"`+f.Position.Cursor()+`"}`, out.String())
	out.Reset()
	_, err = (&Frame{}).WriteTo(&out)
	require.NoError(t, err)
	require.Equal(t, `{"streams":[]}`, out.String())
}

// FuzzAppendJSON compares with encoding/json.
func FuzzAppendJSON(f *testing.F) {
	for _, s := range []string{"", "plain", `{"a":"b\n"}`, "\x00\x1f\x7f", "a\xffb", "ä\u2028\u2029\ufffd", "<&>", "\b\f\r\n\t"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(s); err != nil {
			t.Fatal(err)
		}
		if got := string(appendJSON(nil, s)) + "\n"; got != want.String() {
			t.Fatalf("%q is %s, want %s", s, got, want.String())
		}
	})
}

// TestConcurrency publishes, subscribes, takes and closes at the same time.
func TestConcurrency(t *testing.T) {
	h := startHub(t, nil)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 100 {
				h.Publish(h.Begin(), "a", stream("web", fmt.Sprint(w, i)), 0)
			}
		})
		wg.Go(func() {
			for range 20 {
				s, err := h.Subscribe(context.Background(), "a", logQuery(t, `{app="web"} | logfmt`))
				if err != nil {
					t.Error(err)
					return
				}
				s.Take()
				s.Close()
			}
		})
	}
	wg.Wait()
	settle(t, h)
	assert.Zero(t, h.ringBytes.Load())
}

// TestBrokenQuery: a query whose evaluation panics costs its own readers their lines,
// not the process.
func TestBrokenQuery(t *testing.T) {
	h := startHub(t, nil)
	broken, fine := subscribe(t, h, "a", `{app="web"} | logfmt`), subscribe(t, h, "a", `{app="web"}`)
	h.indexing.Lock()
	broken.group.matcher = nil // any use panics
	h.index["a"].routes[h.index["a"].hash(stream("web")[0].Labels)] = route{stream("web")[0].Labels, []*group{broken.group, fine.group}}
	h.indexing.Unlock()
	for range 2 {
		publish(t, h, "a", stream("web", "1", "2"))
		require.Len(t, fine.Take().Lines, 2)
		require.EqualValues(t, 2, broken.Take().Lost)
	}
	require.EqualValues(t, 1, testutil.ToFloat64(h.metrics.broken))
}
