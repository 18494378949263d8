package logstash

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/pharosd/pharos/internal/durable"
)

// fileID tells files apart as Logstash's sincedb does: inode, and the device's number
// split as JRuby splits it.
type fileID struct{ inode, major, minor uint64 }

func idOf(info fs.FileInfo) (fileID, bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fileID{}, false
	}
	dev := uint64(st.Dev)
	return fileID{st.Ino, dev >> 24 & 0xff, dev & 0xffffff}, true
}

func (id fileID) String() string { return fmt.Sprintf("%d %d %d", id.inode, id.major, id.minor) }

// position is what the sincedb says of a file.
type position struct {
	offset int64
	active time.Time
	path   string
}

// sincedb remembers how far files are read, in Logstash's own format: lines of inode,
// major, minor, offset, when it was last active, path. Beside it lies a journal of what
// is being read: which bytes were read when. After a crash the same lines get the same
// time again, so that the store can tell that it has them.
type sincedb struct {
	path    string // "": nothing is kept
	files   map[fileID]position
	reads   map[fileID][]reading
	journal *os.File
}

// reading is a piece of a file that was read at one time.
type reading struct {
	from, to int64
	at       time.Time
}

const (
	maxPositions = 200_000
	nullDevice   = "/dev/null"
)

// openSincedb reads what there is.
func openSincedb(path string) (*sincedb, error) {
	s := &sincedb{path: path, files: map[fileID]position{}, reads: map[fileID][]reading{}}
	if path == nullDevice || path == "NUL" {
		s.path = ""
		return s, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("sincedb: %w", err)
	}
	err := eachLine(path, func(fields []string) {
		id, rest, ok := parseID(fields)
		if !ok || len(rest) < 1 || len(s.files) >= maxPositions {
			return
		}
		offset, err := strconv.ParseInt(rest[0], 10, 64)
		if err != nil || offset < 0 {
			return
		}
		p := position{offset: offset, active: time.Now()}
		if len(rest) > 1 {
			if f, err := strconv.ParseFloat(rest[1], 64); err == nil && f > 0 && f < 1<<33 {
				p.active = time.Unix(0, int64(f*1e9))
			}
		}
		if len(rest) > 2 {
			p.path = strings.Join(rest[2:], " ")
		}
		s.files[id] = p
	})
	if err != nil {
		return nil, err
	}
	err = eachLine(s.journalPath(), func(fields []string) {
		id, rest, ok := parseID(fields)
		if !ok || len(rest) != 3 {
			return
		}
		from, e1 := strconv.ParseInt(rest[0], 10, 64)
		to, e2 := strconv.ParseInt(rest[1], 10, 64)
		ns, e3 := strconv.ParseInt(rest[2], 10, 64)
		if e1 == nil && e2 == nil && e3 == nil {
			s.reads[id] = append(s.reads[id], reading{from, to, time.Unix(0, ns).UTC()})
		}
	})
	return s, err
}

func (s *sincedb) journalPath() string { return s.path + ".reading" }

func eachLine(path string, f func(fields []string)) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sincedb: %w", err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		f(strings.Fields(lines.Text()))
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("sincedb %s: %w", path, err)
	}
	return nil
}

func parseID(fields []string) (fileID, []string, bool) {
	if len(fields) < 4 {
		return fileID{}, nil, false
	}
	var n [3]uint64
	for i := range n {
		var err error
		if n[i], err = strconv.ParseUint(fields[i], 10, 64); err != nil {
			return fileID{}, nil, false
		}
	}
	return fileID{n[0], n[1], n[2]}, fields[3:], true
}

// begin tells that a piece of a file is being read now, or when it was read before a
// crash. The bytes up to the returned offset belong to that time.
func (s *sincedb) begin(id fileID, from, to int64, now time.Time) (int64, time.Time, error) {
	for _, r := range s.reads[id] {
		if from >= r.from && from < r.to {
			return min(to, r.to), r.at, nil
		}
		if from < r.from && to > r.from {
			to = r.from
		}
	}
	at := now.Truncate(time.Millisecond).UTC()
	r := reading{from, to, at}
	s.reads[id] = append(s.reads[id], r)
	if s.path == "" {
		return to, at, nil
	}
	if s.journal == nil {
		f, err := os.OpenFile(s.journalPath(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
		if err != nil {
			return to, at, fmt.Errorf("sincedb: %w", err)
		}
		s.journal = f
	}
	if _, err := fmt.Fprintf(s.journal, "%s %d %d %d\n", id, from, to, at.UnixNano()); err != nil {
		return to, at, fmt.Errorf("sincedb: %w", err)
	}
	return to, at, nil
}

// forget drops what was read of a file, which begins anew.
func (s *sincedb) forget(id fileID) { delete(s.reads, id) }

// write stores the positions, and the journal of what lies behind them. Entries that were
// not active for longer than keep are dropped.
func (s *sincedb) write(keep time.Duration, now time.Time) error {
	for id, p := range s.files {
		if keep > 0 && now.Sub(p.active) > keep {
			delete(s.files, id)
			delete(s.reads, id)
		}
	}
	if s.path == "" {
		s.trim()
		return nil
	}
	var b strings.Builder
	for id, p := range s.files {
		fmt.Fprintf(&b, "%s %d %.6f %s\n", id, p.offset, float64(p.active.UnixNano())/1e9, p.path)
	}
	if err := replaceFile(s.path, b.String()); err != nil {
		return err
	}
	s.trim()
	b.Reset()
	for id, rs := range s.reads {
		for _, r := range rs {
			fmt.Fprintf(&b, "%s %d %d %d\n", id, r.from, r.to, r.at.UnixNano())
		}
	}
	if s.journal != nil {
		if err := s.journal.Close(); err != nil {
			return fmt.Errorf("sincedb: %w", err)
		}
		s.journal = nil
	}
	return replaceFile(s.journalPath(), b.String())
}

// trim drops what was read before the positions.
func (s *sincedb) trim() {
	for id, rs := range s.reads {
		done := s.files[id].offset
		keep := rs[:0]
		for _, r := range rs {
			if r.to > done {
				keep = append(keep, r)
			}
		}
		if s.reads[id] = keep; len(keep) == 0 {
			delete(s.reads, id)
		}
	}
}

// replaceFile writes a file so that after a crash the old or the new one is there.
func replaceFile(path, text string) error {
	if err := durable.Replace(path, []byte(text)); err != nil {
		return fmt.Errorf("sincedb: %w", err)
	}
	return nil
}
