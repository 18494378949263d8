package journald

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Bounds of an entry. systemd's own are 1024 fields and hundreds of megabytes.
const (
	maxFields     = 1024
	maxName       = 64
	maxValue      = 1 << 20
	maxEntryBytes = 4 << 20
)

var errMalformed = errors.New("malformed journal export")

// field is a name and a value, which may be any bytes.
type field struct {
	name  string
	value []byte
}

// entry is one of the journal. cut says that values were too large and are missing.
type entry struct {
	fields []field
	cut    bool
}

// exported reads the Journal Export Format (systemd.io/JOURNAL_EXPORT_FORMATS): fields
// as NAME=value and a newline, or as NAME, a newline, the size in 8 bytes little endian,
// so many bytes and a newline; an empty line ends an entry.
type exported struct{ r *bufio.Reader }

func newExported(r io.Reader) *exported { return &exported{bufio.NewReaderSize(r, 64<<10)} }

// next returns the next entry. io.EOF is the end between two; an entry that ends with
// the stream is whole.
func (x *exported) next() (*entry, error) {
	e := &entry{}
	size := 0
	for {
		f, end, err := x.field(maxEntryBytes - size)
		switch {
		case errors.Is(err, errTooLarge):
			e.cut = true
			continue
		case errors.Is(err, io.EOF) && len(e.fields) > 0:
			return e, nil
		case err != nil:
			return nil, err
		case end && len(e.fields) == 0:
			continue // empty lines between entries
		case end:
			return e, nil
		}
		if len(e.fields) == maxFields {
			return nil, fmt.Errorf("%w: more than %d fields", errMalformed, maxFields)
		}
		size += len(f.name) + len(f.value)
		e.fields = append(e.fields, f)
	}
}

var errTooLarge = errors.New("value too large")

// field reads one field; end says that an empty line came instead.
func (x *exported) field(room int) (f field, end bool, err error) {
	name, delimiter, err := x.name()
	if err != nil || name == "" {
		return f, name == "" && err == nil, err
	}
	f.name = name
	if delimiter == '=' {
		f.value, err = x.line(min(maxValue, room))
		return f, false, err
	}
	var head [8]byte
	if _, err := io.ReadFull(x.r, head[:]); err != nil {
		return f, false, unexpected(err)
	}
	n := binary.LittleEndian.Uint64(head[:])
	if n > 1<<32 {
		return f, false, fmt.Errorf("%w: a value of %d bytes", errMalformed, n)
	}
	if n > uint64(min(maxValue, room)) {
		if _, err := io.CopyN(io.Discard, x.r, int64(n)+1); err != nil {
			return f, false, unexpected(err)
		}
		return f, false, errTooLarge
	}
	f.value = make([]byte, n)
	if _, err := io.ReadFull(x.r, f.value); err != nil {
		return f, false, unexpected(err)
	}
	if c, err := x.r.ReadByte(); err != nil || c != '\n' {
		return f, false, fmt.Errorf("%w: no newline after a value", errMalformed)
	}
	return f, false, nil
}

// name reads up to "=" or the end of the line, which is empty between entries.
func (x *exported) name() (name string, delimiter byte, err error) {
	var b []byte
	for {
		c, err := x.r.ReadByte()
		if err != nil {
			if len(b) > 0 {
				err = unexpected(err)
			}
			return "", 0, err
		}
		if c == '=' && len(b) > 0 || c == '\n' {
			return string(b), c, nil
		}
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' || len(b) == maxName {
			return "", 0, fmt.Errorf("%w: byte 0x%02x in a name", errMalformed, c)
		}
		b = append(b, c)
	}
}

// line reads the rest of a line. What is longer than max is skipped.
func (x *exported) line(max int) ([]byte, error) {
	var out []byte
	over := false
	for {
		part, err := x.r.ReadSlice('\n')
		if over = over || len(out)+len(part) > max+1; !over {
			out = append(out, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil:
			return nil, unexpected(err)
		case over:
			return nil, errTooLarge
		}
		return out[:len(out)-1], nil
	}
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
