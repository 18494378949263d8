package rowstore_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/storage/rowstore"
)

func TestNumbersAscendInTheOrderOfReceipt(t *testing.T) {
	dir := t.TempDir()
	now := time.Now().UnixNano()
	var want []string
	for run := range 2 {
		s := openStoreAt(t, dir)
		for i := range 3 {
			var rows []rowstore.Row
			for j := range 3 {
				name := fmt.Sprintf("%d %d %d", run, i, j)
				want = append(want, name)
				// Later ones are older, and in other streams.
				rows = append(rows, rowstore.Row{Time: now - int64(len(want)), Stream: fields("app", fmt.Sprint(j)), Fields: fields("name", name)})
			}
			require.NoError(t, s.Append(t.Context(), "a", rows))
		}
		if run == 0 {
			require.NoError(t, s.Close())
			continue
		}
		for _, q := range []rowstore.Query{{Columns: []string{"name"}}, {}, {Limit: 100}} {
			q.Start, q.End, q.Sequence = everything().Start, everything().End, true
			names := map[uint64]string{}
			require.NoError(t, s.Query(t.Context(), "a", q, func(b *rowstore.Block) error {
				for i, v := range b.Column(rowstore.SequenceColumn) {
					n, err := strconv.ParseUint(v, 10, 64)
					require.NoError(t, err)
					names[n] = strings.Clone(b.Column("name")[i])
				}
				return nil
			}))
			var got []string
			numbers := make([]uint64, 0, len(names))
			for n := range names {
				numbers = append(numbers, n)
			}
			slices.Sort(numbers)
			for _, n := range numbers {
				got = append(got, names[n])
			}
			require.Equal(t, want, got)
		}
	}
}
