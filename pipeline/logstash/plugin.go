package logstash

import (
	"log/slog"
	"sync"
	"time"

	"github.com/pharosd/pharos/pipeline"
)

// Func is a simple filter: it changes the event and says whether it matched, upon
// which the common options (add_field, remove_tag...) apply. The framework emits it.
type Func func(e *pipeline.Event) (matched bool)

// Factory makes a filter from its settings. It returns a Func, or a pipeline.Stage for
// filters that drop, split, hold or clone: these call env.Matched themselves. What is
// wrong with settings goes to s; the error is for what is wrong beyond them, such as a
// file that cannot be read. A stage that is an io.Closer is closed with its pipeline.
//
// A factory runs once to check and once for each worker. It MUST NOT do what outlives
// it unless what it returns is an io.Closer.
type Factory func(s *Settings, env *Env) (any, error)

// Env is what a filter may use besides its settings.
type Env struct {
	// Now is the clock.
	Now func() time.Time
	// Logger has the plugin's type and id. Nothing is logged for single events.
	Logger *slog.Logger
	// Dir is the folder of the configuration file; relative paths start there.
	Dir string
	// Lookup finds environment variables.
	Lookup func(name string) (string, bool)
	// ECS is false when ecs_compatibility is disabled, for this plugin or the pipeline.
	ECS bool
	// Untrusted configurations, those tried by people who are not administrators, may
	// not read files or speak to the network: a factory that would reports a problem.
	Untrusted bool
	// Worker counts from 0 to Workers-1.
	Worker, Workers int
	// Matched applies the common options to an event.
	Matched func(e *pipeline.Event)

	plugin  *Plugin
	shared  *shared
	options *common
}

// matched is Matched and reports whether all options could be applied.
func (env *Env) matched(e *pipeline.Event) bool { return env.options == nil || env.options.apply(e) }

// Shared returns one value of a plugin for all workers of a pipeline, made on first
// use. Whoever uses it locks it.
func (env *Env) Shared(name string, make func() any) any {
	return env.shared.get(sharedKey{env.plugin, name}, make)
}

type sharedKey struct {
	plugin *Plugin
	name   string
}

type shared struct {
	mu     sync.Mutex
	values map[sharedKey]any
}

func (s *shared) get(key sharedKey, make func() any) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.values[key]
	if !ok {
		v = make()
		if s.values == nil {
			s.values = map[sharedKey]any{}
		}
		s.values[key] = v
	}
	return v
}
