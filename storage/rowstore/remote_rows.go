package rowstore

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"unsafe"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
	"github.com/klauspost/compress/s2"

	"github.com/pharosd/pharos/storage/wal"
	"github.com/pharosd/pharos/tenant"
)

// remoteFormat is the first byte of a record in a Remote's write-ahead log. See
// docs/format/remote.md.
const remoteFormat = 1

// writerField names the Remote that a row came from: numbers are its own.
const writerField = "~by"

// maxRemoteFields is how many fields servers take of a row; they drop rows with more.
const maxRemoteFields = 1000

// maxRemoteRecord bounds a record's rows before compression.
const maxRemoteRecord = 1 << 30

// remoteTenant is the servers' id of a tenant. It follows from the name alone, so
// that every replica in front of the same servers agrees.
func remoteTenant(t tenant.ID) logstorage.TenantID {
	sum := sha256.Sum256([]byte("pharos tenant " + t))
	return logstorage.TenantID{AccountID: binary.BigEndian.Uint32(sum[:4]), ProjectID: binary.BigEndian.Uint32(sum[4:8])}
}

// encodeRemote turns rows into a record: the servers' format, without numbers.
func encodeRemote(id logstorage.TenantID, rows []Row) ([]byte, error) {
	var body []byte
	row := logstorage.GetInsertRow()
	defer logstorage.PutInsertRow(row)
	for i := range rows {
		r := &rows[i]
		row.TenantID, row.Timestamp = id, r.Time
		row.StreamTagsCanonical = canonicalStream(r.Stream)
		row.Fields = appendFields(row.Fields[:0], r)
		if len(row.Fields)+2 > maxRemoteFields {
			return nil, fmt.Errorf("row %d has %d fields: %w", i, len(row.Fields), ErrRowTooLarge)
		}
		body = row.Marshal(body)
	}
	if len(body) > maxRemoteRecord {
		return nil, fmt.Errorf("%w: %d bytes in one batch", ErrOverloaded, len(body))
	}
	packed := make([]byte, 1+s2.MaxEncodedLen(len(body)))
	packed[0] = remoteFormat
	return packed[:1+len(s2.Encode(packed[1:], body))], nil
}

// canonicalStream is how servers know a stream.
func canonicalStream(stream []Field) string {
	tags := logstorage.GetStreamTags()
	defer logstorage.PutStreamTags(tags)
	for _, f := range stream {
		tags.Add(f.Name, f.Value)
	}
	return string(tags.MarshalCanonical(nil))
}

// eachRemoteRow calls fn for the rows of a record with their numbers. A row is valid
// during the call.
func eachRemoteRow(r wal.Record, fn func(row *logstorage.InsertRow, number uint64) error) error {
	if len(r.Payload) == 0 || r.Payload[0] != remoteFormat {
		return errBadBatch
	}
	if n, err := s2.DecodedLen(r.Payload[1:]); err != nil || n > maxRemoteRecord {
		return errBadBatch
	}
	body, err := s2.Decode(nil, r.Payload[1:])
	if err != nil {
		return errors.Join(errBadBatch, err)
	}
	row := logstorage.GetInsertRow()
	defer logstorage.PutInsertRow(row)
	number := r.First
	for len(body) > 0 {
		if body, err = row.UnmarshalInplace(body); err != nil {
			return errors.Join(errBadBatch, err)
		}
		if err := fn(row, number); err != nil {
			return err
		}
		number++
	}
	if number != r.First+uint64(r.Count) {
		return errBadBatch
	}
	return nil
}

// appendNumbered appends a row in the servers' format, with its number and writer.
func appendNumbered(to []byte, row *logstorage.InsertRow, number uint64, writer string) []byte {
	var digits [20]byte
	n := strconv.AppendUint(digits[:0], number, 10)
	row.Fields = append(row.Fields,
		logstorage.Field{Name: sequenceField, Value: unsafe.String(&n[0], len(n))},
		logstorage.Field{Name: writerField, Value: writer})
	return row.Marshal(to)
}
