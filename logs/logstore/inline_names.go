package logstore

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pharosd/pharos/internal/durable"
	"github.com/pharosd/pharos/tenant"
)

// inLineHeader is the first line of the file of names. See docs/format/logs.md.
const inLineHeader = "pharos-logs-in-line 1"

// inLineNames knows of which parsed fields some values were ever left to their lines.
// Queries of other fields need not think of it. The names are in a file, which is
// synced before the first row of a name is written.
type inLineNames struct {
	path string
	// current is replaced, never changed: a tenant's names.
	current atomic.Pointer[map[tenant.ID]map[string]bool]
	mu      sync.Mutex // guards what follows, and writing
	// reads are the queries under way, by their number; next is that of the next one.
	reads map[uint64]struct{}
	next  uint64
	// fresh are names that queries below a number, which are under way, do not know.
	fresh map[freshName]uint64
	// failed is when the file could not be written: there are no further names for a
	// while, and values go on being kept in columns, which costs space only.
	failed time.Time
}

// afterFailure is how long the file is left alone when it could not be written.
const afterFailure = time.Minute

type freshName struct {
	tenant tenant.ID
	name   string
}

// openInLineNames reads the file, which need not exist.
func openInLineNames(path string) (*inLineNames, error) {
	n := &inLineNames{path: path, reads: map[uint64]struct{}{}, fresh: map[freshName]uint64{}}
	all := map[tenant.ID]map[string]bool{}
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read names of fields in lines: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for number := 1; lines.Scan(); number++ {
		if number == 1 {
			if lines.Text() != inLineHeader {
				return nil, fmt.Errorf("read %s: %q is no header of this version", path, lines.Text())
			}
			continue
		}
		var t, name string
		if _, err := fmt.Sscanf(lines.Text(), "%q %q", &t, &name); err != nil {
			return nil, fmt.Errorf("read %s: line %d: %w", path, number, err)
		}
		if all[tenant.ID(t)] == nil {
			all[tenant.ID(t)] = map[string]bool{}
		}
		all[tenant.ID(t)][name] = true
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	n.current.Store(&all)
	return n, nil
}

// of returns a tenant's names; it must not be changed. A nil n has none.
func (n *inLineNames) of(t tenant.ID) map[string]bool {
	if n == nil {
		return nil
	}
	return (*n.current.Load())[t]
}

// reading must precede of, end follow the use of what it returned. A nil n has none.
func (n *inLineNames) reading() (end func()) {
	if n == nil {
		return func() {}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	number := n.next
	n.next++
	n.reads[number] = struct{}{}
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.reads, number)
	}
}

// allow says whether a value of the name may be left to its line. The name is written
// to the file before, and queries that do not know it must be over: until then the
// answer is no.
func (n *inLineNames) allow(t tenant.ID, name string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.of(t)[name] {
		if time.Since(n.failed) < afterFailure {
			return false
		}
		if n.add(t, name) != nil {
			n.failed = time.Now()
			return false
		}
		n.fresh[freshName{t, name}] = n.next
	}
	since, fresh := n.fresh[freshName{t, name}]
	if !fresh {
		return true
	}
	for number := range n.reads {
		if number < since {
			return false
		}
	}
	delete(n.fresh, freshName{t, name})
	return true
}

// add makes a name one of the tenant's and returns when that is on disk.
func (n *inLineNames) add(t tenant.ID, name string) error {
	all := maps.Clone(*n.current.Load())
	names := maps.Clone(all[t])
	if names == nil {
		names = map[string]bool{}
	}
	names[name] = true
	all[t] = names
	if err := n.write(all); err != nil {
		return fmt.Errorf("write names of fields in lines: %w", err)
	}
	n.current.Store(&all)
	return nil
}

// write replaces the file.
func (n *inLineNames) write(all map[tenant.ID]map[string]bool) error {
	text := []byte(inLineHeader + "\n")
	for _, t := range slices.Sorted(maps.Keys(all)) {
		for _, name := range slices.Sorted(maps.Keys(all[t])) {
			text = strconv.AppendQuote(text, string(t))
			text = append(text, ' ')
			text = append(strconv.AppendQuote(text, name), '\n')
		}
	}
	return durable.Replace(n.path, text)
}
