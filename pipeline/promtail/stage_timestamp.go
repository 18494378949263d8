package promtail

import (
	"fmt"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/pipeline"
)

// fudged is for how many streams the last good timestamp is remembered.
const fudged = 10_000

// timestampStage sets an event's time from an extracted value. Where that fails it
// keeps the time of reading, or fudges: the stream's last good time and a nanosecond.
type timestampStage struct {
	source  string
	layouts []layout
	hash    hasher
	last    *simplelru.LRU[uint64, time.Time] // nil: no fudging
}

func (cfg *config) timestamp() pipeline.Stage {
	var settings struct {
		Source          string
		Format          string
		FallbackFormats []string `yaml:"fallback_formats"`
		Location        *string
		ActionOnFailure *string `yaml:"action_on_failure"`
	}
	if cfg.empty() || !cfg.decode(&settings) {
		return nil
	}
	ok := true
	refuse := func(key, message, hint string) {
		cfg.problem(key, message, hint)
		ok = false
	}
	if settings.Source == "" {
		refuse("source", "the stage needs a source", "the name of an extracted value")
	}
	if settings.Format == "" {
		refuse("format", "the stage needs a format", "the name of one, such as RFC3339 or UnixMs, or a layout of Go's")
	}
	var location *time.Location
	if settings.Location != nil {
		var err error
		if location, err = time.LoadLocation(*settings.Location); err != nil {
			refuse("location", err.Error(), "a name of the IANA time zone database, such as Europe/Berlin")
		}
	}
	fudge := true
	if a := settings.ActionOnFailure; a != nil {
		fudge = *a == "fudge"
		if !fudge && *a != "skip" {
			refuse("action_on_failure", fmt.Sprintf("expected skip or fudge, found %q", *a), strictyaml.Suggest(*a, []string{"skip", "fudge"}))
		}
	}
	if !ok {
		return nil
	}
	layouts := []layout{cfg.c.layout(settings.Format, location)}
	for _, f := range settings.FallbackFormats {
		layouts = append(layouts, cfg.c.layout(f, location))
	}
	return newTimestamp(settings.Source, layouts, fudge)
}

func newTimestamp(source string, layouts []layout, fudge bool) *timestampStage {
	s := &timestampStage{source: source, layouts: layouts, hash: newHasher()}
	if fudge {
		var err error
		if s.last, err = simplelru.NewLRU[uint64, time.Time](fudged, nil); err != nil {
			panic("BUG: " + err.Error())
		}
	}
	return s
}

func (s *timestampStage) Process(e *pipeline.Event, out pipeline.Output) {
	s.set(e)
	out.Emit(e)
}

func (s *timestampStage) set(e *pipeline.Event) {
	t, ok := s.parse(e)
	if s.last == nil {
		if ok {
			e.Time = t
		}
		return
	}
	stream := s.hash.stream(e)
	if !ok {
		if t, ok = s.last.Get(stream); !ok {
			return
		}
		t = t.Add(time.Nanosecond)
	}
	e.Time = t
	s.last.Add(stream, t)
}

func (s *timestampStage) parse(e *pipeline.Event) (time.Time, bool) {
	value, ok := input(e, &s.source)
	if !ok {
		return time.Time{}, false
	}
	for _, l := range s.layouts {
		if t, err := l(value); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
