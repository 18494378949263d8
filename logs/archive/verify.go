package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"
	"github.com/thanos-io/objstore"

	"github.com/pharosd/pharos/tenant"
)

// Verify downloads every file that an hour's manifest names and compares its
// checksum, its row count and the row count of its streams. The error wraps
// ErrDamaged if something is not as it should be. A file is on the local disk in dir
// meanwhile.
func Verify(ctx context.Context, b objstore.BucketReader, dir string, t tenant.ID, h Hour) (*Manifest, error) {
	m, _, err := readManifest(ctx, b, t, h)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, fmt.Errorf("hour %s of %s has no manifest: %w", h, t, ErrDamaged)
	}
	var rows int64
	for i := range m.Parts {
		if err := verifyPart(ctx, b, dir, hourDir(t, h)+m.Parts[i].Name, m.Parts[i]); err != nil {
			return m, err
		}
		rows += m.Parts[i].Rows
	}
	if rows != m.Rows {
		return m, fmt.Errorf("hour %s of %s: manifest says %d rows, its parts have %d: %w", h, t, m.Rows, rows, ErrDamaged)
	}
	return m, nil
}

func verifyPart(ctx context.Context, b objstore.BucketReader, dir, name string, p Part) (err error) {
	f, err := os.CreateTemp(dir, "pharos-verify-*.parquet")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	if err := checkObject(ctx, b, name, p, f); err != nil {
		return err
	}
	file, err := parquet.OpenFile(f, p.Bytes)
	if err != nil {
		return fmt.Errorf("%s: %w: %w", name, ErrDamaged, err)
	}
	counts := make([]int64, len(p.Streams))
	if err := countStreams(file, counts); err != nil {
		return fmt.Errorf("%s: %w: %w", name, ErrDamaged, err)
	}
	var sum int64
	for i, n := range counts {
		sum += n
		if n != p.Streams[i].Rows {
			return fmt.Errorf("%s: stream %s has %d rows, want %d: %w", name, p.Streams[i].Labels, n, p.Streams[i].Rows, ErrDamaged)
		}
	}
	if sum != p.Rows || file.NumRows() != p.Rows {
		return fmt.Errorf("%s: %d rows, want %d: %w", name, sum, p.Rows, ErrDamaged)
	}
	return nil
}

// countStreams counts the rows of each stream.
func countStreams(file *parquet.File, counts []int64) error {
	buffer := make([]parquet.Value, 4096)
	for _, rg := range file.RowGroups() {
		chunks := rg.ColumnChunks()
		if len(chunks) != columnCount {
			return fmt.Errorf("%d columns, want %d", len(chunks), columnCount)
		}
		pages := chunks[columnStream].Pages()
		for {
			page, err := pages.ReadPage()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return errors.Join(err, pages.Close())
			}
			for values := page.Values(); ; {
				n, err := values.ReadValues(buffer)
				for _, v := range buffer[:n] {
					if s := v.Int32(); s < 0 || int(s) >= len(counts) {
						return errors.Join(fmt.Errorf("stream %d of %d", s, len(counts)), pages.Close())
					}
					counts[v.Int32()]++
				}
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					return errors.Join(err, pages.Close())
				}
			}
			parquet.Release(page)
		}
		if err := pages.Close(); err != nil {
			return err
		}
	}
	return nil
}
