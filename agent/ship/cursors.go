package ship

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/pharosd/pharos/internal/durable"
)

const (
	cursorsName    = "cursors.json"
	cursorsVersion = 1
)

// cursorsFile says how far each client is.
type cursorsFile struct {
	Version int      `json:"version"`
	Clients []cursor `json:"clients"`
}

// cursor is one client's.
type cursor struct {
	Client string `json:"client"`
	// Slot tells an agent's clients apart at the server: two of them may send to the
	// same one.
	Slot int `json:"slot"`
	// Next is the number of the first entry that may not have arrived.
	Next uint64 `json:"next"`
}

// readCursors returns none if the file is missing or damaged: everything that is still
// there is sent again then, and the server knows what it has.
func (q *Queue) readCursors() ([]cursor, error) {
	b, err := os.ReadFile(filepath.Join(q.dir, cursorsName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var f cursorsFile
	if err := json.Unmarshal(b, &f); err != nil {
		q.log.Error("cursors of the agent's queue are damaged, what is in the queue is sent again", "error", err)
		return nil, nil
	}
	if f.Version != cursorsVersion {
		return nil, fmt.Errorf("%s: format version %d, this program knows %d", cursorsName, f.Version, cursorsVersion)
	}
	return f.Clients, nil
}

// writeCursors writes them if they have changed.
func (q *Queue) writeCursors() error {
	f := cursorsFile{Version: cursorsVersion}
	changed := false
	for _, c := range q.clients {
		at := cursor{Client: c.name, Slot: c.slot, Next: c.acked()}
		changed = changed || c.written.Load() != at.Next
		f.Clients = append(f.Clients, at)
	}
	if !changed {
		return nil
	}
	b, err := json.MarshalIndent(f, "", "  ")
	if err == nil {
		err = durable.Replace(filepath.Join(q.dir, cursorsName), append(b, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write cursors: %w", err)
	}
	for i, c := range q.clients {
		c.written.Store(f.Clients[i].Next)
	}
	return nil
}

// openClients gives each configured client the cursor that it had. One that is new
// takes the place of one that is gone, in order, since it was probably renamed; another
// one begins where the last of the others is.
func (q *Queue) openClients(configs []ClientConfig) error {
	known, err := q.readCursors()
	if err != nil {
		return err
	}
	floor := q.floor(known)
	names := clientNames(configs)
	free := slices.DeleteFunc(slices.Clone(known), func(k cursor) bool { return slices.Contains(names, k.Client) })
	slot := 0
	for _, k := range known {
		slot = max(slot, k.Slot+1)
		// Numbers must not fall behind a cursor, even if the segments were deleted and the
		// clock was set back.
		q.next = max(q.next, k.Next)
	}
	for i, name := range names {
		at := slices.IndexFunc(known, func(k cursor) bool { return k.Client == name })
		var k cursor
		switch {
		case at >= 0:
			k = known[at]
		case len(free) > 0:
			k, free = free[0], free[1:]
		default:
			k = cursor{Slot: slot, Next: floor}
			slot++
		}
		c, err := newClient(q, configs[i].WithDefaults(), name, k)
		if err != nil {
			return fmt.Errorf("client %s: %w", name, err)
		}
		q.clients = append(q.clients, c)
	}
	return nil
}

// floor is the number below which every client has everything.
func (q *Queue) floor(known []cursor) uint64 {
	if len(known) > 0 {
		return slices.MinFunc(known, func(a, b cursor) int { return cmp.Compare(a.Next, b.Next) }).Next
	}
	if len(q.segments) > 0 {
		return q.segments[0].First
	}
	return 0
}

// clientNames names the clients, each differently.
func clientNames(configs []ClientConfig) []string {
	var names []string
	for _, c := range configs {
		name := c.Name
		if name == "" {
			name = c.URL
		}
		for n, base := 2, name; slices.Contains(names, name); n++ {
			name = base + " #" + strconv.Itoa(n)
		}
		names = append(names, name)
	}
	return names
}
