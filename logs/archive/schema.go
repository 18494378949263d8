package archive

import (
	"unicode/utf8"
	"unsafe"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/pharosd/pharos/model"
)

// row is the schema of files, see docs/format/archive.md. Rows are written value by
// value: this type only gives the schema.
type row struct {
	Time        int64             `parquet:"time,timestamp(nanosecond:utc),delta"`
	ServiceName string            `parquet:"service_name,optional,dict"`
	Level       string            `parquet:"level,optional,dict"`
	Labels      map[string]string `parquet:"labels" parquet-key:",dict" parquet-value:",dict"`
	Line        string            `parquet:"line,optional"`
	LineBytes   []byte            `parquet:"line_bytes,optional"`
	Metadata    map[string]string `parquet:"metadata" parquet-key:",dict" parquet-value:",dict"`
	Stream      int32             `parquet:"stream,dict"`
	Number      int64             `parquet:"number,delta"`
}

// Columns of the schema, by position.
const (
	columnTime = iota
	columnServiceName
	columnLevel
	columnLabelName
	columnLabelValue
	columnLine
	columnLineBytes
	columnMetadataName
	columnMetadataValue
	columnStream
	columnNumber
	columnCount
)

// metadataValuePath is the column that has a bloom filter.
var metadataValuePath = []string{"metadata", "key_value", "value"}

// Bounds of a row group: it is what a reader holds at once.
const (
	maxGroupRows  = 50_000
	maxGroupBytes = 16 << 20 // of lines and metadata
	maxGroupCells = 1 << 20  // rows times names of metadata
)

// maxDictionary is when a column of texts is written plain instead.
const maxDictionary = 1 << 20

// entry is a row to be written.
type entry struct {
	time     int64
	number   uint64
	stream   *model.Labels
	line     string
	metadata []model.Label
}

func writerOptions() []parquet.WriterOption {
	return []parquet.WriterOption{
		parquet.SchemaOf(row{}),
		parquet.Compression(&zstd.Codec{Level: zstd.SpeedDefault}),
		parquet.MaxRowsPerRowGroup(maxGroupRows),
		parquet.PageBufferSize(1 << 20),
		parquet.DictionaryMaxBytes(maxDictionary),
		parquet.SortingWriterConfig(parquet.SortingColumns(parquet.Ascending("time"))),
		parquet.BloomFilters(parquet.SplitBlockFilter(10, metadataValuePath...)),
		// Lines are long and say nothing about order.
		parquet.SkipPageBounds("line"), parquet.SkipPageBounds("line_bytes"),
		parquet.KeyValueMetadata("pharos.format", "1"),
	}
}

// appendRow appends the values of an entry in the order of the columns.
func appendRow(to parquet.Row, e *entry, stream int32) parquet.Row {
	text := func(s string, repetition, definition, column int) {
		to = append(to, parquet.ByteArrayValue(unsafe.Slice(unsafe.StringData(s), len(s))).Level(repetition, definition, column))
	}
	optional := func(s string, ok bool, column int) {
		if ok {
			text(s, 0, 1, column)
			return
		}
		to = append(to, parquet.NullValue().Level(0, 0, column))
	}
	dictionary := func(ls []model.Label, name, value int) {
		if len(ls) == 0 {
			to = append(to, parquet.NullValue().Level(0, 0, name), parquet.NullValue().Level(0, 0, value))
			return
		}
		for i := range ls {
			text(ls[i].Name, min(i, 1), 1, name)
		}
		for i := range ls {
			text(ls[i].Value, min(i, 1), 1, value)
		}
	}
	labels := *e.stream
	service, level := labels.Get("service_name"), levelOf(labels, e.metadata)
	isText := utf8.ValidString(e.line)
	to = append(to, parquet.Int64Value(e.time).Level(0, 0, columnTime))
	optional(service, service != "", columnServiceName)
	optional(level, level != "", columnLevel)
	dictionary(labels, columnLabelName, columnLabelValue)
	optional(e.line, isText, columnLine)
	optional(e.line, !isText, columnLineBytes)
	dictionary(e.metadata, columnMetadataName, columnMetadataValue)
	return append(to, parquet.Int32Value(stream).Level(0, 0, columnStream),
		parquet.Int64Value(int64(e.number)).Level(0, 0, columnNumber))
}

// levelOf is an entry's level: what was detected on push, or a label or metadata of
// that name.
func levelOf(labels model.Labels, metadata model.Labels) string {
	for _, name := range []string{"detected_level", "level"} {
		if v := metadata.Get(name); v != "" {
			return v
		}
		if v := labels.Get(name); v != "" {
			return v
		}
	}
	return ""
}
