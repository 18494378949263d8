package promtail

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/pharosd/pharos/pipeline"
)

const (
	// criStreams is how many streams may have a partial line by default.
	criStreams = 100
	// criHeld bounds the partial lines that one stage holds in bytes, and
	// criWait the time that one is held without more to come. Promtail has neither.
	criHeld = 32 << 20
	criWait = 5 * time.Minute
)

// criStage reads the format of Kubernetes' container runtimes and joins the partial
// lines into which these cut long ones.
type criStage struct {
	streams int
	most    int // bytes that are left of longer partial or joined lines; -1: all
	now     func() time.Time
	hash    hasher
	held    map[uint64]*criPartial
	bytes   int // of texts in held
	order   uint64
	labels  labelsStage
	time    *timestampStage
}

// criPartial is the beginning of a line.
type criPartial struct {
	event *pipeline.Event // that of the last piece
	text  []byte          // of all pieces
	since time.Time       // when the last one came
	order uint64
}

func (cfg *config) cri() pipeline.Stage {
	var settings struct {
		MaxPartialLines int      `yaml:"max_partial_lines"`
		MaxSize         byteSize `yaml:"max_partial_line_size"`
		Truncate        bool     `yaml:"max_partial_line_size_truncate"`
	}
	cfg.weak("max_partial_lines", "max_partial_line_size_truncate")
	if !cfg.decode(&settings) {
		return nil
	}
	if settings.MaxPartialLines < 0 {
		cfg.problem("max_partial_lines", "the number must not be negative", "")
		return nil
	}
	s := &criStage{
		streams: settings.MaxPartialLines,
		now:     cfg.c.env.Now,
		hash:    newHasher(),
		held:    map[uint64]*criPartial{},
		labels:  labelsStage{[]mapping{{"stream", "stream"}}},
		time:    newTimestamp("time", []layout{cfg.c.layout("RFC3339Nano", nil)}, true),
	}
	if s.streams == 0 {
		s.streams = criStreams
	}
	if settings.Truncate {
		s.most = int(settings.MaxSize)
	} else {
		s.most = -1
	}
	return s
}

func (s *criStage) Process(e *pipeline.Event, out pipeline.Output) {
	extractLabels(e)
	content, isCRI := extractCRI(e)
	s.labels.set(e)
	s.time.set(e)
	if isCRI {
		e.Line = content
	}
	partial := e.Fields["flags"] == "P"
	if !partial && len(s.held) == 0 {
		out.Emit(e)
		return
	}
	key := s.hash.stream(e)
	if partial && len(s.held) >= s.streams || s.bytes+len(e.Line) > criHeld {
		s.release(out, func(*criPartial) bool { return true })
	}
	p := s.held[key]
	switch {
	case p == nil && !partial:
		out.Emit(e)
		return
	case p == nil:
		s.order++
		p = &criPartial{order: s.order}
		s.held[key] = p
	default:
		e.Origins = append(p.event.Origins, e.Origins...)
	}
	s.bytes -= len(p.text)
	p.text = append(p.text, e.Line...)
	if s.most >= 0 && len(p.text) > s.most {
		p.text = p.text[:s.most]
	}
	s.bytes += len(p.text)
	p.event, p.since = e, s.now()
	if !partial {
		s.emit(key, p, out)
	}
}

// emit lets go of a stream's partial line.
func (s *criStage) emit(key uint64, p *criPartial, out pipeline.Output) {
	delete(s.held, key)
	s.bytes -= len(p.text)
	p.event.Line = string(p.text)
	out.Emit(p.event)
}

// release emits the partial lines of which which says so, the oldest first.
func (s *criStage) release(out pipeline.Output, which func(*criPartial) bool) {
	var keys []uint64
	for key, p := range s.held {
		if which(p) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b uint64) int { return cmp.Compare(s.held[a].order, s.held[b].order) })
	for _, key := range keys {
		s.emit(key, s.held[key], out)
	}
}

// Flush implements pipeline.Holder.
func (s *criStage) Flush(now time.Time, all bool, out pipeline.Output) {
	s.release(out, func(p *criPartial) bool { return all || !now.Before(p.since.Add(criWait)) })
}

// Due implements pipeline.Holder.
func (s *criStage) Due() time.Time {
	var due time.Time
	for _, p := range s.held {
		if d := p.since.Add(criWait); due.IsZero() || d.Before(due) {
			due = d
		}
	}
	return due
}

// extractCRI reads "time stream flags content"; what is none is left as it is.
func extractCRI(e *pipeline.Event) (content string, ok bool) {
	at, rest, ok := cutWord(e.Line)
	if !ok {
		return "", false
	}
	stream, rest, ok := cutWord(rest)
	if !ok || stream != "stdout" && stream != "stderr" {
		return "", false
	}
	flags, content, ok := cutWord(rest)
	if !ok {
		return "", false
	}
	e.Fields["time"], e.Fields["stream"], e.Fields["flags"], e.Fields["content"] = at, stream, flags, content
	return content, true
}

// cutWord cuts s behind a word and the one blank that must follow it.
func cutWord(s string) (word, rest string, ok bool) {
	i := strings.IndexAny(s, " \t\n\f\r")
	if i <= 0 || s[i] != ' ' {
		return "", "", false
	}
	return s[:i], s[i+1:], true
}
