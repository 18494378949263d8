package source

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// maxFrame bounds one frame of a container's log in bytes; daemons write 16 KiB.
const maxFrame = 1 << 20

// logLine is one line of a container's log.
type logLine struct {
	stream string // stdout or stderr
	at     int64  // nanoseconds
	text   string
	bad    bool // it has no time
}

// frames reads a container's log: of a container without a terminal, frames with a
// header of eight bytes (stream, three zeros, big endian length), else lines. Each
// frame begins with the time. A long line comes in several frames of one time, of which
// the last one ends it.
type frames struct {
	in       *bufio.Reader
	terminal bool
	max      int
	parts    map[string]*linePart
	ready    []logLine
}

type linePart struct {
	at   int64
	text strings.Builder
	skip bool // the rest of the line is too long
}

func newFrames(r io.Reader, terminal bool, maxLine int) *frames {
	return &frames{in: bufio.NewReaderSize(r, 32<<10), terminal: terminal, max: maxLine,
		parts: map[string]*linePart{"stdout": {}, "stderr": {}}}
}

// next returns the next line; io.EOF when the log has ended.
func (f *frames) next() (logLine, error) {
	for len(f.ready) == 0 {
		stream, payload, err := f.frame()
		if len(payload) > 0 {
			f.add(stream, payload)
		}
		if err == nil {
			continue
		}
		if errors.Is(err, io.EOF) {
			for stream, p := range f.parts { // lines that nothing ends
				f.flush(stream, p)
			}
			if len(f.ready) > 0 {
				break
			}
		}
		return logLine{}, err
	}
	l := f.ready[0]
	f.ready = f.ready[1:]
	return l, nil
}

func (f *frames) frame() (stream, payload string, err error) {
	if f.terminal {
		line, err := longLine(f.in, maxFrame)
		if err == nil {
			line = append(line, '\n')
		}
		return "stdout", string(line), err
	}
	var header [8]byte
	if _, err := io.ReadFull(f.in, header[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF
		}
		return "", "", err
	}
	switch header[0] {
	case 0, 1:
		stream = "stdout"
	case 2:
		stream = "stderr"
	case 3:
		stream = "" // the daemon's own error
	default:
		return "", "", fmt.Errorf("log of container: stream %d is not known", header[0])
	}
	size := binary.BigEndian.Uint32(header[4:])
	if size > maxFrame {
		return "", "", fmt.Errorf("log of container: a frame of %d bytes, want %d at most", size, maxFrame)
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(f.in, b); err != nil {
		return "", "", io.EOF
	}
	if stream == "" {
		return "", "", fmt.Errorf("log of container: %s", strings.TrimSpace(string(b)))
	}
	return stream, string(b), nil
}

// add takes one frame.
func (f *frames) add(stream, payload string) {
	p := f.parts[stream]
	stamp, text, ok := strings.Cut(payload, " ")
	t, err := time.Parse(time.RFC3339Nano, stamp)
	at := t.UnixNano()
	if !ok || err != nil {
		if p.text.Len() == 0 && !p.skip {
			f.ready = append(f.ready, logLine{stream: stream, bad: true})
			return
		}
		at, text = p.at, payload
	}
	if at != p.at {
		f.flush(stream, p)
		p.at, p.skip = at, false
	}
	ends := strings.HasSuffix(text, "\n")
	text = strings.TrimRight(text, "\r\n")
	if p.skip {
		p.skip = !ends
		return
	}
	if p.text.Len() == 0 && ends {
		f.ready = append(f.ready, logLine{stream: stream, at: at, text: text})
		return
	}
	p.text.WriteString(text)
	if ends || p.text.Len() > f.max {
		f.flush(stream, p)
		p.skip = !ends
	}
}

func (f *frames) flush(stream string, p *linePart) {
	if p.text.Len() == 0 {
		return
	}
	f.ready = append(f.ready, logLine{stream: stream, at: p.at, text: p.text.String()})
	p.text.Reset()
}
