package rowstore

import (
	"context"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/tenant"
)

// TestNumbered reads what was appended between two moments, also after the store was
// opened again, and nothing else.
func TestNumbered(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Path = t.TempDir()
	open := func() *Store {
		s, err := Open(cfg, slog.New(slog.DiscardHandler), nil)
		require.NoError(t, err)
		return s
	}
	s := open()
	id, err := s.ID()
	require.NoError(t, err)
	now := time.Now().UnixNano()
	var moments []uint64
	settle := func() {
		n, err := s.Settled(context.Background())
		require.NoError(t, err)
		moments = append(moments, n)
	}
	for batch := range 3 {
		settle()
		rows := make([]Row, 100)
		for i := range rows {
			rows[i] = Row{Time: now + int64(i), Fields: []Field{{MessageField, strconv.Itoa(batch)}}}
		}
		require.NoError(t, s.Append(context.Background(), "a", rows))
		if batch == 1 {
			require.NoError(t, s.Close())
			s = open()
		}
	}
	settle()
	defer func() { require.NoError(t, s.Close()) }()
	again, err := s.ID()
	require.NoError(t, err)
	require.Equal(t, id, again)
	require.Equal(t, []tenant.ID{"a"}, s.Tenants())

	for batch := range 3 {
		q := Query{Start: now, End: now + 100, Sequence: true, Filter: Numbered{moments[batch], moments[batch+1]}}
		n := 0
		require.NoError(t, s.Query(context.Background(), "a", q, func(b *Block) error {
			for i, v := range b.Column(MessageField) {
				require.Equal(t, strconv.Itoa(batch), v)
				number, err := strconv.ParseUint(b.Column(SequenceColumn)[i], 10, 64)
				require.NoError(t, err)
				require.True(t, number >= moments[batch] && number < moments[batch+1])
				n++
			}
			return nil
		}))
		require.Equal(t, 100, n)
	}
	counts, err := s.Count(context.Background(), "a", Query{Start: now, End: now + 100, Filter: Numbered{5, 5}}, Grouping{})
	require.NoError(t, err)
	require.Empty(t, counts)
}
