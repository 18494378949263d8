package rowstore

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func encoded(t testing.TB, number uint32, rows []Row) []byte {
	var out []byte
	require.NoError(t, encodeBatch(number, rows, func(b []byte) error { out = bytes.Clone(b); return nil }))
	return out
}

func TestBatchRoundTrip(t *testing.T) {
	web := []Field{{"app", "web"}, {"env", "prod"}}
	rows := []Row{
		{Time: 5, Stream: web, Fields: []Field{{"_msg", "one"}, {"a", "1"}}},
		{Time: 3, Stream: web, Fields: []Field{{"_msg", "two"}, {"b", "2"}, {"c", "\xff\x00"}}},
		{Time: -9, Stream: []Field{}, Fields: []Field{{"b", ""}}},
		{Time: 1 << 62, Stream: []Field{{"app", "web"}, {"env", "prod"}}, Fields: []Field{}},
	}
	for range 2 { // encoders are reused
		number, got, err := decodeBatch(encoded(t, 77, rows))
		require.NoError(t, err)
		require.EqualValues(t, 77, number)
		require.Equal(t, rows, got)
	}
	b := encoded(t, 1, rows)
	for n := range b {
		_, _, err := decodeBatch(b[:n])
		require.Error(t, err, "cut at %d", n)
	}
	b[0] = 2
	_, _, err := decodeBatch(b)
	require.ErrorContains(t, err, "format 2")
}

// FuzzDecodeBatch checks that no input makes the decoder panic or allocate
// without measure, and that what it accepts survives a round trip.
func FuzzDecodeBatch(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 1, 0, 0, 0})
	f.Add(encoded(f, 7, []Row{{Time: 5, Stream: []Field{{"a", "b"}}, Fields: []Field{{"_msg", "x"}}}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		number, rows, err := decodeBatch(b)
		if err != nil {
			return
		}
		again, rows2, err := decodeBatch(encoded(t, number, rows))
		require.NoError(t, err)
		require.Equal(t, number, again)
		require.Equal(t, len(rows), len(rows2))
		for i := range rows {
			require.Equal(t, rows[i], rows2[i])
		}
	})
}
