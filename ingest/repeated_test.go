package ingest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// repeating is a store that holds some of what it is given already.
type repeating struct {
	*memory
	repeated []int
}

func (r repeating) AppendNumbered(context.Context, tenant.ID, []model.LogStream) (uint64, []int, error) {
	return 1, r.repeated, nil
}

func (r repeating) LastNumber() (uint64, bool) { return 0, true }

// TestTailsAreNotToldOfRepeats: what the store held already was shown already.
func TestTailsAreNotToldOfRepeats(t *testing.T) {
	web := model.NewLabels(model.Label{Name: "service_name", Value: "web"})
	api := model.NewLabels(model.Label{Name: "service_name", Value: "api"})
	for _, c := range []struct {
		repeated []int
		want     []string
	}{
		{nil, []string{"a", "b", "c"}},
		{[]int{1}, []string{"a", "c"}},
		{[]int{0, 1}, []string{"c"}},
		{[]int{0, 1, 2}, nil},
	} {
		h := newHarness(nil)
		h.Logs.store = repeating{h.store, c.repeated}
		require.NoError(t, h.PushLogs(t.Context(), "t", []model.LogStream{stream(web, "a", "b"), stream(api, "c")}))
		var got []string
		for _, s := range h.tail.streams {
			for _, e := range s.Entries {
				got = append(got, e.Line)
			}
		}
		require.Equal(t, c.want, got)
		require.Equal(t, 7, h.tail.ended, "what was begun was ended")
	}
}

// shipped is a store that notes whether what it is given is numbered by an agent.
type shipped struct {
	*memory
	numbered []bool
}

func (s *shipped) Append(ctx context.Context, t tenant.ID, streams []model.LogStream) error {
	_, ok := model.ShipmentFrom(ctx)
	s.numbered = append(s.numbered, ok)
	return s.memory.Append(ctx, t, streams)
}

// TestAPartThatALimitRefused is not taken for the whole: the agent will repeat it all.
func TestAPartThatALimitRefused(t *testing.T) {
	h := newHarness(func(l *Limits) { l.MaxStreams = 1 })
	store := &shipped{memory: h.store}
	h.Logs.store, h.Logs.tail = store, nil
	ctx, err := Numbered(t.Context(), func(name string) string {
		return map[string]string{model.AgentHeader: "a.0", model.SequenceHeader: "17-18"}[name]
	})
	require.NoError(t, err)
	web := model.NewLabels(model.Label{Name: "service_name", Value: "web"})
	api := model.NewLabels(model.Label{Name: "service_name", Value: "api"})
	r := requireRefusal(t, h.PushLogs(ctx, "t", []model.LogStream{stream(web, "a"), stream(api, "b")}))
	require.True(t, r.Temporary)
	require.NoError(t, h.PushLogs(ctx, "t", []model.LogStream{stream(web, "c")}))
	bad := stream(web, "d", "e")
	bad.Entries[1].Time = 0 // never taken: the agent goes on
	require.False(t, requireRefusal(t, h.PushLogs(ctx, "t", []model.LogStream{bad})).Temporary)
	require.Equal(t, []bool{false, true, true}, store.numbered)
}

func TestWrongNumbersAreRefused(t *testing.T) {
	for _, c := range [][2]string{{"", "1-2"}, {"a", ""}, {"a", "1"}, {"a", "2-1"}, {"a", "-1-2"}, {"a", "1-9223372036854775808"}, {"a b", "1-2"}, {"a\n", "1-2"}, {string(make([]byte, 65)), "1-2"}} {
		_, err := Numbered(t.Context(), func(name string) string {
			return map[string]string{model.AgentHeader: c[0], model.SequenceHeader: c[1]}[name]
		})
		require.Equal(t, Malformed, requireRefusal(t, err).Reason, "%q", c)
	}
	ctx, err := Numbered(t.Context(), func(string) string { return "" })
	require.NoError(t, err)
	require.Equal(t, t.Context(), ctx)
}
