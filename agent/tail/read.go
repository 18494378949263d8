package tail

import (
	"bytes"
	"context"
	"errors"
	"os"
	"time"

	"github.com/pharosd/pharos/agent/feed"
)

// poll looks at a file and reads what is new. It reports whether there is more to read
// at once. An error is one of the queue.
func (t *Tailer) poll(ctx context.Context, f *file, now time.Time) (more bool, err error) {
	if f.finished {
		f.forgetWhenDone(now)
		return false, nil
	}
	if t.cfg.Compressed != nil {
		return t.pollCompressed(ctx, f, now)
	}
	in, ok := t.look(f, now)
	if !ok {
		return false, nil
	}
	if in.size < f.off {
		t.truncated(f, in, now)
		return true, nil
	}
	if in.size == f.size && in.mtime == f.mtime && f.off <= f.size {
		return false, t.idle(ctx, f, in, now)
	}
	if f.off == 0 && f.head.N == 0 && f.current && t.isCopy(f.target, f.path, in, f.late, now) {
		// It was empty when it was found: nothing is known of it that should be kept.
		f.target.forget(f)
		f.ended = true
		return false, nil
	}
	if err := t.use(f); err != nil {
		t.failed(f, "open", err, now)
		return false, nil
	}
	if !f.sameHead() {
		t.truncated(f, in, now)
		return true, nil
	}
	f.grown, f.pause = now, t.cfg.MinPoll
	more, err = t.read(ctx, f, in.size)
	if !more {
		f.size, f.mtime = in.size, in.mtime
		f.next = now.Add(f.pause)
	}
	f.show()
	return more, err
}

// look asks for the file's size; ok is false if there is nothing to read now.
func (t *Tailer) look(f *file, now time.Time) (in info, ok bool) {
	if f.current {
		in, err := stat(f.path)
		switch {
		case err == nil && in.id == f.id:
			return in, true
		case err != nil && !errors.Is(err, os.ErrNotExist):
			t.failed(f, "look at", err, now)
			return info{}, false
		}
		path := f.path
		t.displaced(f, now)
		if err == nil {
			t.consider(f.target, path, now)
		}
		if f.finished || f.current {
			return info{}, false
		}
	}
	if f.f == nil && !t.reopen(f) {
		f.finish()
		return info{}, false
	}
	in, err := statFile(f.f)
	if err != nil {
		t.failed(f, "look at", err, now)
		return info{}, false
	}
	return in, true
}

// reopen opens a file that has lost its name at the place where it was found last.
func (t *Tailer) reopen(f *file) bool {
	in, err := stat(f.path)
	if err != nil || in.id != f.id {
		path, _, found := t.search(f.dirs(), f.id, f.head, f.ranges.Low)
		if !found {
			return false
		}
		f.path = path
	}
	return t.use(f) == nil
}

// failed tells of an error once and looks at the file again later.
func (t *Tailer) failed(f *file, what string, err error, now time.Time) {
	const later = time.Second
	f.next = now.Add(later)
	if f.warned {
		return
	}
	f.warned = true
	t.log.Warn("file cannot be read, trying again", "path", f.path, "operation", what, "error", err)
	t.cfg.Metrics.failed()
}

// idle is for a file that has not grown. One that has lost its name is read to its end
// when it has not grown for a while.
func (t *Tailer) idle(ctx context.Context, f *file, in info, now time.Time) error {
	f.warned = false
	f.pause = min(max(f.pause*2, t.cfg.MinPoll), max(t.cfg.MaxPoll, idlePoll))
	f.next = now.Add(f.pause)
	if f.current {
		if now.Sub(f.grown) > linger {
			t.closeFile(f)
		}
		return nil
	}
	wait := linger
	if in.links == 0 {
		wait = linger / 6
	}
	if now.Sub(f.grown) > wait {
		return t.finishRest(ctx, f, in)
	}
	return nil
}

// finishRest pushes a last line that no newline ends.
func (t *Tailer) finishRest(ctx context.Context, f *file, in info) error {
	if rest := in.size - f.off; rest > 0 && rest <= MaxLine && t.use(f) == nil {
		b := make([]byte, rest)
		if n, err := readUpTo(f.f, b, f.off); err == nil {
			from := f.off
			f.off += int64(n)
			if err := t.pushLine(ctx, f, b[:n], from, f.off); err != nil {
				return err
			}
		}
	}
	f.finish()
	return nil
}

// sameHead reports whether the file still begins as it did, and learns more of its
// beginning while there is more of it.
func (f *file) sameHead() bool {
	if f.head.N > 0 {
		got, err := headOf(f.f, f.head.N)
		if err != nil || got != f.head {
			return err != nil // one that cannot be read is not another one
		}
	}
	if f.head.N < printSize {
		if head, err := headOf(f.f, printSize); err == nil && head.N > f.head.N {
			if f.target.heads[f.head] == f {
				delete(f.target.heads, f.head)
			}
			f.head = head
			f.target.enterHead(f)
		}
	}
	return true
}

// read pushes the lines up to size, readSize bytes of them at most.
func (t *Tailer) read(ctx context.Context, f *file, size int64) (more bool, err error) {
	lines := t.linesOf(f)
	begin := f.off
	for f.off-begin < readSize && f.off < size {
		if to := f.ranges.From(f.off); to > f.off {
			f.off, f.window = to, f.window[:0]
			continue
		}
		n, err := readUpTo(f.f, t.buf, f.off)
		if err != nil {
			t.failed(f, "read", err, time.Now())
			return false, nil
		}
		f.inflight = t.buf[:n]
		used, err := t.push(ctx, f, f.inflight, lines)
		f.inflight = nil
		f.remember(t.buf[:min(used, int64(n))])
		f.off += used
		if err != nil {
			return false, err
		}
		if used > 0 {
			continue
		}
		if n == len(t.buf) && n < MaxLine { // a line longer than the buffer
			t.buf = make([]byte, 2*len(t.buf))
			continue
		}
		if n < MaxLine {
			break // the line is not whole yet
		}
		from := f.off
		f.remember(t.buf[:MaxLine])
		f.off += MaxLine
		t.cfg.Metrics.split()
		if err := t.pushLine(ctx, f, t.buf[:MaxLine], from, f.off); err != nil {
			return false, err
		}
	}
	if len(t.buf) > chunk && f.off-begin < readSize {
		t.buf = make([]byte, chunk)
	}
	if begin == 0 && f.off > 0 {
		f.target.enterHead(f)
	}
	return f.off-begin >= readSize, nil
}

// push pushes the whole lines of data, which begins at f.off, and returns how many
// bytes they are.
func (t *Tailer) push(ctx context.Context, f *file, data []byte, lines splitter) (used int64, err error) {
	at := 0
	for at < len(data) {
		end, next := lines.next(data, at)
		if end < 0 {
			break
		}
		from, to := f.off+int64(at), f.off+int64(next)
		if len(f.ranges.Done) > 0 {
			if skip := f.ranges.From(from); skip > from {
				return skip - f.off, nil
			}
		}
		if err := t.pushLine(ctx, f, data[at:end], from, to); err != nil {
			return int64(at), err
		}
		at = next
	}
	return int64(at), nil
}

func (t *Tailer) pushLine(ctx context.Context, f *file, line []byte, from, to int64) error {
	f.lines.Add(1)
	return t.cfg.Feed.Push(ctx, feed.Line{Text: t.text(f, line, from), Labels: f.labels, Source: f.source, From: from, To: to})
}

// splitter finds lines.
type splitter struct {
	// newline is one unit of the encoding.
	newline []byte
}

// next returns where the line that begins at at ends and where the one behind it
// begins, -1 if the line is not whole.
func (s splitter) next(data []byte, at int) (end, next int) {
	if len(s.newline) <= 1 {
		i := bytes.IndexByte(data[at:], '\n')
		if i < 0 {
			return -1, 0
		}
		return at + i, at + i + 1
	}
	for from := at; ; {
		i := bytes.Index(data[from:], s.newline)
		if i < 0 {
			return -1, 0
		}
		if (from-at+i)%len(s.newline) == 0 {
			return from + i, from + i + len(s.newline)
		}
		from += i + 1
	}
}
