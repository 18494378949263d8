package ingest

import (
	"errors"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// TestPushKeepsToItsScope refuses streams outside of what the token is narrowed to,
// also when the label is one that ingest derives, and stores the others.
func TestPushKeepsToItsScope(t *testing.T) {
	h := newHarness(nil)
	scope, err := tenant.ParseScope(`{service_name="web"}`)
	require.NoError(t, err)
	ctx := tenant.WithScope(t.Context(), scope)
	in := []model.LogStream{
		stream(labelsOf(map[string]string{"app": "web"}), "mine"),
		stream(labelsOf(map[string]string{"app": "db"}), "a", "b"),
	}
	r := requireRefusal(t, h.PushLogs(ctx, "t", in))
	require.Equal(t, OutsideOfScope, r.Reason)
	require.Equal(t, 2, r.Refused)
	require.False(t, r.Temporary)
	require.Contains(t, r.Message, `{app="db", service_name="db"}`)
	require.Contains(t, r.Message, `{service_name="web"}`)
	require.Len(t, h.store.streams, 1)
	require.Equal(t, "mine", h.store.streams[0].Entries[0].Line)
	require.Equal(t, 2.0, testutil.ToFloat64(h.metrics.refused.WithLabelValues("logs", "t", "outside_of_scope")))
}

// TestTailIsToldOfEachBatch gives each mark back, also when the store fails.
func TestTailIsToldOfEachBatch(t *testing.T) {
	h := newHarness(nil)
	in := []model.LogStream{stream(labelsOf(map[string]string{"app": "web"}), "x")}
	require.NoError(t, h.PushLogs(t.Context(), "t", in))
	h.store.err = errors.New("disk")
	require.Error(t, h.PushLogs(t.Context(), "t", in))
	require.Equal(t, 2, h.tail.begun)
	require.Equal(t, 14, h.tail.ended)
	require.Len(t, h.tail.streams, 1)
}
