package codec

import (
	"errors"
	"strings"
	"time"

	"github.com/pharosd/pharos/pipeline"
)

// Multiline are the settings of codec multiline.
type Multiline struct {
	// Match says whether a line matches the pattern; negate is already applied.
	Match func(line string) bool
	// Next: a matching line belongs to the next one; otherwise to the previous one.
	Next bool
	// Tag marks events of several lines; "": none does.
	Tag string
	// MaxLines and MaxBytes end an event.
	MaxLines, MaxBytes int
	// FlushAfter lets go what got no more lines for so long; 0: never.
	FlushAfter time.Duration
}

func (m *Multiline) check() error {
	if m.Match == nil {
		return errors.New("codec multiline needs a pattern")
	}
	if m.MaxLines <= 0 {
		m.MaxLines = 500
	}
	if m.MaxBytes <= 0 {
		m.MaxBytes = 10 << 20
	}
	return nil
}

// multiline joins lines.
type multiline struct {
	c       *Codec
	m       Multiline
	lines   []string
	bytes   int
	touched time.Time
}

func newMultiline(c *Codec) Decoder { return &multiline{c: c, m: c.opts.Multiline} }

// Decode implements Decoder. A message of several lines is read line by line.
func (d *multiline) Decode(data []byte, emit Emit) {
	for line := range strings.SplitSeq(d.c.text.text(data), "\n") {
		d.line(strings.TrimSuffix(line, "\r"), emit)
	}
	d.touched = time.Now()
}

func (d *multiline) line(line string, emit Emit) {
	matched := d.m.Match(line)
	if d.m.Next {
		d.hold(line)
		if !matched || d.full() {
			d.Flush(emit)
		}
		return
	}
	if !matched || d.full() {
		d.Flush(emit)
	}
	d.hold(line)
}

func (d *multiline) hold(line string) {
	d.lines = append(d.lines, line)
	d.bytes += len(line)
}

func (d *multiline) full() bool { return len(d.lines) > d.m.MaxLines || d.bytes >= d.m.MaxBytes }

// Flush implements Decoder.
func (d *multiline) Flush(emit Emit) {
	if len(d.lines) == 0 {
		return
	}
	text := strings.Join(d.lines, "\n")
	e := &pipeline.Event{Fields: map[string]any{"message": text, "@version": "1"}}
	d.c.original(e, text)
	if d.m.Tag != "" && len(d.lines) > 1 {
		addTag(e, d.m.Tag)
	}
	if d.bytes >= d.m.MaxBytes {
		addTag(e, "multiline_codec_max_bytes_reached")
	}
	if len(d.lines) > d.m.MaxLines {
		addTag(e, "multiline_codec_max_lines_reached")
	}
	d.lines, d.bytes = nil, 0
	emit(e)
}

// Holding implements Holder.
func (d *multiline) Holding() bool { return len(d.lines) > 0 }

// Due implements Decoder.
func (d *multiline) Due() time.Time {
	if len(d.lines) == 0 || d.m.FlushAfter <= 0 {
		return time.Time{}
	}
	return d.touched.Add(d.m.FlushAfter)
}
