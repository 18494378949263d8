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

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/wal"
	"github.com/pharosd/pharos/tenant"
)

// remoteFormat is the first byte of a record in a Remote's write-ahead log. See
// docs/format/remote.md. shippedRemote is remoteFormat with an agent and its highest
// number in front.
const (
	remoteFormat  = 1
	shippedRemote = 2
)

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

// encodeRemote turns rows into a record: the servers' format, without numbers. shipment
// may be nil.
func encodeRemote(id logstorage.TenantID, shipment *model.Shipment, rows []Row) ([]byte, error) {
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
	head := []byte{remoteFormat}
	if shipment != nil {
		// The tenant stands in the rows; it is needed without unpacking them.
		head = binary.AppendUvarint([]byte{shippedRemote}, tenantKey(id))
		head = binary.AppendUvarint(appendText(head, shipment.Agent), shipment.Last)
	}
	packed := append(head, make([]byte, s2.MaxEncodedLen(len(body)))...)
	return packed[:len(head)+len(s2.Encode(packed[len(head):], body))], nil
}

// tenantKey is a tenant of the servers as one number.
func tenantKey(id logstorage.TenantID) uint64 { return uint64(id.AccountID)<<32 | uint64(id.ProjectID) }

// remoteHead is what stands before the rows of a record; shipment is nil if nothing does.
func remoteHead(payload []byte) (tenant uint64, shipment *model.Shipment, packed []byte, err error) {
	if len(payload) == 0 {
		return 0, nil, nil, errBadBatch
	}
	switch payload[0] {
	case remoteFormat:
		return 0, nil, payload[1:], nil
	case shippedRemote:
		d := batchDecoder{rest: string(payload[1:])}
		tenant = d.uvarint()
		shipment = &model.Shipment{Agent: d.text(), Last: d.uvarint()}
		return tenant, shipment, payload[len(payload)-len(d.rest):], d.err
	}
	return 0, nil, nil, errBadBatch
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
	_, _, packed, err := remoteHead(r.Payload)
	if err != nil {
		return err
	}
	if n, err := s2.DecodedLen(packed); err != nil || n > maxRemoteRecord {
		return errBadBatch
	}
	body, err := s2.Decode(nil, packed)
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
