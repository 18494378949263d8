package usage

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/pharosd/pharos/tenant"
)

// formatVersion is that of the file, see docs/format/usage.md.
const formatVersion = 1

// maxFile bounds what is read: more than every name of a hundred tenants.
const maxFile = 256 << 20

type fileFormat struct {
	Version int                      `json:"version"`
	Tenants map[tenant.ID]fileTenant `json:"tenants"`
}

// fileTenant holds [seconds since the Unix epoch, count] by name.
type fileTenant struct {
	Since    int64               `json:"since"`
	Names    map[string][2]int64 `json:"names"`
	Patterns map[string][2]int64 `json:"patterns,omitempty"`
}

func (t *Tracker) load() error {
	info, err := os.Stat(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Size() > maxFile {
		return fmt.Errorf("the file has %d bytes, at most %d are read: remove it to begin anew", info.Size(), maxFile)
	}
	b, err := os.ReadFile(t.path)
	if err != nil {
		return err
	}
	tenants, err := decode(b)
	if err != nil {
		return fmt.Errorf("%w: remove the file to begin anew", err)
	}
	t.tenants = tenants
	return nil
}

func decode(b []byte) (map[tenant.ID]*reads, error) {
	var f fileFormat
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, err
	}
	if f.Version != formatVersion {
		return nil, fmt.Errorf("version %d, this program reads %d", f.Version, formatVersion)
	}
	out := map[tenant.ID]*reads{}
	for id, in := range f.Tenants {
		if len(out) >= maxTenants {
			break
		}
		out[id] = &reads{since: time.Unix(in.Since, 0), names: unpack(in.Names, maxNames), patterns: unpack(in.Patterns, maxPatterns)}
	}
	return out, nil
}

func unpack(in map[string][2]int64, most int) map[string]Read {
	out := make(map[string]Read, min(len(in), most))
	for name, v := range in {
		if len(out) >= most {
			break
		}
		out[name] = Read{Last: time.Unix(v[0], 0), Count: uint64(max(0, v[1]))}
	}
	return out
}

func pack(in map[string]Read) map[string][2]int64 {
	out := make(map[string][2]int64, len(in))
	for name, r := range in {
		out[name] = [2]int64{r.Last.Unix(), int64(r.Count)}
	}
	return out
}

// flush writes the file if something changed.
func (t *Tracker) flush() error {
	t.mu.Lock()
	if !t.dirty {
		t.mu.Unlock()
		return nil
	}
	f := fileFormat{Version: formatVersion, Tenants: map[tenant.ID]fileTenant{}}
	for id, r := range t.tenants {
		f.Tenants[id] = fileTenant{Since: r.since.Unix(), Names: pack(r.names), Patterns: pack(r.patterns)}
	}
	t.dirty = false
	t.mu.Unlock()
	if err := t.write(f); err != nil {
		t.mu.Lock()
		t.dirty = true
		t.mu.Unlock()
		return fmt.Errorf("write metric usage %s: %w", t.path, err)
	}
	return nil
}

func (t *Tracker) write(f fileFormat) error {
	b, err := json.Marshal(f)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(t.path), 0o750); err != nil {
		return err
	}
	// The reads are a convenience: a torn file must not be, a lost minute may.
	temporary := t.path + ".tmp"
	if err := os.WriteFile(temporary, b, 0o640); err != nil {
		return err
	}
	return os.Rename(temporary, t.path)
}
