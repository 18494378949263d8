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
