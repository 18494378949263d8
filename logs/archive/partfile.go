package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/parquet-go/parquet-go"
	"github.com/thanos-io/objstore"

	"github.com/pharosd/pharos/tenant"
)

// location is where a part is read from.
type location struct {
	bucket objstore.BucketReader
	tenant tenant.ID
	hour   Hour
	part   *Part
}

func (l location) name() string { return hourDir(l.tenant, l.hour) + l.part.Name }

// tailSize is what is read of the end of a file at first: the footer, mostly.
const tailSize = 256 << 10

// partFile is a part that is open for reading.
type partFile struct {
	location
	file *parquet.File
	read func(int)
}

// openPart reads a part's footer.
func openPart(ctx context.Context, l location, read func(int)) (*partFile, error) {
	f := &partFile{location: l, read: read}
	tail := min(l.part.Bytes, tailSize)
	r := &ranges{ctx: ctx, file: f}
	err := r.load(l.part.Bytes-tail, tail)
	if err == nil {
		f.file, err = parquet.OpenFile(r, l.part.Bytes, parquet.SkipPageIndex(true), parquet.SkipMagicBytes(true))
	}
	if err != nil {
		return nil, f.failed(err)
	}
	if err := f.check(); err != nil {
		return nil, f.failed(fmt.Errorf("%w: %w", ErrDamaged, err))
	}
	return f, nil
}

func (f *partFile) failed(err error) error {
	return fmt.Errorf("read archived %s: %w", f.name(), err)
}

// check says whether the file has our schema and the manifest's rows.
func (f *partFile) check() error {
	columns := f.file.Schema().Columns()
	want := parquet.SchemaOf(row{}).Columns()
	if len(columns) != columnCount || len(want) != columnCount {
		return fmt.Errorf("%d columns, want %d", len(columns), columnCount)
	}
	for i := range want {
		if fmt.Sprint(columns[i]) != fmt.Sprint(want[i]) {
			return fmt.Errorf("column %d is %v, want %v", i, columns[i], want[i])
		}
	}
	if f.file.NumRows() != f.part.Rows {
		return fmt.Errorf("%d rows, want %d", f.file.NumRows(), f.part.Rows)
	}
	return nil
}

// group is a row group of a part with its time range (both ends inclusive).
type group struct {
	*partFile
	index    int
	min, max int64
	// streams are the part's streams that the query wants.
	streams []bool
}

// groups returns the row groups that overlap a range.
func (f *partFile) groups(start, end int64, streams []bool) []group {
	var out []group
	for i, rg := range f.file.RowGroups() {
		g := group{partFile: f, index: i, min: math.MinInt64, max: math.MaxInt64, streams: streams}
		if chunk, ok := rg.ColumnChunks()[columnTime].(*parquet.FileColumnChunk); ok {
			if lo, hi, ok := chunk.Bounds(); ok {
				g.min, g.max = lo.Int64(), hi.Int64()
			}
		}
		if rg.NumRows() > 0 && g.max >= start && g.min < end {
			out = append(out, g)
		}
	}
	return out
}

// maxGroupFetch bounds what is read of a row group at once. Ours are smaller.
const maxGroupFetch = 64 << 20

// span is where the row group's columns are in the file.
func (g group) span() (offset, length int64) {
	first, last := int64(math.MaxInt64), int64(0)
	for _, c := range g.file.Metadata().RowGroups[g.index].Columns {
		begin := c.MetaData.DataPageOffset
		if d := c.MetaData.DictionaryPageOffset; d != 0 && d < begin {
			begin = d
		}
		first, last = min(first, begin), max(last, begin+c.MetaData.TotalCompressedSize)
	}
	return first, last - first
}

// ranges is an io.ReaderAt over an object. It reads one range ahead.
type ranges struct {
	ctx    context.Context
	file   *partFile
	offset int64
	data   []byte
}

// load reads a range and keeps it.
func (r *ranges) load(offset, length int64) error {
	if offset < 0 || length < 0 || offset+length > r.file.part.Bytes || length > maxGroupFetch {
		return fmt.Errorf("%w: range of %d bytes at %d in %d", ErrDamaged, length, offset, r.file.part.Bytes)
	}
	data := make([]byte, length)
	if err := r.fetch(data, offset); err != nil {
		return err
	}
	r.offset, r.data = offset, data
	return nil
}

func (r *ranges) fetch(p []byte, offset int64) error {
	body, err := r.file.bucket.GetRange(r.ctx, r.file.name(), offset, int64(len(p)))
	if err != nil {
		return err
	}
	n, err := io.ReadFull(body, p)
	r.file.read(n)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: it ends at %d of %d bytes", ErrDamaged, offset+int64(n), r.file.part.Bytes)
	}
	return errors.Join(err, body.Close())
}

// ReadAt implements io.ReaderAt.
func (r *ranges) ReadAt(p []byte, offset int64) (int, error) {
	if offset < 0 || offset >= r.file.part.Bytes {
		return 0, io.EOF
	}
	want := p
	if rest := r.file.part.Bytes - offset; int64(len(want)) > rest {
		want = want[:rest]
	}
	if offset >= r.offset && offset+int64(len(want)) <= r.offset+int64(len(r.data)) {
		copy(want, r.data[offset-r.offset:])
	} else if err := r.fetch(want, offset); err != nil {
		return 0, err
	}
	if len(want) < len(p) {
		return len(want), io.EOF
	}
	return len(want), nil
}
