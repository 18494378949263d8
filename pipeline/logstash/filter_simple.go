package logstash

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/pharosd/pharos/pipeline"
)

// newDrop makes drop { percentage }.
func newDrop(s *Settings, _ *Env) (any, error) {
	percentage := s.Float("percentage", 100)
	if percentage < 0 || percentage > 100 {
		s.Errorf("percentage", "%v is not between 0 and 100", percentage)
	}
	return dropStage{percentage}, nil
}

// ReasonDropFilter is why the drop filter drops.
const ReasonDropFilter = "drop_filter"

type dropStage struct{ percentage float64 }

func (d dropStage) Process(e *pipeline.Event, out pipeline.Output) {
	if d.percentage == 100 || rand.Float64()*100 < d.percentage {
		out.Drop(e, ReasonDropFilter)
		return
	}
	out.Emit(e)
}

// newClone makes clone { clones }: the original goes on first, as it is, then the
// clones, which carry the common options and their name as a tag, without ECS as type.
func newClone(s *Settings, env *Env) (any, error) {
	s.Required("clones")
	names := s.Strings("clones")
	if s.Has("clones") && len(names) == 0 {
		s.Warnf("clones", "the list is empty: nothing is cloned")
	}
	return &cloneStage{names, env}, nil
}

type cloneStage struct {
	names []string
	env   *Env
}

func (c *cloneStage) Process(e *pipeline.Event, out pipeline.Output) {
	clones := make([]*pipeline.Event, len(c.names))
	for i, name := range c.names {
		clone := e.Clone()
		if c.env.ECS {
			setTags(clone, append(rubyArray(clone.Fields[tagsField]), name))
		} else {
			clone.Fields["type"] = name
		}
		c.env.Matched(clone)
		clones[i] = clone
	}
	out.Emit(e)
	for _, clone := range clones {
		out.Emit(clone)
	}
}

// newUUID makes uuid { target, overwrite }.
func newUUID(s *Settings, _ *Env) (any, error) {
	s.Required("target")
	target, overwrite := s.Ref("target", ""), s.Bool("overwrite", false)
	return Func(func(e *pipeline.Event) bool {
		if v, _ := target.Get(e); v == nil || overwrite {
			target.Set(e, uuid.NewString())
		}
		return true
	}), nil
}

// maxSleep bounds one pause: a pipeline that sleeps longer is one that stands.
const maxSleep = time.Minute

// newSleep makes sleep { time, every, replay }.
func newSleep(s *Settings, env *Env) (any, error) {
	f := &sleepFilter{replay: s.Bool("replay", false), every: s.Float("every", 1), time: s.Template("time", "")}
	if !s.Has("time") {
		if !f.replay {
			s.Required("time")
		}
		f.time = s.Compile("time", "1")
	}
	if env.Untrusted {
		return nil, errors.New("a pipeline that is tried may not sleep")
	}
	return Func(f.filter), nil
}

type sleepFilter struct {
	time   *Template
	every  float64
	replay bool
	count  float64
	last   time.Time
}

func (f *sleepFilter) filter(e *pipeline.Event) bool {
	t, _ := strconv.ParseFloat(strings.TrimSpace(f.time.Expand(e)), 64)
	if f.replay {
		if !f.last.IsZero() && t > 0 {
			time.Sleep(min(seconds(e.Time.Sub(f.last).Seconds()/t), maxSleep))
		}
		f.last = e.Time
		return true
	}
	if f.count++; f.count >= f.every {
		f.count = 0
		time.Sleep(min(seconds(t), maxSleep))
	}
	return true
}
