package rowstore

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/pharosd/pharos/internal/durable"
	"github.com/pharosd/pharos/model"
)

// Bounds of the table of agents. When it is full, those that were silent longest are
// forgotten: a repeat of what they sent last is then one that only Config.Distinct may
// find.
const (
	maxTenantAgents = 10_000
	maxAgents       = 100_000
	agentIdle       = 30 * 24 * time.Hour
)

// agentsHeader is the first line of the file of agents; the number is the format's
// version. Each further line is a tenant's number, an agent, its highest number and the
// Unix time of its last batch in seconds. The last line is a checksum.
const agentsHeader = "pharos-rowstore-agents 1"

// shipments knows up to which number each agent's entries are stored (model.Shipment).
// The number is in the record of the write-ahead log that holds the entries, and of
// records that are gone in a file.
type shipments struct {
	path    string
	log     *slog.Logger
	metrics *metrics
	now     func() time.Time

	mu        sync.Mutex // guards what follows
	agents    map[agentKey]*agentState
	perTenant map[uint64]int
	dirty     bool
}

type agentKey struct {
	tenant uint64 // number
	name   string
}

type agentState struct {
	have uint64 // the highest number that is stored
	used int64  // Unix seconds
	// busy is closed when the write that is under way ends; nil: none is.
	busy chan struct{}
}

func openShipments(dir string, log *slog.Logger, m *metrics) (*shipments, error) {
	s := &shipments{path: filepath.Join(dir, "agents"), log: log, metrics: m, now: time.Now,
		agents: map[agentKey]*agentState{}, perTenant: map[uint64]int{}}
	b, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read agents: %w", err)
	}
	if err := s.parse(b); err != nil {
		// Their next repeats may be stored twice; the rows themselves are well.
		log.Error("table of agents is damaged and forgotten", "file", s.path, "error", err)
		clear(s.agents)
		clear(s.perTenant)
	}
	return s, nil
}

func agentsSum(b []byte) string {
	return fmt.Sprintf("sum %08x\n", crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
}

func (s *shipments) parse(b []byte) error {
	at := bytes.LastIndexByte(bytes.TrimSuffix(b, []byte("\n")), '\n') + 1
	if string(b[at:]) != agentsSum(b[:at]) {
		return errors.New("its checksum is wrong")
	}
	sc := bufio.NewScanner(bytes.NewReader(b[:at]))
	if !sc.Scan() || sc.Text() != agentsHeader {
		return fmt.Errorf("its first line is %.40q, want %q", sc.Text(), agentsHeader)
	}
	for sc.Scan() {
		var k agentKey
		var st agentState
		if _, err := fmt.Sscan(sc.Text(), &k.tenant, &k.name, &st.have, &st.used); err != nil {
			return fmt.Errorf("line %.80q: %w", sc.Text(), err)
		}
		s.agents[k] = &st
		s.perTenant[k.tenant]++
	}
	return sc.Err()
}

// save writes the file if it is not up to date. It must come before records of the
// write-ahead log are given up.
func (s *shipments) save() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.dirty {
		return nil
	}
	b := []byte(agentsHeader + "\n")
	for k, st := range s.agents {
		if st.have > 0 {
			b = fmt.Appendf(b, "%d %s %d %d\n", k.tenant, k.name, st.have, st.used)
		}
	}
	if err := durable.Replace(s.path, append(b, agentsSum(b)...)); err != nil {
		return fmt.Errorf("write agents: %w", err)
	}
	s.dirty = false
	return nil
}

// begin says whether a shipment is to be stored; then the caller must call end. Another
// one of the same agent that is under way is waited for: it may be the same.
func (s *shipments) begin(ctx context.Context, tenant uint64, sh model.Shipment) (store bool, err error) {
	k := agentKey{tenant, sh.Agent}
	for {
		s.mu.Lock()
		st := s.state(k)
		busy := st.busy
		if busy == nil {
			defer s.mu.Unlock()
			switch {
			case sh.Last <= st.have:
				s.metrics.repeats.Inc()
				return false, nil
			case sh.First <= st.have:
				return false, &model.OverlapError{Have: st.have}
			}
			st.busy = make(chan struct{})
			return true, nil
		}
		s.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

// stored says that a shipment is in the write-ahead log.
func (s *shipments) stored(tenant uint64, sh model.Shipment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.state(agentKey{tenant, sh.Agent})
	st.have, st.used = max(st.have, sh.Last), s.now().Unix()
	s.dirty = true
}

// end must follow begin.
func (s *shipments) end(tenant uint64, sh model.Shipment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := agentKey{tenant, sh.Agent}
	st := s.agents[k]
	close(st.busy)
	st.busy = nil
	if st.have == 0 {
		s.forget(k)
	}
}

// state returns an agent's state, new if there is none.
func (s *shipments) state(k agentKey) *agentState {
	st := s.agents[k]
	if st == nil {
		if s.perTenant[k.tenant] >= maxTenantAgents || len(s.agents) >= maxAgents {
			s.makeRoom(k.tenant)
		}
		st = &agentState{used: s.now().Unix()}
		s.agents[k] = st
		s.perTenant[k.tenant]++
	}
	return st
}

func (s *shipments) forget(k agentKey) {
	delete(s.agents, k)
	if s.perTenant[k.tenant]--; s.perTenant[k.tenant] == 0 {
		delete(s.perTenant, k.tenant)
	}
}

// makeRoom forgets the agents that are idle, or else the sixteenth that was silent
// longest: of the tenant, or of all if it is not the tenant that has too many.
func (s *shipments) makeRoom(tenant uint64) {
	ofAll := s.perTenant[tenant] < maxTenantAgents
	var keys []agentKey
	for k, st := range s.agents {
		if st.busy == nil && (ofAll || k.tenant == tenant) {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b agentKey) int { return cmp.Compare(s.agents[a].used, s.agents[b].used) })
	oldest := s.now().Add(-agentIdle).Unix()
	n := min(len(keys), len(keys)/16+1)
	for n < len(keys) && s.agents[keys[n]].used < oldest {
		n++
	}
	for _, k := range keys[:n] {
		s.forget(k)
	}
	s.dirty = true
	s.metrics.forgotten.Add(float64(n))
}
