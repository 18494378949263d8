package tail

import (
	"fmt"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

func newHub(cfg Config) *Hub { return New(cfg, prometheus.NewRegistry()) }

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

func taken(s *Subscription) (lines []string, lost uint64) {
	entries, _, lost := s.Take()
	for _, e := range entries {
		lines = append(lines, e.Line)
	}
	return lines, lost
}

// TestPublish reaches the subscribers of the tenant whose query matches.
func TestPublish(t *testing.T) {
	h := newHub(DefaultConfig())
	web, err := h.Subscribe("a", logQuery(t, `{app="web"} |= "x" | line_format "<{{.app}}>"`))
	require.NoError(t, err)
	every, err := h.Subscribe("a", logQuery(t, `{app=~".+"}`))
	require.NoError(t, err)
	other, err := h.Subscribe("b", logQuery(t, `{app=~".+"}`))
	require.NoError(t, err)

	h.Publish("a", stream("web", "x1", "y"))
	h.Publish("a", stream("db", "x2"))
	select {
	case <-web.Wake():
	default:
		t.Error("not woken")
	}
	lines, _ := taken(web)
	assert.Equal(t, []string{"<web>"}, lines)
	lines, _ = taken(every)
	assert.Equal(t, []string{"x1", "y", "x2"}, lines)
	lines, _ = taken(other)
	assert.Empty(t, lines)

	for _, s := range []*Subscription{web, every, other, web} {
		s.Close()
	}
	h.Publish("a", stream("web", "x3"))
	lines, _ = taken(web)
	assert.Empty(t, lines)
	assert.Empty(t, h.tenants)
	assert.Zero(t, testutil.ToFloat64(h.subscribers))
}

// TestSlowReader loses what does not fit and is told how much.
func TestSlowReader(t *testing.T) {
	h := newHub(Config{MaxSubscribers: 1, BufferEntries: 3, BufferBytes: 10})
	s, err := h.Subscribe(tenant.Default, logQuery(t, `{app="web"}`))
	require.NoError(t, err)
	defer s.Close()
	_, err = h.Subscribe(tenant.Default, logQuery(t, `{app="web"}`))
	require.ErrorIs(t, err, ErrTooMany)

	h.Publish(tenant.Default, stream("web", "1", "2", "3", "4"))
	entries, dropped, lost := s.Take()
	assert.Len(t, entries, 3)
	assert.EqualValues(t, 1, lost)
	require.Len(t, dropped, 1)
	assert.EqualValues(t, 3, dropped[0].Time)

	h.Publish(tenant.Default, stream("web", "12345678", "123", "1"))
	lines, lost := taken(s)
	assert.Equal(t, []string{"12345678", "1"}, lines)
	assert.EqualValues(t, 1, lost)
	assert.EqualValues(t, 2, testutil.ToFloat64(h.dropped))
}

// TestConcurrency publishes, subscribes, takes and closes at the same time.
func TestConcurrency(t *testing.T) {
	h := newHub(Config{MaxSubscribers: 100, BufferEntries: 1000, BufferBytes: 1 << 20})
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Add(2)
		go func() {
			defer wg.Done()
			for i := range 100 {
				h.Publish(tenant.Default, stream("web", fmt.Sprint(w, i)))
			}
		}()
		go func() {
			defer wg.Done()
			for range 20 {
				s, err := h.Subscribe(tenant.Default, logQuery(t, `{app="web"} | logfmt`))
				if err != nil {
					t.Error(err)
					return
				}
				s.Take()
				s.Close()
			}
		}()
	}
	wg.Wait()
}

// BenchmarkPublishIdle is what ingest pays when nobody tails.
func BenchmarkPublishIdle(b *testing.B) {
	h := newHub(DefaultConfig())
	batch := stream("web", "a", "b", "c")
	b.ReportAllocs()
	for b.Loop() {
		h.Publish(tenant.Default, batch)
	}
}
