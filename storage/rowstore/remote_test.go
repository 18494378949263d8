package rowstore

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/wal"
)

// TestRemoteRecord reads what is written, with numbers, and refuses what is cut.
func TestRemoteRecord(t *testing.T) {
	rows := []Row{
		{Time: 5, Stream: []Field{{"app", "web"}}, Fields: []Field{{"_msg", "one"}, {"m", "1.50"}}},
		{Time: -7, Stream: []Field{}, Fields: []Field{{"_msg", "\xff\x00"}}},
	}
	for _, shipment := range []*model.Shipment{nil, {Agent: "agent", Last: 42}} {
		requireRemoteRecord(t, rows, shipment)
	}
	require.NotEqual(t, remoteTenant("a"), remoteTenant("b"))
	many := Row{Stream: []Field{}}
	for range MaxFields {
		many.Fields = append(many.Fields, Field{"m", "1.50"})
	}
	_, err := encodeRemote(remoteTenant("a"), nil, []Row{many})
	require.ErrorIs(t, err, ErrRowTooLarge)
}

func requireRemoteRecord(t *testing.T, rows []Row, shipment *model.Shipment) {
	b, err := encodeRemote(remoteTenant("a"), shipment, rows)
	require.NoError(t, err)
	tenant, shipped, _, err := remoteHead(b)
	require.NoError(t, err)
	require.Equal(t, shipment, shipped)
	if shipment != nil {
		require.Equal(t, tenantKey(remoteTenant("a")), tenant)
	}
	record := wal.Record{First: 100, Count: 2, Payload: b}
	var got []map[string]string
	require.NoError(t, eachRemoteRow(record, func(row *logstorage.InsertRow, number uint64) error {
		require.Equal(t, remoteTenant("a"), row.TenantID)
		require.Equal(t, rows[number-100].Time, row.Timestamp)
		fields := map[string]string{}
		for _, f := range row.Fields {
			fields[string([]byte(f.Name))] = string([]byte(f.Value))
		}
		got = append(got, fields)
		return nil
	}))
	require.Equal(t, []map[string]string{
		{"_msg": "one", "app": "web", "m": "1.50", "~=m": "'1.50"},
		{"_msg": "\xff\x00"},
	}, got)
	ignore := func(*logstorage.InsertRow, uint64) error { return nil }
	for n := range b {
		require.Error(t, eachRemoteRow(wal.Record{First: 1, Count: 2, Payload: b[:n]}, ignore), "cut at %d", n)
	}
	record.Count = 3
	require.ErrorIs(t, eachRemoteRow(record, ignore), errBadBatch)
}

// FuzzRemoteRecord wants no record to make the decoder panic.
func FuzzRemoteRecord(f *testing.F) {
	b, err := encodeRemote(remoteTenant("a"), &model.Shipment{Agent: "agent", Last: 42}, []Row{{Time: 5, Stream: []Field{{"app", "web"}}, Fields: []Field{{"_msg", "one"}}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte{remoteFormat})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		_ = eachRemoteRow(wal.Record{First: 1, Count: 1, Payload: b}, func(row *logstorage.InsertRow, number uint64) error {
			appendNumbered(nil, row, number, "w")
			return nil
		})
	})
}

// FuzzFrames wants no answer of a server to make the reader panic or allocate without
// measure.
func FuzzFrames(f *testing.F) {
	f.Add(append(binary.BigEndian.AppendUint64(nil, 3), 1, 2, 3))
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{255, 255, 255, 255, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) >= 8 && binary.BigEndian.Uint64(b) > uint64(len(b)) {
			b = append(binary.BigEndian.AppendUint64(nil, uint64(len(b)-8)), b[8:]...)
		}
		frames := make(chan []byte)
		done := make(chan struct{})
		go func() {
			defer close(done)
			d := frameDecoder{write: func(*logstorage.DataBlock) {}}
			for frame := range frames {
				_ = d.decode(frame)
			}
		}()
		_ = readFrames(bytes.NewReader(b), frames)
		close(frames)
		<-done
	})
}
