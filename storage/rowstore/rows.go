package rowstore

import (
	"fmt"
	"strings"
	"time"
	"unsafe"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
)

// MaxNameSize is the longest name of a field in bytes. The engine's is 128.
const MaxNameSize = 128 - len(apartPrefix)

// check refuses what the engine would drop silently. It returns the size of the
// rows in bytes.
func (s *Store) check(rows []Row) (int64, error) {
	return checkRows(rows, s.cfg.Retention, s.cfg.FutureLimit)
}

func checkRows(rows []Row, retention, future time.Duration) (int64, error) {
	now := time.Now()
	// Callers check against the same age a moment earlier.
	oldest := now.Add(-retention - time.Minute).UnixNano()
	newest := now.Add(future).UnixNano()
	var sum int64
	for i := range rows {
		r := &rows[i]
		switch {
		case r.Time < oldest:
			return 0, fmt.Errorf("row %d of %s: %w", i, time.Unix(0, r.Time).UTC(), ErrTooOld)
		case r.Time > newest:
			return 0, fmt.Errorf("row %d of %s: %w", i, time.Unix(0, r.Time).UTC(), ErrTooNew)
		case len(r.Stream)+len(r.Fields) > MaxFields:
			return 0, fmt.Errorf("row %d has %d fields: %w", i, len(r.Stream)+len(r.Fields), ErrRowTooLarge)
		}
		size := 0
		for _, f := range r.Stream {
			if !goodName(f.Name) || strings.ContainsAny(f.Name, `={},"`) {
				return 0, fmt.Errorf("stream field %q: %w", f.Name, ErrBadName)
			}
			size += len(f.Name) + len(f.Value)
		}
		for _, f := range r.Fields {
			if !goodName(f.Name) && f.Name != MessageField {
				return 0, fmt.Errorf("field %q: %w", f.Name, ErrBadName)
			}
			size += len(f.Name) + len(f.Value)
		}
		if size > MaxRowSize {
			return 0, fmt.Errorf("row %d has %d bytes: %w", i, size, ErrRowTooLarge)
		}
		sum += int64(size)
	}
	return sum, nil
}

func goodName(s string) bool {
	return s != "" && len(s) <= MaxNameSize && s[0] != '_' && s[0] != '~'
}

// add hands rows to the engine, which copies them, except duplicates. Their numbers
// are first and the following. marks may be nil: all are distinct.
func (s *Store) add(id logstorage.TenantID, rows []Row, marks []mark, first uint64) {
	lr := logstorage.GetLogRows(nil, nil, nil, nil, "")
	defer logstorage.PutLogRows(lr)
	var fields []logstorage.Field
	var length []byte
	var number sequenceText
	for i := range rows {
		r := &rows[i]
		fields = appendFields(fields[:0], r)
		if marks != nil {
			if marks[i] == duplicate {
				continue
			}
			if marks[i] == late {
				fields = append(fields, logstorage.Field{Name: LateColumn, Value: "1"})
			}
		}
		fields, length = appendMarks(fields, messageOf(r), length)
		fields = number.append(fields, first)
		first++
		lr.MustAdd(id, r.Time, fields, streamFields(r.Stream))
		if lr.NeedFlush() {
			s.engine.MustAddRows(lr)
			lr.ResetKeepSettings()
		}
	}
	s.engine.MustAddRows(lr)
	s.appended.Add(1)
}

// appendFields appends the fields of a row as the engine keeps them, to none. Stream fields
// are stored as fields as well, which lets filters and groups name them; a field of
// the row with the same name goes first. The engine sorts by name, which is cheap
// when it is done: so two sorted lists make a sorted one.
func appendFields(to []logstorage.Field, r *Row) []logstorage.Field {
	rest := engineFields(r.Fields)
	for _, f := range r.Stream {
		if hasField(r.Fields, f.Name) {
			continue
		}
		n := 0
		for n < len(rest) && rest[n].Name < f.Name {
			n++
		}
		to = append(append(to, rest[:n]...), logstorage.Field(f))
		rest = rest[n:]
	}
	return keepApart(append(to, rest...), r)
}

// streamFields is never nil, which to the engine would mean "as configured".
func streamFields(stream []Field) []logstorage.Field {
	if len(stream) == 0 {
		return []logstorage.Field{}
	}
	return engineFields(stream)
}

func hasField(fs []Field, name string) bool {
	for i := range fs {
		if fs[i].Name == name {
			return true
		}
	}
	return false
}

// engineFields is fs without a copy: both types are a name and a value.
func engineFields(fs []Field) []logstorage.Field {
	return unsafe.Slice((*logstorage.Field)(unsafe.Pointer(unsafe.SliceData(fs))), len(fs))
}

// The conversion above holds as long as this compiles.
var _ = Field(logstorage.Field{})
