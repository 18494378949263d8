package ship

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/pharosd/pharos/internal/durable"
)

// Open opens the queue in cfg.Dir. It starts nothing.
func Open(cfg Config, d Deps) (*Queue, error) {
	if cfg.MaxBytes == 0 {
		cfg.MaxBytes = DefaultMaxBytes
	}
	if cfg.MaxBytes < minBytes {
		return nil, fmt.Errorf("queue of %d bytes, want at least %d", cfg.MaxBytes, minBytes)
	}
	if len(cfg.Clients) == 0 {
		return nil, errors.New("no client is configured: there is nowhere to send logs to")
	}
	if err := os.MkdirAll(cfg.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("create queue: %w", err)
	}
	lock, err := lockDir(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("open queue: %w", err)
	}
	q := &Queue{
		dir: cfg.Dir, maxBytes: cfg.MaxBytes, segmentSize: min(maxSegment, cfg.MaxBytes/segmentShare),
		log: d.Logger, metrics: newMetrics(d.Registry), lock: lock, now: time.Now,
		states: map[string][]byte{}, arrived: make(chan struct{}), room: make(chan struct{}),
	}
	if err := q.open(cfg); err != nil {
		for _, c := range q.clients {
			err = errors.Join(err, c.close())
		}
		if q.file != nil {
			err = errors.Join(err, q.file.Close())
		}
		return nil, errors.Join(fmt.Errorf("open queue %s: %w", cfg.Dir, err), lock.Close())
	}
	return q, nil
}

func (q *Queue) open(cfg Config) (err error) {
	if q.agent, err = identity(q.dir); err != nil {
		return err
	}
	if q.segments, err = durable.Segments(q.dir, segmentSuffix); err != nil {
		return err
	}
	for _, s := range q.segments {
		q.size += s.Size
	}
	if err := q.recover(); err != nil {
		return err
	}
	if err := q.openClients(cfg.Clients); err != nil {
		return err
	}
	q.opened = q.end
	first := max(q.next, uint64(max(q.now().UnixMicro(), 0)))
	if err := q.roll(first); err != nil {
		return fmt.Errorf("begin segment: %w", err)
	}
	q.next = first + 1
	return nil
}

// recover reads the states and numbers of earlier processes, from the newest segment
// that begins with all states.
func (q *Queue) recover() error {
	var found [][]State // of segments, newest first
	for i := len(q.segments) - 1; i >= 0; i-- {
		r, err := q.recoverSegment(q.segments[i])
		if err != nil {
			return err
		}
		q.next = max(q.next, r.next)
		q.end = max(q.end, r.end)
		found = append(found, r.states)
		if r.snapshot {
			if err := q.recoverEnd(q.segments[:i]); err != nil {
				return err
			}
			break
		}
	}
	slices.Reverse(found)
	for _, states := range found {
		applyStates(q.states, states)
	}
	return nil
}

// recoverEnd finds the end of the newest segment that has entries, since the newest
// ones may hold states only.
func (q *Queue) recoverEnd(older []segment) error {
	for i := len(older) - 1; i >= 0 && q.end == 0; i-- {
		r, err := q.recoverSegment(older[i])
		if err != nil {
			return err
		}
		q.end = r.end
	}
	return nil
}

// recovered is what a segment says.
type recovered struct {
	states    []State
	snapshot  bool // the states are all that there were
	next, end uint64
}

func (q *Queue) recoverSegment(seg segment) (recovered, error) {
	r := recovered{next: seg.First + 1}
	f, err := os.Open(seg.Path)
	if err != nil {
		return r, fmt.Errorf("read queue: %w", err)
	}
	defer f.Close()
	if _, err := readSegmentHeader(f); err != nil && !errors.Is(err, errBadSegment) {
		return r, err
	}
	s := scanner{f: f, at: segmentHeaderSize, limit: seg.Size}
	for first := true; ; first = false {
		h, payload, ok, err := s.next()
		if err != nil {
			return r, err
		}
		if !ok {
			break
		}
		r.next = max(r.next, h.end(), h.first+1)
		if h.count > 0 {
			r.end = h.end()
		}
		states, snapshot, _, err := decodeStates(payload)
		if err != nil {
			continue // the client that comes to it reports it
		}
		r.snapshot = r.snapshot || snapshot && first && s.damaged == 0
		r.states = append(r.states, states...)
	}
	if s.damaged > 0 {
		q.log.Error("agent's queue is damaged", "file", seg.Path, "places", s.damaged, "entries", s.lost)
	}
	return r, nil
}

// identityFile names the agent whose numbers entries get.
type identityFile struct {
	ID uuid.UUID `json:"id"`
	// Machine is where the name was given. A copy of the folder elsewhere takes another
	// name, for two agents must not give out numbers under one.
	Machine string `json:"machine"`
}

func identity(dir string) (uuid.UUID, error) {
	path := filepath.Join(dir, "agent.json")
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return uuid.UUID{}, err
	}
	var id identityFile
	machine := machineName()
	if err == nil && json.Unmarshal(b, &id) == nil && id.ID != (uuid.UUID{}) && id.Machine == machine {
		return id.ID, nil
	}
	if id.ID, err = uuid.NewRandom(); err != nil {
		return uuid.UUID{}, err
	}
	id.Machine = machine
	if b, err = json.Marshal(id); err != nil {
		return uuid.UUID{}, err
	}
	return id.ID, durable.Replace(path, append(b, '\n'))
}

// machineName tells machines and containers apart.
func machineName() string {
	h := sha256.New()
	host, _ := os.Hostname()
	machine, _ := os.ReadFile("/etc/machine-id")
	fmt.Fprintf(h, "%s\n%s", host, machine)
	return hex.EncodeToString(h.Sum(nil)[:16])
}
