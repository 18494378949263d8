package logstash

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/codec"
)

// watched is one file that is followed.
type watched struct {
	id       fileID
	path     string
	file     *os.File // nil: closed
	decoder  codec.Decoder
	modified time.Time
	active   time.Time // when it last had something
	offset   int64     // read up to here
	held     int64     // where what the decoder holds back begins, if holding
	holding  bool
	packed   bool // gzip
	gone     bool // its name is another file's, or nobody's
	complete bool // mode read: nothing is left
	told     bool // of its completion

	// Under the watcher's lock:
	done    int64 // everything up to here is where it belongs
	pending int
	spans   []*fileSpan
}

// fileSpan is the part of a file that one batch has.
type fileSpan struct {
	safe int64 // up to which everything is done with it
	done bool
}

// chunk is how much is read of a file at once.
const chunk = 1 << 20

func isGzip(name string) bool {
	return strings.HasSuffix(name, ".gz") || strings.HasSuffix(name, ".gzip")
}

// read reads the next piece of a file; more says that there may be another.
func (w *watcher) read(ctx context.Context, f *watched) (more bool, err error) {
	if f.complete {
		return false, nil
	}
	info, err := w.look(f)
	if err != nil || info == nil {
		return false, err
	}
	if f.packed {
		return false, w.readPacked(ctx, f, info)
	}
	if info.Size() < f.offset { // truncated: it begins anew
		w.restart(f)
	}
	if info.Size() == f.offset {
		return false, w.idle(ctx, f)
	}
	if err := w.openFile(f); err != nil {
		return false, err
	}
	buf := make([]byte, min(chunk, info.Size()-f.offset))
	n, err := f.file.ReadAt(buf, f.offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("read %s: %w", f.path, err)
	}
	buf = buf[:n]
	end := bytes.LastIndex(buf, []byte(w.in.delimiter))
	last := f.offset+int64(n) >= info.Size()
	switch {
	case end >= 0:
		buf = buf[:end+len(w.in.delimiter)]
	case n >= chunk: // a line longer than that is cut
		w.in.env.unreadable("line_too_long")
	case w.in.readMode && last:
	default:
		return false, w.idle(ctx, f) // the line is not whole yet
	}
	return true, w.hand(ctx, f, buf)
}

// look finds out how large the file is, and whether it still has its name. nil: it is
// gone and read.
func (w *watcher) look(f *watched) (os.FileInfo, error) {
	info, err := os.Stat(f.path)
	if err == nil {
		if id, _ := idOf(info); id == f.id {
			f.gone, f.modified = false, info.ModTime()
			return info, nil
		}
	}
	if !f.gone {
		f.gone, f.active = true, time.Now()
	}
	if f.file == nil {
		return nil, nil
	}
	return f.file.Stat()
}

func (w *watcher) restart(f *watched) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f.offset, f.done, f.holding, f.spans, f.pending = 0, 0, false, nil, 0
	f.decoder = w.in.codec.Decoder()
	w.db.forget(f.id)
	w.db.files[f.id] = position{0, time.Now(), f.path}
}

func (w *watcher) openFile(f *watched) error {
	if f.file != nil {
		return nil
	}
	if w.open >= w.in.maxOpen {
		for _, other := range w.files {
			if other.file != nil {
				w.closeFile(other)
				break
			}
		}
	}
	file, err := os.Open(f.path)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return err
	}
	if id, _ := idOf(info); id != f.id { // renamed since we looked
		_ = file.Close()
		f.gone = true
		return fmt.Errorf("%s is another file now", f.path)
	}
	f.file = file
	w.open++
	return nil
}

func (w *watcher) closeFile(f *watched) {
	if f.file != nil {
		_ = f.file.Close() // it was only read
		f.file = nil
		w.open--
	}
}

// idle lets go what a decoder holds when it is time, and in mode read at the end.
func (w *watcher) idle(ctx context.Context, f *watched) error {
	due := f.decoder.Due()
	now := time.Now()
	ended := w.in.readMode || f.gone && now.Sub(f.active) > goneAfter
	if f.holding && (ended || !due.IsZero() && !now.Before(due)) {
		held := f.held
		_, at, err := w.begin(f, held, f.offset)
		if err != nil {
			return err
		}
		var b batch
		f.decoder.Flush(w.emit(f, &b, held, at))
		f.holding = false
		return w.push(ctx, f, b, f.offset)
	}
	if w.in.readMode {
		f.complete = true
	}
	return nil
}

func (w *watcher) begin(f *watched, from, to int64) (int64, time.Time, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.db.begin(f.id, from, to, time.Now())
}

func (w *watcher) emit(f *watched, b *batch, offset int64, at time.Time) codec.Emit {
	return func(e *pipeline.Event) {
		if e.Time.IsZero() {
			e.Time = at
		}
		w.in.finishEvent(e, f, offset)
		b.events = append(b.events, e)
	}
}

// hand makes events of a piece of whole lines and hands them over.
func (w *watcher) hand(ctx context.Context, f *watched, buf []byte) error {
	until, at, err := w.begin(f, f.offset, f.offset+int64(len(buf)))
	if err != nil {
		return err
	}
	f.active = time.Now()
	b := batch{}
	start := f.offset
	for len(buf) > 0 && f.offset < until {
		line := buf
		size := len(buf)
		if end := bytes.Index(buf, []byte(w.in.delimiter)); end >= 0 {
			line, size = buf[:end], end+len(w.in.delimiter)
		}
		buf = buf[size:]
		if w.in.delimiter == "\n" {
			line = bytes.TrimSuffix(line, []byte{'\r'})
		}
		w.line(f, line, at, &b)
		f.offset += int64(size)
	}
	b.size = int(f.offset - start)
	safe := f.offset
	if f.holding {
		safe = f.held
	}
	return w.push(ctx, f, b, safe)
}

// line decodes one line and follows where what the decoder holds begins.
func (w *watcher) line(f *watched, line []byte, at time.Time, b *batch) {
	offset := f.offset
	if f.holding {
		offset = f.held // what comes out began there
	}
	before := len(b.events)
	f.decoder.Decode(line, w.emit(f, b, offset, at))
	emitted := len(b.events) > before
	holds := w.in.codec.Name == "multiline" && f.decoder.(codec.Holder).Holding()
	if holds && (emitted || !f.holding) {
		f.held = f.offset
	}
	f.holding = holds
}

// push hands a batch over; when it is done, the file is done up to safe.
func (w *watcher) push(ctx context.Context, f *watched, b batch, safe int64) error {
	span := &fileSpan{safe: safe}
	w.mu.Lock()
	f.spans = append(f.spans, span)
	f.pending++
	w.mu.Unlock()
	b.done = func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		span.done = true
		for len(f.spans) > 0 && f.spans[0].done {
			f.done = f.spans[0].safe
			f.spans = f.spans[1:]
			f.pending--
			w.db.files[f.id] = position{f.done, time.Now(), f.path}
		}
	}
	return w.q.push(ctx, b)
}

// readPacked reads a compressed file whole; its position is its size, when it is done.
func (w *watcher) readPacked(ctx context.Context, f *watched, info os.FileInfo) error {
	if f.offset >= info.Size() {
		f.complete = true
		return nil
	}
	if err := w.openFile(f); err != nil {
		return err
	}
	z, err := gzip.NewReader(io.NewSectionReader(f.file, 0, info.Size()))
	if err != nil {
		w.in.env.unreadable("gzip")
		f.offset, f.complete = info.Size(), false
		return errors.Join(fmt.Errorf("read %s: %w", f.path, err), w.push(ctx, f, batch{}, info.Size()))
	}
	_, at, err := w.begin(f, 0, info.Size())
	if err != nil {
		return err
	}
	cut := lineCutter{r: newBuffered(z), delimiter: []byte(w.in.delimiter)}
	var b batch
	for n := int64(0); ; n++ {
		line, err := cut.next()
		if err == nil || len(line) > 0 {
			b.size += len(line)
			f.decoder.Decode(line, w.emit(f, &b, n, at))
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				w.in.env.unreadable("gzip")
			}
			break
		}
		if len(b.events) >= gather {
			if err := w.push(ctx, f, b, 0); err != nil {
				return err
			}
			b = batch{}
		}
	}
	f.decoder.Flush(w.emit(f, &b, info.Size(), at))
	f.offset = info.Size()
	return w.push(ctx, f, b, info.Size())
}
