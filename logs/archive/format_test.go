package archive

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/thanos-io/objstore"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/storage/objects"
	"github.com/pharosd/pharos/tenant"
)

// TestIndependentReader reads the files with Apache Arrow's own Parquet reader and
// finds every row, as the local store has it.
func TestIndependentReader(t *testing.T) {
	f := newFixture(t)
	h := hoursAgo(4)
	f.push("a", someStreams(h, 5000, "x")...)
	a := f.archiver(f.bucket)
	require.NoError(t, a.RunOnce(t.Context()))
	m, err := a.Catalog().Manifest(t.Context(), "a", h)
	require.NoError(t, err)
	var got []string
	for _, p := range m.Parts {
		object, err := readObject(t.Context(), f.bucket, hourDir("a", h)+p.Name, p.Bytes)
		require.NoError(t, err)
		got = append(got, readWithArrow(t, object)...)
	}
	slices.Sort(got)
	assert.Equal(t, texts(t.Context(), t, f.store, "a", everything()), got)
}

// readWithArrow returns each row of a file as texts does, and checks the hot columns.
func readWithArrow(t *testing.T, object []byte) []string {
	t.Helper()
	reader, err := file.NewParquetReader(bytes.NewReader(object))
	require.NoError(t, err)
	defer reader.Close()
	arrows, err := pqarrow.NewFileReader(reader, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	require.NoError(t, err)
	table, err := arrows.ReadTable(t.Context())
	require.NoError(t, err)
	defer table.Release()
	var out []string
	records := array.NewTableReader(table, 0)
	defer records.Release()
	last := arrow.Timestamp(0)
	for records.Next() {
		r := records.RecordBatch()
		column := func(name string) arrow.Array { return r.Column(r.Schema().FieldIndices(name)[0]) }
		times := column("time").(*array.Timestamp)
		require.Equal(t, "timestamp[ns, tz=UTC]", times.DataType().String())
		lines, raw := column("line").(*array.String), column("line_bytes").(*array.Binary)
		service := column("service_name").(*array.String)
		for i := range int(r.NumRows()) {
			require.GreaterOrEqual(t, times.Value(i), last, "sorted by time")
			last = times.Value(i)
			line := ""
			require.NotEqual(t, lines.IsNull(i), raw.IsNull(i), "one of line and line_bytes")
			if lines.IsNull(i) {
				line = string(raw.Value(i))
			} else {
				line = lines.Value(i)
			}
			ls := labelsOf(mapOf(column("labels"), i)...)
			if want := ls.Get("service_name"); want != "" {
				require.Equal(t, want, service.Value(i))
			} else {
				require.True(t, service.IsNull(i))
			}
			var meta []string
			pairs := mapOf(column("metadata"), i)
			for j := 0; j < len(pairs); j += 2 {
				meta = append(meta, fmt.Sprintf("%q=%q", pairs[j], pairs[j+1]))
			}
			slices.Sort(meta)
			out = append(out, fmt.Sprintf("%d %s %q %s", int64(times.Value(i)), ls, line, strings.Join(meta, ",")))
		}
	}
	return out
}

func mapOf(a arrow.Array, i int) []string {
	m := a.(*array.Map)
	from, to := m.ValueOffsets(i)
	var out []string
	for j := from; j < to; j++ {
		out = append(out, m.Keys().(*array.String).Value(int(j)), m.Items().(*array.String).Value(int(j)))
	}
	return out
}

// The filter of a row group lets a query for an identifier read none of its lines.
func TestBloomFilter(t *testing.T) {
	f := newFixture(t)
	h := hoursAgo(4)
	f.push("a", someStreams(h, 3000, "x")...)
	a := f.archiver(f.bucket)
	require.NoError(t, a.RunOnce(t.Context()))
	m, err := a.Catalog().Manifest(t.Context(), "a", h)
	require.NoError(t, err)
	trace := logs.Field{Kind: logs.Metadata, Name: "trace_id"}
	for value, want := range map[string]bool{fmt.Sprintf("%032x", 300): false, "no such trace": true} {
		q, err := newRequest(logs.Query{Start: int64(h), End: h.End(), Where: logs.And{logs.Equals{Field: trace, Value: value}}})
		require.NoError(t, err)
		part, err := openPart(t.Context(), location{f.bucket, "a", h, &m.Parts[0]}, func(int) {})
		require.NoError(t, err)
		gs := part.groups(q.Start, q.End, m.Parts[0].matching(nil))
		require.NotEmpty(t, gs)
		skip, err := gs[0].skippedByBloom(&ranges{ctx: t.Context(), file: part}, part.file.RowGroups()[0].ColumnChunks(), q.needles)
		require.NoError(t, err)
		assert.Equal(t, want, skip, value)
	}
}

// TestVersion1 reads an archive that was written when the format was new. When the
// format changes this must go on working, with a fixture of the new one beside.
func TestVersion1(t *testing.T) {
	const dir = "testdata/v1"
	h := HourOf(time.Date(2026, 11, 1, 13, 0, 0, 0, time.UTC).UnixNano())
	if os.Getenv("PHAROS_WRITE_FIXTURE") != "" {
		writeFixture(t, dir, h)
	}
	b, err := objects.Open(objects.Config{Type: objects.Directory, Directory: dir})
	require.NoError(t, err)
	m, err := Verify(t.Context(), b, t.TempDir(), "a", h)
	require.NoError(t, err)
	require.EqualValues(t, 62, m.Rows)
	c := NewCatalog(b)
	require.NoError(t, c.Refresh(t.Context()))
	r := reader{catalog: c, restored: newFixture(t).restored(), store: "none", metrics: newMetrics(nil)}
	var got []string
	for _, s := range someStreams(h, 60, "fixture") {
		for _, e := range s.Entries {
			var meta []string
			for _, l := range e.Metadata {
				meta = append(meta, fmt.Sprintf("%q=%q", l.Name, l.Value))
			}
			slices.Sort(meta)
			got = append(got, fmt.Sprintf("%d %s %q %s", e.Time, s.Labels, e.Line, strings.Join(meta, ",")))
		}
	}
	slices.Sort(got)
	q := logs.Query{Start: int64(h), End: h.End()}
	assert.Equal(t, texts(including(t.Context()), t, archivedOnly{r}, "a", q), got)
}

// archivedOnly is a reader without a local side.
type archivedOnly struct{ reader }

func (a archivedOnly) Select(ctx context.Context, t tenant.ID, q logs.Query, emit func(*logs.Block) error) error {
	return a.selectArchived(ctx, t, q, 0, emit)
}

func writeFixture(t *testing.T, dir string, h Hour) {
	f := newFixture(t)
	require.NoError(t, os.RemoveAll(dir))
	var err error
	f.bucket, err = objects.Open(objects.Config{Type: objects.Directory, Directory: dir})
	require.NoError(t, err)
	f.push("a", someStreams(h, 60, "fixture")...)
	require.NoError(t, f.archiver(f.bucket).RunOnce(t.Context()))
}

// FuzzManifest: whatever is in the bucket, reading a manifest does not panic, and one
// that is taken can be written again.
func FuzzManifest(f *testing.F) {
	text, err := os.ReadFile(filepath.Join("testdata", "v1", "logs", "a", "2026", "11", "01", "13", "manifest.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"format":1}`))
	h := HourOf(time.Date(2026, 11, 1, 13, 0, 0, 0, time.UTC).UnixNano())
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := decodeManifest(text, "a", h)
		if err != nil {
			return
		}
		again, err := m.encode()
		require.NoError(t, err)
		_, err = decodeManifest(again, "a", h)
		require.NoError(t, err)
	})
}

// FuzzPart: a file that is damaged in any way is an error and no panic, and costs no
// more memory than it may.
func FuzzPart(f *testing.F) {
	dir := filepath.Join("testdata", "v1", "logs", "a", "2026", "11", "01", "13")
	object, err := os.ReadFile(filepath.Join(dir, "part-0.parquet"))
	if err != nil {
		f.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		f.Fatal(err)
	}
	h := HourOf(time.Date(2026, 11, 1, 13, 0, 0, 0, time.UTC).UnixNano())
	m, err := decodeManifest(text, "a", h)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint32(0), byte(0))
	f.Add(uint32(100), byte(0xff))
	f.Add(uint32(len(object)-20), byte(1))
	q, err := newRequest(logs.Query{Start: int64(h), End: h.End()})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, at uint32, flip byte) {
		broken := bytes.Clone(object)
		broken[int(at)%len(broken)] ^= flip
		part := m.Parts[0]
		file, err := openPart(t.Context(), location{memoryBucket{data: broken}, "a", h, &part}, func(int) {})
		if err != nil {
			return
		}
		for _, g := range file.groups(q.Start, q.End, part.matching(nil)) {
			_, _ = g.decode(t.Context(), q)
		}
	})
}

// memoryBucket has the same bytes under every name.
type memoryBucket struct {
	objstore.Bucket
	data []byte
}

func (m memoryBucket) GetRange(_ context.Context, _ string, off, n int64) (io.ReadCloser, error) {
	off = min(max(off, 0), int64(len(m.data)))
	return io.NopCloser(bytes.NewReader(m.data[off:min(off+n, int64(len(m.data)))])), nil
}
