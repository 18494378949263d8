package tail

import (
	"bufio"
	"cmp"
	"io"
	"slices"
	"strconv"
	"sync"
)

// Frame is what a reader is sent at once.
type Frame struct {
	Lines   []*Line
	Lost    uint64
	Dropped []Dropped
	// Position is where the reader is with this frame; nil if that is not known.
	Position *Position
}

// writers are reused: a busy hub writes thousands of frames a second.
var writers = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, 16<<10) }}

// WriteTo writes the frame in the shape of Loki's tail, with two keys of our own: how
// many entries were dropped, and the cursor to go on from:
//
//	{"streams":[{"stream":{...},"values":[["<ns>","line"]]}],
//	 "dropped_entries":[{"timestamp":"<ns>","labels":{...}}],"dropped":1,"cursor":"..."}
func (f *Frame) WriteTo(out io.Writer) (int64, error) {
	w := &counter{w: out}
	b := writers.Get().(*bufio.Writer)
	defer writers.Put(b)
	defer b.Reset(nil)
	b.Reset(w)
	_, _ = b.WriteString(`{"streams":[`)
	f.streams(b)
	_ = b.WriteByte(']')
	if f.Lost > 0 {
		f.dropped(b)
	}
	if f.Position != nil {
		_, _ = b.WriteString(`,"cursor":"` + f.Position.Cursor() + `"`)
	}
	_ = b.WriteByte('}')
	err := b.Flush()
	return w.n, err
}

// streams writes lines by time, those with the same labels together.
func (f *Frame) streams(b *bufio.Writer) {
	byTime := func(x, y *Line) int { return cmp.Compare(x.Time, y.Time) }
	lines := f.Lines
	if !slices.IsSortedFunc(lines, byTime) {
		lines = slices.Clone(lines)
		slices.SortStableFunc(lines, byTime)
	}
	if len(lines) == 0 {
		return
	}
	if set := lines[0].Labels; !slices.ContainsFunc(lines, func(l *Line) bool { return l.Labels != set }) {
		writeStream(b, lines)
		return
	}
	for i, g := range byLabels(lines) {
		if i > 0 {
			_ = b.WriteByte(',')
		}
		writeStream(b, g)
	}
}

// byLabels groups lines in the order in which their labels come first.
func byLabels(lines []*Line) (groups [][]*Line) {
	index := map[string]int{}
	var last *LabelSet
	at := 0
	for _, line := range lines {
		if line.Labels != last {
			last = line.Labels
			i, ok := index[string(last.JSON)]
			if !ok {
				i = len(groups)
				index[string(last.JSON)] = i
				groups = append(groups, nil)
			}
			at = i
		}
		groups[at] = append(groups[at], line)
	}
	return groups
}

func writeStream(b *bufio.Writer, lines []*Line) {
	_, _ = b.WriteString(`{"stream":`)
	_, _ = b.Write(lines[0].Labels.JSON)
	_, _ = b.WriteString(`,"values":[`)
	for i, line := range lines {
		if i > 0 {
			_ = b.WriteByte(',')
		}
		_, _ = b.Write(line.JSON)
	}
	_, _ = b.WriteString(`]}`)
}

func (f *Frame) dropped(b *bufio.Writer) {
	_, _ = b.WriteString(`,"dropped_entries":[`)
	for i, d := range f.Dropped {
		if i > 0 {
			_ = b.WriteByte(',')
		}
		_, _ = b.WriteString(`{"timestamp":"` + strconv.FormatInt(d.Time, 10) + `","labels":`)
		_, _ = b.Write(d.Labels.JSON)
		_ = b.WriteByte('}')
	}
	_, _ = b.WriteString(`],"dropped":` + strconv.FormatUint(f.Lost, 10))
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
