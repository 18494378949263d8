package tail

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/pharosd/pharos/agent/feed"
)

// stream is a compressed file that is being read.
type stream struct {
	fd   *os.File
	r    *bufio.Reader
	line int64 // lines read
	of   whole
}

func (t *Tailer) openStream(f *file, in info) (*stream, error) {
	fd, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	var r io.Reader
	switch t.cfg.Compressed.Format {
	case "gz":
		r, err = gzip.NewReader(bufio.NewReaderSize(fd, chunk))
	case "z":
		r, err = zlib.NewReader(bufio.NewReaderSize(fd, chunk))
	case "bz2":
		r = bzip2.NewReader(bufio.NewReaderSize(fd, chunk))
	default:
		err = fmt.Errorf("compression %q is not known", t.cfg.Compressed.Format)
	}
	if err != nil {
		_ = fd.Close()
		return nil, err
	}
	return &stream{fd: fd, r: bufio.NewReaderSize(r, chunk), of: whole{in.size, in.mtime}}, nil
}

func (f *file) closeStream() {
	if f.stream == nil {
		return
	}
	_ = f.stream.fd.Close() // it was only read
	f.stream = nil
	if f.t.stream == f {
		f.t.stream = nil
	}
}

// pollCompressed reads compressed files, one of a job at a time. Their positions count
// lines, as Promtail's do.
func (t *Tailer) pollCompressed(ctx context.Context, f *file, now time.Time) (more bool, err error) {
	f.next = now.Add(max(t.cfg.MaxPoll, idlePoll))
	if wait := f.born.Add(t.cfg.Compressed.InitialDelay); now.Before(wait) {
		f.next = wait
		return false, nil
	}
	if f.stream == nil {
		in, ok := t.lookCompressed(f, now)
		if !ok || f.whole != nil && *f.whole == (whole{in.size, in.mtime}) || t.stream != nil {
			return false, nil
		}
		if f.head, err = headAt(f.path, printSize); err == nil {
			f.stream, err = t.openStream(f, in)
		}
		if err != nil {
			f.whole = &whole{in.size, in.mtime} // until it changes
			t.failed(f, "decompress", err, now)
			return false, nil
		}
		t.stream = f
	}
	return t.readStream(ctx, f, now)
}

func (t *Tailer) lookCompressed(f *file, now time.Time) (info, bool) {
	in, err := stat(f.path)
	switch {
	case err == nil && in.id == f.id:
		return in, true
	case err != nil && !errors.Is(err, os.ErrNotExist):
		t.failed(f, "look at", err, now)
		return info{}, false
	}
	if path, in, found := t.search(f.dirs(), f.id, f.head, 0); found && f.target.matches(path) {
		_ = t.renamed(f.target, f, path, in, now)
		return info{}, false
	}
	t.lost(f)
	f.finish()
	return info{}, false
}

// readStream pushes readSize bytes of lines at most.
func (t *Tailer) readStream(ctx context.Context, f *file, now time.Time) (more bool, err error) {
	f.next = now
	for read := 0; read < readSize; {
		line, err := readLine(f.stream.r)
		read += len(line) + 1
		if err != nil && len(line) == 0 || err != nil && !errors.Is(err, io.EOF) {
			t.endStream(f, err, now)
			return false, nil
		}
		from := f.stream.line
		f.stream.line++
		if f.ranges.From(from) > from {
			continue
		}
		f.off = f.stream.line
		f.lines.Add(1)
		l := feed.Line{Text: t.text(f, line, from), Labels: f.labels, Source: f.source, From: from, To: f.off}
		if err := t.cfg.Feed.Push(ctx, l); err != nil {
			return false, err
		}
	}
	f.show()
	return true, nil
}

// endStream notes what was read to its end. A stream that ends too early is read again,
// behind the lines that are done, when the file has changed.
func (t *Tailer) endStream(f *file, err error, now time.Time) {
	f.whole = &f.stream.of
	if !errors.Is(err, io.EOF) {
		t.failed(f, "decompress", err, now)
	}
	f.closeStream()
	f.touch()
	f.next = now.Add(max(t.cfg.MaxPoll, idlePoll))
	f.show()
}

// readLine reads a line without its end, MaxLine bytes of it at most.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if err == nil && line == nil {
			return bytes.TrimSuffix(part[:len(part)-1], []byte("\r")), nil
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return bytes.TrimSuffix(line[:len(line)-1], []byte("\r")), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return line, err
		case len(line) >= MaxLine:
			return line, nil
		}
	}
}
