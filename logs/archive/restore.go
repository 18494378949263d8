package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/thanos-io/objstore"

	"github.com/pharosd/pharos/storage/objects"
	"github.com/pharosd/pharos/tenant"
)

// Restored is archived hours on the local disk: verified copies of their files in the
// archive's own layout, each until it expires. Queries read them without asking for
// the archive. They are copies, so that restoring again, or after an interruption,
// cannot double anything.
type Restored struct {
	dir     string
	most    int64
	bucket  objstore.Bucket
	catalog *Catalog
	log     *slog.Logger
	now     func() time.Time

	mu sync.Mutex
	// kept are the hours that are here or on their way.
	kept map[tenant.ID]map[Hour]keptHour
	// doomed are hours that queries do not see any more; their files go a round later,
	// when the queries under way have read them.
	doomed []manifestKey
}

type keptHour struct {
	Expires time.Time `json:"expires"`
	Bytes   int64     `json:"bytes"`
}

// restoredFile is what is known of restored hours, on disk.
type restoredFile struct {
	Version int                             `json:"version"`
	Hours   map[tenant.ID]map[Hour]keptHour `json:"hours"`
}

// ErrNoSpace says that restoring would take more of the disk than it may.
var ErrNoSpace = errors.New("not enough space for restored hours")

// OpenRestored opens the restored hours in a folder, which may take so many bytes.
func OpenRestored(ctx context.Context, dir string, most int64, log *slog.Logger) (*Restored, error) {
	b, err := objects.Open(objects.Config{Type: objects.Directory, Directory: filepath.Join(dir, "objects")})
	if err != nil {
		return nil, err
	}
	r := &Restored{dir: dir, most: most, bucket: b, catalog: NewCatalog(b), log: log, now: time.Now, kept: map[tenant.ID]map[Hour]keptHour{}}
	var f restoredFile
	if _, err := loadJSON(r.path(), &f); err != nil {
		return nil, fmt.Errorf("restored hours: %w", err)
	}
	if f.Hours != nil {
		r.kept = f.Hours
	}
	if err := r.catalog.Refresh(ctx); err != nil {
		return nil, fmt.Errorf("restored hours: %w", err)
	}
	return r, nil
}

func (r *Restored) path() string { return filepath.Join(r.dir, "restored.json") }

// Hours returns the restored hours that overlap a range, oldest first.
func (r *Restored) Hours(t tenant.ID, start, end int64) []Hour {
	return r.catalog.Hours(t, start, end)
}

func (r *Restored) manifest(ctx context.Context, t tenant.ID, h Hour) (*Manifest, error) {
	return r.catalog.Manifest(ctx, t, h)
}

// Expires returns until when an hour is kept.
func (r *Restored) Expires(t tenant.ID, h Hour) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.kept[t][h].Expires
}

// reserve notes that an hour will take space and is kept until a time at least.
func (r *Restored) reserve(t tenant.ID, h Hour, m *Manifest, until time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	sum := m.Bytes - r.kept[t][h].Bytes
	more := sum
	for _, hours := range r.kept {
		for _, k := range hours {
			sum += k.Bytes
		}
	}
	if sum > r.most {
		return fmt.Errorf("%w: %d bytes of at most %d (archive.max_restored)", ErrNoSpace, sum, r.most)
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(r.dir, &fs); err == nil {
		if free := int64(fs.Bavail) * int64(fs.Bsize); free-more < minFreeDisk { //nolint:gosec,unconvert // sizes of disks
			return fmt.Errorf("%w: %d bytes are free on the disk and %d must stay so", ErrNoSpace, free, minFreeDisk)
		}
	}
	if r.kept[t] == nil {
		r.kept[t] = map[Hour]keptHour{}
	}
	if old := r.kept[t][h].Expires; old.After(until) {
		until = old
	}
	r.kept[t][h] = keptHour{Expires: until, Bytes: m.Bytes}
	return r.saveLocked()
}

// minFreeDisk is left to the stores of the same disk, which stop writing at less.
const minFreeDisk = 1 << 30

func (r *Restored) saveLocked() error {
	return saveJSON(r.path(), restoredFile{formatVersion, r.kept})
}

// restore copies an hour and makes queries see it. progress is told of bytes.
func (r *Restored) restore(ctx context.Context, from *Catalog, t tenant.ID, h Hour, until time.Time, progress func(int64)) error {
	m, err := from.Manifest(ctx, t, h)
	if err != nil || m == nil {
		return err
	}
	if err := r.reserve(t, h, m, until); err != nil {
		return err
	}
	for i := range m.Parts {
		p := &m.Parts[i]
		name := hourDir(t, h) + p.Name
		if checkObject(ctx, r.bucket, name, *p, io.Discard) != nil {
			if err := copyPart(ctx, r.bucket, from.bucket, name, *p); err != nil {
				return err
			}
		}
		progress(p.Bytes)
	}
	if err := writeManifest(ctx, r.bucket, m); err != nil {
		return err
	}
	r.catalog.put(m)
	return nil
}

// copyPart copies an object and keeps the copy only if its checksum is right.
func copyPart(ctx context.Context, to objstore.Bucket, from objstore.BucketReader, name string, p Part) error {
	ctx, cancel := context.WithTimeout(ctx, uploadTimeout)
	defer cancel()
	body, err := from.Get(ctx, name)
	if err != nil {
		return fmt.Errorf("restore %s: %w", name, err)
	}
	sum := sha256.New()
	err = to.Upload(ctx, name, io.TeeReader(io.LimitReader(body, p.Bytes+1), sum))
	if err = errors.Join(err, body.Close()); err != nil {
		return fmt.Errorf("restore %s: %w", name, err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != p.SHA256 {
		return errors.Join(fmt.Errorf("restore %s: SHA-256 is %s, want %s: %w", name, got, p.SHA256, ErrDamaged), to.Delete(ctx, name))
	}
	return nil
}

// expireInterval is how often expired hours are looked for, and how long their files
// stay for queries under way.
const expireInterval = 5 * time.Minute

// expire takes expired hours from queries and deletes the files of those that were
// taken the last time.
func (r *Restored) expire(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for _, d := range r.doomed {
		if _, again := r.kept[d.tenant][d.hour]; again {
			continue
		}
		if err := r.bucket.Delete(ctx, strings.TrimSuffix(hourDir(d.tenant, d.hour), "/")); err != nil {
			errs = append(errs, err)
		}
	}
	r.doomed = nil
	now := r.now()
	for t, hours := range r.kept {
		for h, k := range hours {
			if k.Expires.After(now) {
				continue
			}
			// Without its manifest an hour is not there, also after a crash.
			if r.catalog.has(t, h) {
				if err := r.bucket.Delete(ctx, hourDir(t, h)+manifestName); err != nil && !r.bucket.IsObjNotFoundErr(err) {
					errs = append(errs, err)
					continue
				}
			}
			r.catalog.remove(t, h)
			delete(hours, h)
			r.doomed = append(r.doomed, manifestKey{t, h})
			r.log.Info("restored hour expired", "tenant", t, "hour", h.String())
		}
	}
	if len(r.doomed) > 0 {
		errs = append(errs, r.saveLocked())
	}
	return errors.Join(errs...)
}
