package rowstore

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/klauspost/compress/s2"
	"github.com/stretchr/testify/require"
)

func encoded(t testing.TB, number uint32, rows []Row, marks []mark) []byte {
	var out []byte
	require.NoError(t, encodeBatch(number, nil, rows, marks, func(b []byte, _ int) error { out = bytes.Clone(b); return nil }))
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
		got, err := decodeBatch(encoded(t, 77, rows, nil))
		require.NoError(t, err)
		require.EqualValues(t, 77, got.tenant)
		require.Equal(t, rows, got.rows)
		require.Equal(t, make([]mark, 4), got.marks)
	}
	got, err := decodeBatch(encoded(t, 77, rows, []mark{late, duplicate, undecided, distinct}))
	require.NoError(t, err)
	require.Equal(t, []Row{rows[0], rows[2], rows[3]}, got.rows)
	require.Equal(t, []mark{late, undecided, distinct}, got.marks)
	b := encoded(t, 1, rows, nil)
	for n := range b {
		_, err := decodeBatch(b[:n])
		require.Error(t, err, "cut at %d", n)
	}
	b[0] = shipmentFormat + 1
	_, err = decodeBatch(b)
	require.ErrorContains(t, err, "format 4")
}

// TestBatchReferences writes values that are parts of the message once.
func TestBatchReferences(t *testing.T) {
	msg := `{"level":"error","path":"/api/v1/items/421","text":"a long text that is in the message too"}`
	row := Row{Stream: []Field{}, Fields: []Field{{"_msg", msg}, {"p:level", msg[10:15]}, {"p:text", msg[52 : len(msg)-2]}, {"p:whole", msg}, {"m:x", "error"}}}
	rows := []Row{row, {Stream: []Field{}, Fields: []Field{{"p:level", msg[10:15]}}}}
	b := encoded(t, 7, rows, nil)
	got, err := decodeBatch(b)
	require.NoError(t, err)
	require.Equal(t, rows, got.rows)
	require.Equal(t, 1, bytes.Count(b, []byte("a long text")))
}

// TestPlainBatch reads what the format before this one wrote.
func TestPlainBatch(t *testing.T) {
	b, err := hex.DecodeString("014d02020361707003776562" + "03656e760470726f6400" + "03045f6d736701610162" +
		"03" + "000a020" + "0036f6e65" + "010131" + "0003010" + "20132" + "010000")
	require.NoError(t, err)
	got, err := decodeBatch(b)
	require.NoError(t, err)
	require.EqualValues(t, 77, got.tenant)
	require.Nil(t, got.marks)
	web := []Field{{"app", "web"}, {"env", "prod"}}
	require.Equal(t, []Row{
		{Time: 5, Stream: web, Fields: []Field{{"_msg", "one"}, {"a", "1"}}},
		{Time: 3, Stream: web, Fields: []Field{{"b", "2"}}},
		{Time: 3, Stream: []Field{}, Fields: []Field{}},
	}, got.rows)
}

// FuzzDecodeBatch checks that no input makes the decoder panic or allocate
// without measure, and that what it accepts survives a round trip.
func FuzzDecodeBatch(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 1, 0, 0, 0})
	f.Add(encoded(f, 7, []Row{{Time: 5, Stream: []Field{{"a", "b"}}, Fields: []Field{{"_msg", "x"}}}}, []mark{late}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 0 && b[0] == batchFormat {
			if n, err := s2.DecodedLen(b[1:]); err == nil && n > 1<<22 {
				t.Skip("a checksum keeps such lengths from the decoder")
			}
		}
		got, err := decodeBatch(b)
		if err != nil {
			return
		}
		again, err := decodeBatch(encoded(t, got.tenant, got.rows, got.marks))
		require.NoError(t, err)
		require.Equal(t, got.tenant, again.tenant)
		require.Equal(t, len(got.rows), len(again.rows))
		for i := range got.rows {
			require.Equal(t, got.rows[i], again.rows[i])
		}
		if got.marks != nil {
			require.Equal(t, got.marks, again.marks)
		}
	})
}
