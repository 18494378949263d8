package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/thanos-io/objstore"

	"github.com/pharosd/pharos/tenant"
)

// uploadTimeout bounds the upload of one file and reading it back.
const uploadTimeout = 30 * time.Minute

// journal remembers an hour's files that are uploaded and verified, until the
// manifest names them, so that an interrupted upload goes on with the next file. It
// is a file of the local disk. What it says stays true: entries below Before with
// times before Next do not change any more.
type journal struct {
	Version int       `json:"version"`
	Tenant  tenant.ID `json:"tenant"`
	Hour    Hour      `json:"hour"`
	Store   string    `json:"store"`
	First   uint64    `json:"first"`
	Before  uint64    `json:"before"`
	// Next is the time from which on entries are not in Parts.
	Next  int64  `json:"next"`
	Parts []Part `json:"parts"`
}

func (a *Archiver) journalPath(t tenant.ID, h Hour) string {
	return filepath.Join(a.dir, "uploads", string(t), fmt.Sprintf("%d.json", int64(h)/int64(time.Second)))
}

// openJournal returns the hour's interrupted upload, if it still fits what the
// manifest says, or a new one.
func (a *Archiver) openJournal(ctx context.Context, t tenant.ID, h Hour, m *Manifest) (*journal, error) {
	first := m.archivedBefore(a.store)
	var j journal
	ok, err := loadJSON(a.journalPath(t, h), &j)
	if ok && err == nil && j.Version == formatVersion && j.Tenant == t && j.Hour == h && j.Store == a.store &&
		j.First == first && j.Before > first && j.Next >= int64(h) && j.Next <= h.End() && a.stillThere(ctx, &j, m) {
		return &j, nil
	}
	before, err := a.source.Settled(ctx)
	if err != nil {
		return nil, err
	}
	return &journal{Version: formatVersion, Tenant: t, Hour: h, Store: a.store, First: first, Before: before, Next: int64(h)}, nil
}

// stillThere says whether the uploaded files are, under names that are not taken.
func (a *Archiver) stillThere(ctx context.Context, j *journal, m *Manifest) bool {
	next := m.nextPart()
	for i := range j.Parts {
		n, ok := parsePartName(j.Parts[i].Name)
		if !ok || n < next {
			return false
		}
		attributes, err := a.bucket.Attributes(ctx, hourDir(j.Tenant, j.Hour)+j.Parts[i].Name)
		if err != nil || attributes.Size != j.Parts[i].Bytes {
			return false
		}
	}
	return true
}

// upload sends a file and reads it back. Only what reads back with the checksum of
// what was written counts as archived.
func upload(ctx context.Context, b objstore.Bucket, dir, path string, p Part) error {
	ctx, cancel := context.WithTimeout(ctx, uploadTimeout)
	defer cancel()
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	name := dir + p.Name
	err = b.Upload(ctx, name, f, objstore.WithContentType("application/vnd.apache.parquet"))
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("upload %s: %w", name, err)
	}
	return checkObject(ctx, b, name, p, io.Discard)
}

// checkObject reads an object whole, writes it to w and compares its checksum.
func checkObject(ctx context.Context, b objstore.BucketReader, name string, p Part, w io.Writer) error {
	r, err := b.Get(ctx, name)
	if err != nil {
		return fmt.Errorf("read back %s: %w", name, err)
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(sum, w), io.LimitReader(r, p.Bytes+1))
	if err = errors.Join(err, r.Close()); err != nil {
		return fmt.Errorf("read back %s: %w", name, err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); n != p.Bytes || got != p.SHA256 {
		return fmt.Errorf("%s has %d bytes with SHA-256 %s, want %d with %s: %w", name, n, got, p.Bytes, p.SHA256, ErrDamaged)
	}
	return nil
}
