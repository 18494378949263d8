package logstash

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"

	"os"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/codec"
)

const (
	// maxLine bounds a line in bytes; a longer one is cut into pieces of this size.
	maxLine = 1 << 20
	// maxConnections bounds who may be connected to one input at a time.
	maxConnections = 1024
	// gather is how many lines that have arrived already make one batch.
	gather = 512
)

// stream reads events from a connection or a pipe, until it ends or ctx is done.
type stream struct {
	common
	env *env
	// finish sets what the input knows of where an event comes from.
	finish func(*pipeline.Event)
	r      io.Reader
}

// deadliner is a reader whose waiting can be bounded.
type deadliner interface{ SetReadDeadline(time.Time) error }

func (s *stream) emit(b *batch) codec.Emit {
	return func(e *pipeline.Event) {
		s.finish(e)
		s.decorate(e)
		b.events = append(b.events, e)
	}
}

// run reads to the end; the error is nil at the end of the stream.
func (s *stream) run(ctx context.Context, q *queue) error {
	switch s.codec.Framing() {
	case codec.SelfDelimited:
		var b batch
		return s.codec.ReadStream(s.r, s.emit(&b), func() error { return s.push(ctx, q, &b) })
	case codec.Whole:
		return s.whole(ctx, q)
	}
	return s.lines(ctx, q)
}

func (s *stream) push(ctx context.Context, q *queue, b *batch) error {
	if len(b.events) == 0 {
		return nil
	}
	out := *b
	*b = batch{}
	return q.push(ctx, out)
}

// whole reads everything as one message.
func (s *stream) whole(ctx context.Context, q *queue) error {
	text, err := io.ReadAll(io.LimitReader(s.r, codec.MaxMessage+1))
	if err != nil {
		return err
	}
	if len(text) > codec.MaxMessage {
		s.env.unreadable("message_too_long")
		text = text[:codec.MaxMessage]
	}
	b := batch{size: len(text)}
	d := s.codec.Decoder()
	d.Decode(text, s.emit(&b))
	d.Flush(s.emit(&b))
	return s.push(ctx, q, &b)
}

// lines reads line by line. Lines that have arrived together make one batch.
func (s *stream) lines(ctx context.Context, q *queue) error {
	cut := lineCutter{r: newBuffered(s.r), delimiter: []byte(s.codec.Delimiter())}
	d := s.codec.Decoder()
	var b batch
	emit := s.emit(&b)
	for {
		if w, ok := s.r.(deadliner); ok {
			_ = w.SetReadDeadline(d.Due()) // the zero time: none
		}
		line, err := cut.next()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if due := d.Due(); !due.IsZero() && !time.Now().Before(due) {
				d.Flush(emit)
				if err := s.push(ctx, q, &b); err != nil {
					return err
				}
			}
			continue
		}
		if cut.long {
			s.env.unreadable("line_too_long")
		}
		if err == nil || len(line) > 0 {
			b.size += len(line)
			d.Decode(line, emit)
		}
		if err != nil {
			d.Flush(emit)
			if perr := s.push(ctx, q, &b); perr != nil || errors.Is(err, io.EOF) {
				return perr
			}
			return err
		}
		if len(b.events) >= gather || !cut.ready() {
			if err := s.push(ctx, q, &b); err != nil {
				return err
			}
		}
	}
}

func newBuffered(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, 64<<10) }

// lineCutter cuts a stream at a delimiter.
type lineCutter struct {
	r         *bufio.Reader
	delimiter []byte
	held      []byte
	long      bool // the line is a piece of a longer one
}

// next returns a line without its delimiter (and without a carriage return before a
// newline). With an error it returns what there is, but for an exceeded deadline: then
// what there is stays.
func (c *lineCutter) next() ([]byte, error) {
	last := c.delimiter[len(c.delimiter)-1]
	if len(c.held) > 0 && bytes.HasSuffix(c.held, c.delimiter) || c.long {
		c.held = c.held[:0]
	}
	c.long = false
	for {
		piece, err := c.r.ReadSlice(last)
		c.held = append(c.held, piece...)
		switch {
		case err == nil && bytes.HasSuffix(c.held, c.delimiter):
			line := c.held[:len(c.held)-len(c.delimiter)]
			if len(c.delimiter) == 1 && last == '\n' {
				line = bytes.TrimSuffix(line, []byte{'\r'})
			}
			return line, nil
		case len(c.held) >= maxLine:
			c.long = true
			return c.held, nil
		case err == nil, errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, err
		default:
			return c.held, err
		}
	}
}

// ready says whether a whole line has arrived already.
func (c *lineCutter) ready() bool {
	n := c.r.Buffered()
	b, _ := c.r.Peek(n)
	return bytes.Contains(b, c.delimiter)
}
