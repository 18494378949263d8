package rowstore

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"

	"github.com/pharosd/pharos/internal/durable"
	"github.com/pharosd/pharos/tenant"
)

// tenantsHeader is the first line of the tenants file; the number is the
// format's version. Each further line is a number, a space and a tenant's name.
const tenantsHeader = "pharos-rowstore-tenants 1"

// tenants numbers the tenants of one store. The engine knows tenants by number;
// numbers are given out once, in order, and never reused, so that no tenant can
// ever see another's rows.
type tenants struct {
	path string

	mu      sync.RWMutex
	numbers map[tenant.ID]uint32
}

func openTenants(dir string) (*tenants, error) {
	ts := &tenants{path: filepath.Join(dir, "tenants"), numbers: map[tenant.ID]uint32{}}
	f, err := os.Open(ts.path)
	if errors.Is(err, fs.ErrNotExist) {
		return ts, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open tenants: %w", err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	for line := 1; sc.Scan(); line++ {
		if line == 1 {
			if sc.Text() != tenantsHeader {
				return nil, fmt.Errorf("read %s: first line is %q, want %q", ts.path, sc.Text(), tenantsHeader)
			}
			continue
		}
		if err := ts.readLine(sc.Text()); err != nil {
			return nil, fmt.Errorf("read %s:%d: %w", ts.path, line, err)
		}
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("read tenants: %w", err)
	}
	return ts, nil
}

func (ts *tenants) readLine(s string) error {
	num, name, ok := strings.Cut(s, " ")
	if !ok {
		return fmt.Errorf("%q is no number and name", s)
	}
	n, err := strconv.ParseUint(num, 10, 32)
	if err != nil {
		return fmt.Errorf("number %q: %w", num, err)
	}
	id, err := tenant.Parse(name)
	if err != nil {
		return err
	}
	for other, m := range ts.numbers {
		if m == uint32(n) || other == id {
			return fmt.Errorf("tenant %q or number %d is there twice", name, n)
		}
	}
	ts.numbers[id] = uint32(n)
	return nil
}

// find returns the engine's id of t; ok is false if t never wrote.
func (ts *tenants) find(t tenant.ID) (logstorage.TenantID, bool) {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	n, ok := ts.numbers[t]
	return logstorage.TenantID{AccountID: n}, ok
}

// all returns the engine's ids of all tenants.
func (ts *tenants) all() []logstorage.TenantID {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	var ids []logstorage.TenantID
	for _, n := range ts.numbers {
		ids = append(ids, logstorage.TenantID{AccountID: n})
	}
	slices.SortFunc(ids, func(a, b logstorage.TenantID) int { return cmp.Compare(a.AccountID, b.AccountID) })
	return ids
}

// number returns the engine's id of t and gives it one, on disk, if it has none.
func (ts *tenants) number(t tenant.ID) (logstorage.TenantID, error) {
	if id, ok := ts.find(t); ok {
		return id, nil
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if n, ok := ts.numbers[t]; ok {
		return logstorage.TenantID{AccountID: n}, nil
	}
	if _, err := tenant.Parse(string(t)); err != nil {
		return logstorage.TenantID{}, err
	}
	next := uint32(1)
	for _, n := range ts.numbers {
		next = max(next, n+1)
	}
	ts.numbers[t] = next
	if err := ts.write(); err != nil {
		delete(ts.numbers, t)
		return logstorage.TenantID{}, err
	}
	return logstorage.TenantID{AccountID: next}, nil
}

func (ts *tenants) write() error {
	byNumber := make([]string, len(ts.numbers)+1)
	for id, n := range ts.numbers {
		if int(n) >= len(byNumber) {
			byNumber = append(byNumber, make([]string, int(n)-len(byNumber)+1)...)
		}
		byNumber[n] = string(id)
	}
	var b strings.Builder
	b.WriteString(tenantsHeader + "\n")
	for n, name := range byNumber {
		if name != "" {
			fmt.Fprintf(&b, "%d %s\n", n, name)
		}
	}
	if err := durable.Replace(ts.path, []byte(b.String())); err != nil {
		return fmt.Errorf("write tenants: %w", err)
	}
	return nil
}

// Tenants are all that ever wrote, sorted.
func (s *Store) Tenants() []tenant.ID {
	s.tenants.mu.RLock()
	defer s.tenants.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.tenants.numbers))
}
