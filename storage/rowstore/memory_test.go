package rowstore_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/storage/rowstore"
)

// TestCountNeedsTooMuchMemory groups by a field with as many long values as there are
// rows, together more than the engine has for one query.
func TestCountNeedsTooMuchMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("runs without the race detector")
	}
	s := openStore(t)
	base := time.Now().Add(-time.Hour).UnixNano()
	pad := strings.Repeat("x", 900_000)
	for n := range 16 {
		rows := make([]rowstore.Row, 10)
		for i := range rows {
			rows[i] = rowstore.Row{Time: base + int64(n*100+i), Stream: fields("app", "a"),
				Fields: fields("id", fmt.Sprint(n, " ", i, " ", pad), "_msg", "x")}
		}
		require.NoError(t, s.Append(t.Context(), "a", rows))
	}
	_, err := s.Count(t.Context(), "a", everything(), rowstore.Grouping{By: []string{"id"}})
	require.ErrorIs(t, err, rowstore.ErrMemory)
}
