package archive

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/pharosd/pharos/internal/version"
	"github.com/pharosd/pharos/model"
)

// partWriter writes one Parquet file to the local disk. Entries come ordered by time.
type partWriter struct {
	part    Part
	file    *os.File
	sum     hash.Hash
	size    countingWriter
	buffer  *bufio.Writer
	parquet *parquet.GenericWriter[row]
	streams map[string]int32
	// last is the stream of the entry before: most have the same.
	last      *model.Labels
	lastIndex int32

	row        parquet.Row
	groupRows  int
	groupBytes int
	groupNames map[string]bool // of metadata
	first      int64
	latest     int64
}

type countingWriter struct{ n int64 }

func (c *countingWriter) Write(p []byte) (int, error) { c.n += int64(len(p)); return len(p), nil }

func newPartWriter(path, name, store string, first, before uint64) (*partWriter, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o640)
	if err != nil {
		return nil, fmt.Errorf("create archive file: %w", err)
	}
	w := &partWriter{file: f, sum: sha256.New(), streams: map[string]int32{}, groupNames: map[string]bool{},
		part: Part{Name: name, Store: store, First: first, Before: before, Pharos: version.Version}}
	w.buffer = bufio.NewWriterSize(io.MultiWriter(f, w.sum, &w.size), 256<<10)
	w.parquet = parquet.NewGenericWriter[row](w.buffer, writerOptions()...)
	return w, nil
}

// add writes entries.
func (w *partWriter) add(entries []entry) error {
	for i := range entries {
		e := &entries[i]
		if w.part.Rows == 0 {
			w.first = e.time
		}
		stream := w.stream(e)
		w.row = appendRow(w.row[:0], e, stream)
		if _, err := w.parquet.WriteRows([]parquet.Row{w.row}); err != nil {
			return fmt.Errorf("write archive file: %w", err)
		}
		w.latest = max(w.latest, e.time)
		w.part.Rows++
		w.part.LineBytes += int64(len(e.line))
		w.groupRows++
		w.groupBytes += len(e.line)
		for _, l := range e.metadata {
			w.groupBytes += len(l.Name) + len(l.Value)
			if !w.groupNames[l.Name] {
				w.groupNames[strings.Clone(l.Name)] = true
			}
		}
		if w.groupBytes >= maxGroupBytes || w.groupRows == maxGroupRows || w.groupRows*len(w.groupNames) > maxGroupCells {
			if err := w.parquet.Flush(); err != nil {
				return fmt.Errorf("write archive file: %w", err)
			}
			w.groupRows, w.groupBytes = 0, 0
			clear(w.groupNames)
		}
	}
	return nil
}

// stream returns the position of an entry's stream and counts it.
func (w *partWriter) stream(e *entry) int32 {
	if w.last != e.stream {
		key := e.stream.String()
		index, ok := w.streams[key]
		if !ok {
			index = int32(len(w.part.Streams))
			w.streams[key] = index
			w.part.Streams = append(w.part.Streams, Stream{Labels: cloneLabels(*e.stream)})
		}
		w.last, w.lastIndex = e.stream, index
	}
	w.part.Streams[w.lastIndex].Rows++
	return w.lastIndex
}

// written is how large the file is so far, but for what is not flushed yet.
func (w *partWriter) written() int64 { return w.size.n + int64(w.groupBytes)/4 }

// finish completes the file and returns what it is.
func (w *partWriter) finish(now time.Time) (Part, error) {
	err := w.parquet.Close()
	if err == nil {
		err = w.buffer.Flush()
	}
	if err = errors.Join(err, w.file.Close()); err != nil {
		return Part{}, fmt.Errorf("write archive file: %w", err)
	}
	w.part.Bytes = w.size.n
	w.part.SHA256 = hex.EncodeToString(w.sum.Sum(nil))
	w.part.MinTime, w.part.MaxTime = time.Unix(0, w.first).UTC(), time.Unix(0, w.latest).UTC()
	w.part.Created = now.UTC()
	return w.part, nil
}

// discard gives the file up.
func (w *partWriter) discard() { _ = w.file.Close(); _ = os.Remove(w.file.Name()) }
