package ingest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/model"
)

// PushLogItems names each entry that was refused, and nothing else.
func TestPushLogItems(t *testing.T) {
	h := newHarness(func(l *Limits) { l.MaxLineSize, l.MaxStreams = 10, 2 })
	app := func(name string, lines ...string) model.LogStream {
		return stream(labelsOf(map[string]string{"app": name}), lines...)
	}
	late := app("c", "old", "fine")
	late.Entries[0].Time = 1
	in := []model.LogStream{app("a", "ok", strings.Repeat("x", 11)), stream(labelsOf(map[string]string{"a=": "x"}), "bad label"), app("b", "too"), late}
	push := func() (refused []string, err error) {
		err = h.PushLogItems(t.Context(), "t", in, func(stream, entry int, r *Refusal) {
			refused = append(refused, fmt.Sprint(stream, " ", entry, " ", r.Reason))
		})
		return refused, err
	}
	refused, err := push()
	require.NoError(t, err)
	require.Equal(t, []string{"0 1 line_too_long", "1 -1 invalid_labels", "3 0 greater_than_max_sample_age", "3 -1 stream_limit"}, refused)
	require.Len(t, h.store.streams, 2)

	h.store.err = errors.New("no disk")
	_, err = push()
	require.Error(t, err, "nothing was stored")
}
