package logstash

import (
	"cmp"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/pharosd/pharos/pipeline"
)

// elapsedFilter tells how long it took from an event with one tag to an event with
// another that has the same value in a field.
type elapsedFilter struct {
	startTag, endTag string
	id               Ref
	timeout          time.Duration
	newEvent         bool
	keepLast         bool
	now              func() time.Time
	matched          func(*pipeline.Event)
	starts           *elapsedStarts
}

// maxElapsedStarts bounds what is waited for; a start beyond it is not remembered.
const maxElapsedStarts = 1_000_000

// elapsedStarts are the starts that wait for their ends, shared by workers.
type elapsedStarts struct {
	mu   sync.Mutex
	byID map[string]elapsedStart
}

type elapsedStart struct {
	id   any
	at   time.Time // of the event
	seen time.Time
}

func newElapsed(s *Settings, env *Env) (any, error) {
	for _, name := range []string{"start_tag", "end_tag", "unique_id_field"} {
		s.Required(name)
	}
	f := &elapsedFilter{
		startTag: s.String("start_tag", ""),
		endTag:   s.String("end_tag", ""),
		id:       s.Ref("unique_id_field", ""),
		timeout:  time.Duration(s.Float("timeout", 1800) * float64(time.Second)),
		newEvent: s.Bool("new_event_on_match", false),
		keepLast: s.Enum("keep_start_event", "first", "first", "last") == "last",
		now:      env.Now,
		matched:  env.Matched,
	}
	f.starts = env.Shared("starts", func() any { return &elapsedStarts{byID: map[string]elapsedStart{}} }).(*elapsedStarts)
	return f, nil
}

// Process implements pipeline.Stage.
func (f *elapsedFilter) Process(e *pipeline.Event, out pipeline.Output) {
	id, _ := f.id.Get(e)
	tags := Tags(e)
	switch {
	case id == nil:
	case slices.Contains(tags, f.startTag):
		f.matched(e)
		f.starts.keep(Text(id), elapsedStart{id, e.Time, f.now()}, f.keepLast)
	case slices.Contains(tags, f.endTag):
		f.matched(e)
		start, ok := f.starts.take(Text(id))
		if !ok {
			Tag(e, "elapsed_end_without_start")
			break
		}
		about := e
		if f.newEvent {
			about = f.event()
		}
		Tag(about, "elapsed")
		Tag(about, "elapsed_match")
		about.Fields["elapsed_time"] = e.Time.Sub(start.at).Seconds()
		about.Fields["elapsed_timestamp_start"] = start.at
		f.id.Set(about, id)
		if f.newEvent {
			f.matched(about)
			out.Emit(about)
		}
	}
	out.Emit(e)
}

// event is a new one that says where it was made.
func (f *elapsedFilter) event() *pipeline.Event {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	return &pipeline.Event{Time: f.now(), Fields: map[string]any{"host": host}}
}

func (s *elapsedStarts) keep(id string, start elapsedStart, last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, known := s.byID[id]
	if known && !last || !known && len(s.byID) >= maxElapsedStarts {
		return
	}
	s.byID[id] = start
}

func (s *elapsedStarts) take(id string) (elapsedStart, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	start, ok := s.byID[id]
	delete(s.byID, id)
	return start, ok
}

// Flush implements pipeline.Holder: starts whose ends did not come make events of their
// own.
func (f *elapsedFilter) Flush(now time.Time, _ bool, out pipeline.Output) {
	for _, start := range f.starts.expired(now, f.timeout) {
		e := f.event()
		Tag(e, "elapsed")
		Tag(e, "elapsed_expired_error")
		f.id.Set(e, start.id)
		e.Fields["elapsed_time"] = int64(now.Sub(start.seen).Seconds())
		e.Fields["elapsed_timestamp_start"] = start.at
		f.matched(e)
		out.Emit(e)
	}
}

func (s *elapsedStarts) expired(now time.Time, timeout time.Duration) []elapsedStart {
	s.mu.Lock()
	defer s.mu.Unlock()
	var old []elapsedStart
	for id, start := range s.byID {
		if now.Sub(start.seen) >= timeout {
			old = append(old, start)
			delete(s.byID, id)
		}
	}
	slices.SortFunc(old, func(a, b elapsedStart) int {
		return cmp.Or(a.seen.Compare(b.seen), cmp.Compare(Text(a.id), Text(b.id)))
	})
	return old
}

// Due implements pipeline.Holder.
func (f *elapsedFilter) Due() time.Time {
	f.starts.mu.Lock()
	defer f.starts.mu.Unlock()
	if len(f.starts.byID) == 0 {
		return time.Time{}
	}
	return f.now().Add(5 * time.Second) // as often as Logstash looks
}
