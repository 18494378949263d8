package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/thanos-io/objstore"
	"github.com/thanos-io/objstore/providers/filesystem"
)

// temporary begins the name of what is being uploaded.
const temporary = ".uploading-"

// directory is objstore's file system with uploads that a crash does not tear.
type directory struct {
	*filesystem.Bucket
	root string
}

func openDirectory(root string) (objstore.Bucket, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	b, err := filesystem.NewBucket(root)
	if err != nil {
		return nil, err
	}
	return &directory{Bucket: b, root: root}, nil
}

// Upload writes beside, syncs and renames.
func (d *directory) Upload(ctx context.Context, name string, r io.Reader, _ ...objstore.ObjectUploadOption) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	file := filepath.Join(d.root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), temporary+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // what a crash leaves is not listed
		}
	}()
	_, err = io.Copy(f, contextReader{ctx, r})
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return d.syncUp(filepath.Dir(file))
}

// syncUp makes the names on the way to dir durable.
func (d *directory) syncUp(dir string) error {
	for {
		f, err := os.Open(dir)
		if err != nil {
			return err
		}
		err = errors.Join(f.Sync(), f.Close())
		if err != nil || dir == d.root || len(dir) <= len(d.root) {
			return err
		}
		dir = filepath.Dir(dir)
	}
}

// Iter hides what is being uploaded.
func (d *directory) Iter(ctx context.Context, dir string, f func(string) error, options ...objstore.IterOption) error {
	return d.Bucket.Iter(ctx, dir, func(name string) error {
		if strings.HasPrefix(filepath.Base(name), temporary) {
			return nil
		}
		return f(name)
	}, options...)
}

// IsObjNotFoundErr sees through wrapped errors.
func (d *directory) IsObjNotFoundErr(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || d.Bucket.IsObjNotFoundErr(err)
}

// IsAccessDeniedErr reports whether the folder's permissions refused.
func (d *directory) IsAccessDeniedErr(err error) bool { return errors.Is(err, fs.ErrPermission) }

// contextReader ends a copy when its context does.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
