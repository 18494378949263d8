package promtail

import (
	"container/list"
	"strings"
	"time"

	"github.com/grafana/regexp"

	"github.com/pharosd/pharos/pipeline"
)

const (
	multilineWait  = 3 * time.Second
	multilineLines = 128
	// multilineBlock bounds a block in bytes, multilineHeld all blocks of a stage, and
	// multilineStreams for how many streams it knows how their last block began.
	// Promtail has none of these.
	multilineBlock   = 4 << 20
	multilineHeld    = 64 << 20
	multilineStreams = 10_000
)

// multilineStage joins the lines from one that its expression matches up to the next
// such line of the same stream. Lines before a stream's first block pass as they are.
type multilineStage struct {
	firstLine *regexp.Regexp
	wait      time.Duration
	most      int // lines of a block; 0: any number
	now       func() time.Time
	hash      hasher
	streams   map[uint64]*block
	held      *list.List // blocks with lines, the one that got none for longest first
	idle      *list.List // blocks without lines, likewise
	bytes     int        // of lines in held
	empty     drops
}

// block is the lines of one stream that are held.
type block struct {
	stream uint64
	at     *list.Element
	// event is what the lines become, nil if there are none; start is a copy of the
	// event that began the stream's last block, for lines that go on after it was
	// emitted.
	event, start *pipeline.Event
	text         strings.Builder
	lines        int
	due          time.Time
}

func (cfg *config) multiline() pipeline.Stage {
	var settings struct {
		FirstLine   *string `yaml:"firstline"`
		MaxLines    *uint32 `yaml:"max_lines"`
		MaxWaitTime *string `yaml:"max_wait_time"`
	}
	cfg.weak("max_lines")
	if cfg.empty() || !cfg.decode(&settings) {
		return nil
	}
	if settings.FirstLine == nil {
		cfg.problem("", "the stage needs firstline", "an expression for the line that begins a block")
		return nil
	}
	s := &multilineStage{wait: multilineWait, most: multilineLines, now: cfg.c.env.Now, hash: newHasher(),
		streams: map[uint64]*block{}, held: list.New(), idle: list.New(), empty: cfg.c.drops("", "multiline_empty")}
	if s.firstLine = cfg.regexp("firstline", *settings.FirstLine); s.firstLine == nil {
		return nil
	}
	if settings.MaxLines != nil {
		s.most = int(*settings.MaxLines)
	}
	if settings.MaxWaitTime != nil {
		d, ok := cfg.duration("max_wait_time", *settings.MaxWaitTime)
		if !ok {
			return nil
		}
		s.wait = d
	}
	return s
}

func (s *multilineStage) Process(e *pipeline.Event, out pipeline.Output) {
	key := s.hash.stream(e)
	b := s.streams[key]
	first := s.firstLine.MatchString(e.Line)
	if b == nil {
		if !first {
			out.Emit(e)
			return
		}
		b = s.open(key, out)
	}
	if first {
		s.flush(b, out, false)
		b.start = nil
	}
	s.add(b, e)
	if b.lines == s.most || b.text.Len() > multilineBlock {
		s.flush(b, out, true)
	}
	for s.bytes > multilineHeld {
		s.flush(s.held.Front().Value.(*block), out, true)
	}
}

// open makes room for a stream and a block for it.
func (s *multilineStage) open(key uint64, out pipeline.Output) *block {
	if len(s.streams) >= multilineStreams {
		oldest := s.idle.Front()
		if oldest == nil {
			s.flush(s.held.Front().Value.(*block), out, true)
			oldest = s.idle.Front()
		}
		delete(s.streams, oldest.Value.(*block).stream)
		s.idle.Remove(oldest)
	}
	b := &block{stream: key}
	b.at = s.idle.PushBack(b)
	s.streams[key] = b
	return b
}

func (s *multilineStage) add(b *block, e *pipeline.Event) {
	before := b.text.Len()
	if before > 0 {
		b.text.WriteByte('\n')
	}
	b.text.WriteString(e.Line)
	s.bytes += b.text.Len() - before
	b.lines++
	b.due = s.now().Add(s.wait)
	switch {
	case b.event != nil:
		b.event.Absorb(e)
		s.held.MoveToBack(b.at)
		return
	case b.start != nil:
		// A block that goes on after it was emitted looks like its beginning.
		next := b.start.Clone()
		next.Absorb(e)
		e = next
	}
	b.event = e
	s.idle.Remove(b.at)
	b.at = s.held.PushBack(b)
}

// flush emits what is held of a stream; goesOn says that more of the block may come.
func (s *multilineStage) flush(b *block, out pipeline.Output, goesOn bool) {
	e := b.event
	if e == nil {
		return
	}
	e.Line = b.text.String()
	s.bytes -= len(e.Line)
	if goesOn && b.start == nil {
		b.start = e.Clone()
		b.start.Line = ""
	}
	b.event, b.lines = nil, 0
	b.text.Reset()
	s.held.Remove(b.at)
	b.at = s.idle.PushBack(b)
	if e.Line == "" {
		s.empty.drop(e, out)
		return
	}
	out.Emit(e)
}

// Flush implements pipeline.Holder.
func (s *multilineStage) Flush(now time.Time, all bool, out pipeline.Output) {
	for at := s.held.Front(); at != nil; at = s.held.Front() {
		b := at.Value.(*block)
		if !all && now.Before(b.due) {
			return
		}
		s.flush(b, out, true)
	}
}

// Due implements pipeline.Holder.
func (s *multilineStage) Due() time.Time {
	if at := s.held.Front(); at != nil {
		return at.Value.(*block).due
	}
	return time.Time{}
}
