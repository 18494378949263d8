package ship

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// scanner reads the records of one segment from an offset on. What is damaged is
// skipped and counted; it costs no other record.
type scanner struct {
	f     *os.File
	at    int64
	limit int64 // bytes that are written

	damaged int    // places that could not be read, each a record or more
	lost    uint32 // entries in these, as far as their headers tell
	torn    bool   // the file ends within a record
	head    [recordHeaderSize]byte
	payload []byte
}

// next returns the next intact record; its payload is valid until the next call. An
// error is one of reading the file.
func (s *scanner) next() (h recordHeader, payload []byte, ok bool, err error) {
	for s.at < s.limit {
		if s.limit-s.at < recordHeaderSize {
			s.torn, s.at = true, s.limit
			break
		}
		if _, err := s.f.ReadAt(s.head[:], s.at); err != nil {
			return h, nil, false, fmt.Errorf("read queue: %w", err)
		}
		h, ok := parseRecordHeader(s.head[:])
		if !ok {
			if err := s.resync(); err != nil {
				return h, nil, false, err
			}
			continue
		}
		if s.at+h.size() > s.limit {
			s.torn, s.at = true, s.limit
			break
		}
		payload, err := s.read(h)
		if err != nil {
			return h, nil, false, err
		}
		if checksum(payload) == h.sum {
			s.at += h.size()
			return h, payload, true, nil
		}
		s.lost += h.count
		follows, err := s.follows(s.at + h.size())
		if err != nil {
			return h, nil, false, err
		}
		if follows {
			s.damaged++
			s.at += h.size()
		} else if err := s.resync(); err != nil { // its length says where nothing begins
			return h, nil, false, err
		}
	}
	return recordHeader{}, nil, false, nil
}

// follows reports whether a record begins at a place, or the file's end, or the rest of a
// write that was cut short.
func (s *scanner) follows(at int64) (bool, error) {
	if s.limit-at < recordHeaderSize {
		return true, nil
	}
	if _, err := s.f.ReadAt(s.head[:], at); err != nil {
		return false, fmt.Errorf("read queue: %w", err)
	}
	_, ok := parseRecordHeader(s.head[:])
	return ok, nil
}

func (s *scanner) read(h recordHeader) ([]byte, error) {
	n := int(h.length)
	if cap(s.payload) < n || cap(s.payload) > keepBuffer && n <= keepBuffer {
		s.payload = make([]byte, n)
	}
	s.payload = s.payload[:n]
	if _, err := s.f.ReadAt(s.payload, s.at+recordHeaderSize); err != nil {
		return nil, fmt.Errorf("read queue: %w", err)
	}
	return s.payload, nil
}

// resync moves to the next intact header, or to the end.
func (s *scanner) resync() error {
	buf := make([]byte, 64<<10)
	for at := s.at + 1; at < s.limit; {
		n, err := s.f.ReadAt(buf[:min(int64(len(buf)), s.limit-at)], at)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read queue: %w", err)
		}
		if i := findHeader(buf[:n]); i >= 0 {
			s.damaged++
			s.at = at + int64(i)
			return nil
		}
		if n < len(buf) {
			break
		}
		at += int64(n - recordHeaderSize + 1) // one may lie across
	}
	s.damaged++
	s.at = s.limit
	return nil
}

// findHeader returns the place of the first intact header, -1 if there is none.
func findHeader(b []byte) int {
	for at := 0; ; at++ {
		i := bytes.Index(b[at:], []byte(recordMagic))
		if i < 0 {
			return -1
		}
		at += i
		if _, ok := parseRecordHeader(b[at:]); ok {
			return at
		}
	}
}
