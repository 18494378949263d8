package objects

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/pharosd/pharos/internal/durable"
	"github.com/pharosd/pharos/tenant"
)

// Version is of the spool's files, the first byte of each: after it come records of
// length (4 bytes), CRC-32C (4 bytes) of what follows, hash (8 bytes) and line.
const Version = 1

const (
	recordHeader = 8
	openSuffix   = ".open"
	sealedSuffix = ".sealed"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

type spooled struct {
	hash uint64
	line string
}

// spool is a folder of segments: one open for each tenant, the others sealed.
type spool struct {
	dir     string
	cfg     Config
	metrics *metrics
	size    atomic.Int64 // of all segments

	mu   sync.Mutex
	open map[tenant.ID]*segment
}

// segment is an open file. Whoever writes waits until a sync that began afterwards is
// done; one sync serves all who wait.
type segment struct {
	file   *os.File
	since  time.Time
	size   atomic.Int64
	syncMu sync.Mutex
	synced int64
}

// errFull is what a full spool answers.
type errFull struct{ size, limit int64 }

func (e errFull) Error() string {
	return fmt.Sprintf("the spool of objects has %d bytes, limit %d: the object storage is away", e.size, e.limit)
}

// Refusal tells ingest what to answer.
func (e errFull) Refusal() (reason string, temporary bool) { return "disk_full", true }

// openSpool seals what an earlier process left open, and remembers what it holds.
func openSpool(dir string, cfg Config, seen *seen, m *metrics) (*spool, error) {
	s := &spool{dir: dir, cfg: cfg, metrics: m, open: map[tenant.ID]*segment{}}
	if err := os.MkdirAll(filepath.Join(dir, "jobs"), 0o750); err != nil {
		return nil, err
	}
	names, err := filepath.Glob(filepath.Join(dir, "*", "*"+openSuffix))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := recoverSegment(name); err != nil {
			return nil, fmt.Errorf("recover %s: %w", name, err)
		}
	}
	sealed, err := s.sealed()
	if err != nil {
		return nil, err
	}
	for _, name := range sealed {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		end, err := eachRecord(f, func(e spooled) error { seen.add(e.hash); return nil })
		_ = f.Close()
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		s.size.Add(end)
	}
	m.spooled.Set(float64(s.size.Load()))
	return s, nil
}

// recoverSegment cuts off what a crash left half written, and seals the rest.
func recoverSegment(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	end, err := eachRecord(f, func(spooled) error { return nil })
	if err == nil {
		err = f.Truncate(end)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if end <= 1 {
		return os.Remove(name)
	}
	return durable.Rename(name, strings.TrimSuffix(name, openSuffix)+sealedSuffix)
}

// room refuses when too much waits.
func (s *spool) room() error {
	if n := s.size.Load(); n >= int64(s.cfg.MaxSpool) {
		return errFull{n, int64(s.cfg.MaxSpool)}
	}
	return nil
}

// append returns when the lines are on disk.
func (s *spool) append(t tenant.ID, lines []spooled) error {
	if len(lines) == 0 {
		return nil
	}
	var b []byte
	for _, l := range lines {
		at := len(b)
		b = append(b, make([]byte, recordHeader)...)
		b = binary.LittleEndian.AppendUint64(b, l.hash)
		b = append(b, l.line...)
		body := b[at+recordHeader:]
		binary.LittleEndian.PutUint32(b[at:], uint32(len(body)))
		binary.LittleEndian.PutUint32(b[at+4:], crc32.Checksum(body, castagnoli))
	}
	seg, end, err := s.write(t, b)
	if err != nil {
		return err
	}
	if err := seg.sync(end); err != nil {
		return err
	}
	if end >= int64(s.cfg.MaxBytes) {
		return s.seal(t, func(now *segment) bool { return now == seg })
	}
	return nil
}

func (s *spool) write(t tenant.ID, b []byte) (*segment, int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seg := s.open[t]
	if seg == nil {
		var err error
		if seg, err = s.create(t); err != nil {
			return nil, 0, err
		}
		s.open[t] = seg
	}
	before := seg.size.Load()
	if _, err := seg.file.WriteAt(b, before); err != nil {
		return nil, 0, err // what came of it is written over by the next
	}
	seg.size.Add(int64(len(b)))
	s.metrics.spooled.Set(float64(s.size.Add(int64(len(b)))))
	return seg, before + int64(len(b)), nil
}

func (s *spool) create(t tenant.ID) (*segment, error) {
	dir := filepath.Join(s.dir, string(t))
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, ulid.Make().String()+openSuffix), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o640)
	if err != nil {
		return nil, err
	}
	if _, err := f.Write([]byte{Version}); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	seg := &segment{file: f, since: time.Now()}
	seg.size.Store(1)
	s.size.Add(1)
	return seg, errors.Join(durable.SyncDir(dir), durable.SyncDir(s.dir))
}

func (g *segment) sync(upTo int64) error {
	g.syncMu.Lock()
	defer g.syncMu.Unlock()
	if g.synced >= upTo {
		return nil
	}
	size := g.size.Load()
	if err := g.file.Sync(); err != nil {
		return err
	}
	g.synced = size
	return nil
}

// sealOld seals segments that have been open for so long.
func (s *spool) sealOld(age time.Duration) error {
	s.mu.Lock()
	var due []tenant.ID
	for t, seg := range s.open {
		if time.Since(seg.since) >= age {
			due = append(due, t)
		}
	}
	s.mu.Unlock()
	var errs []error
	for _, t := range due {
		errs = append(errs, s.seal(t, func(*segment) bool { return true }))
	}
	return errors.Join(errs...)
}

// seal ends a tenant's segment: nothing is written to it any more.
func (s *spool) seal(t tenant.ID, still func(*segment) bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	seg := s.open[t]
	if seg == nil || !still(seg) {
		return nil
	}
	if err := seg.sync(seg.size.Load()); err != nil {
		return err
	}
	name := seg.file.Name()
	if err := durable.Rename(name, strings.TrimSuffix(name, openSuffix)+sealedSuffix); err != nil {
		return err
	}
	delete(s.open, t)
	return seg.file.Close()
}

// sealed are the files of sealed segments, the oldest first.
func (s *spool) sealed() ([]string, error) {
	names, err := filepath.Glob(filepath.Join(s.dir, "*", "*"+sealedSuffix))
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(filepath.Base(a), filepath.Base(b)) })
	return names, err
}

// remove forgets a segment that is an object now.
func (s *spool) remove(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if err := os.Remove(name); err != nil {
		return err
	}
	s.metrics.spooled.Set(float64(s.size.Add(-info.Size())))
	return durable.SyncDir(filepath.Dir(name))
}

func (s *spool) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for t, seg := range s.open {
		errs = append(errs, seg.sync(seg.size.Load()), seg.file.Close())
		delete(s.open, t)
	}
	return errors.Join(errs...)
}

// eachRecord calls f for each whole record and returns where the last one ends.
func eachRecord(f *os.File, each func(spooled) error) (end int64, err error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	r := io.NewSectionReader(f, 0, info.Size())
	head := make([]byte, recordHeader)
	if _, err := io.ReadFull(r, head[:1]); err != nil {
		return 0, nil // not even its version was written
	}
	if head[0] != Version {
		return 0, fmt.Errorf("version %d is not known", head[0])
	}
	in := newBuffered(r)
	for end = 1; ; {
		if _, err := io.ReadFull(in, head); err != nil {
			return end, nil
		}
		n := int64(binary.LittleEndian.Uint32(head))
		if n < 8 || n > info.Size()-end-recordHeader {
			return end, nil
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(in, body); err != nil || crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(head[4:]) {
			return end, nil
		}
		if err := each(spooled{binary.LittleEndian.Uint64(body), string(body[8:])}); err != nil {
			return end, err
		}
		end += recordHeader + n
	}
}
