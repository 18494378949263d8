package logstash

import (
	"strings"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash/internal/ruby"
)

// aggregateFilter collects what several events of one task say in a map, by code.
type aggregateFilter struct {
	taskID    *Template
	code      *ruby.Program
	self      *ruby.Object
	action    string
	endOfTask bool
	tasks     *aggregateTasks
	// owner: this filter defines the timeouts of its pattern of tasks.
	owner   bool
	options aggregateOptions
	env     *Env
}

// aggregateOptions are the options about timeouts, of one filter for each pattern.
type aggregateOptions struct {
	timeout, inactivity time.Duration
	code                *ruby.Program
	push, pushPrevious  bool
	timestamp, idField  Ref
	tags                []string
}

const aggregateTimeout = 1800 * time.Second

func newAggregate(s *Settings, env *Env) (any, error) {
	s.Required("task_id")
	s.Required("code")
	s.Ignored("map_count_warning_threshold")
	if s.Has("aggregate_maps_path") {
		s.Warnf("aggregate_maps_path", "maps are not kept over a restart")
	}
	if env.Workers > 1 {
		s.Warnf("task_id", "with %d workers the events of a task may come out of order; set pipeline.workers to 1 where it matters", env.Workers)
	}
	pattern, code := s.String("task_id", ""), s.String("code", "")
	f := &aggregateFilter{
		taskID:    s.Template("task_id", ""),
		action:    s.Enum("map_action", "create_or_update", "create", "update", "create_or_update"),
		endOfTask: s.Bool("end_of_task", false),
		self:      ruby.NewObject(rubyHost{env}),
		env:       env,
	}
	if _, static := f.taskID.Static(); static && pattern != "" {
		s.Errorf("task_id", "it has to name a field, such as %%{id}, found %q", pattern)
	}
	f.code = compileRuby(s, "code", code, "", "event", "map", "map_meta", "new_event_block")
	f.timeouts(s)
	f.tasks = env.shared.get(sharedKey{nil, "aggregate " + pattern}, func() any { return newAggregateTasks() }).(*aggregateTasks)
	if f.owner && !f.tasks.own(env.plugin, f.options) {
		s.Errorf("task_id", "another aggregate filter with this task_id has options about timeouts already: only one may")
	}
	return f, nil
}

func (f *aggregateFilter) timeouts(s *Settings) {
	for _, name := range strings.Fields("timeout inactivity_timeout timeout_code push_map_as_event_on_timeout push_previous_map_as_event timeout_timestamp_field timeout_task_id_field timeout_tags") {
		f.owner = f.owner || s.Has(name)
	}
	f.options = aggregateOptions{
		timeout:      time.Duration(s.Float("timeout", aggregateTimeout.Seconds()) * float64(time.Second)),
		push:         s.Bool("push_map_as_event_on_timeout", false),
		pushPrevious: s.Bool("push_previous_map_as_event", false),
		timestamp:    s.Ref("timeout_timestamp_field", ""),
		idField:      s.Ref("timeout_task_id_field", ""),
		tags:         s.Strings("timeout_tags"),
	}
	f.options.inactivity = time.Duration(s.Float("inactivity_timeout", f.options.timeout.Seconds()) * float64(time.Second))
	if f.options.inactivity > f.options.timeout {
		s.Errorf("inactivity_timeout", "it has to be lower than timeout")
	}
	if code := s.String("timeout_code", ""); code != "" {
		f.options.code = compileRuby(s, "timeout_code", code, "", "event")
	}
}

// Process implements pipeline.Stage.
func (f *aggregateFilter) Process(e *pipeline.Event, out pipeline.Output) {
	id := f.taskID.Expand(e)
	if id == f.taskID.source {
		out.Emit(e)
		return
	}
	lent := &rubyEvent{event: e}
	var made []*pipeline.Event
	f.tasks.mu.Lock()
	ran := f.task(id, lent, &made)
	f.tasks.mu.Unlock()
	if ran {
		f.env.Matched(e)
	}
	if lent.cancelled {
		out.Drop(e, "aggregate")
	} else {
		out.Emit(e)
	}
	for _, x := range made {
		out.Emit(x)
	}
}

// task runs the code on the map of a task and reports whether it ran to its end.
func (f *aggregateFilter) task(id string, e *rubyEvent, made *[]*pipeline.Event) bool {
	t := f.tasks
	o := t.options
	at := f.reference(e.event)
	if task := t.byID[id]; task != nil && !o.timestamp.IsZero() && task.expired(at, true, o) {
		t.remove(id)
		if o.push || o.pushPrevious {
			*made = append(*made, f.event(task))
		}
	}
	task := t.byID[id]
	switch {
	case task == nil && f.action == "update", task != nil && f.action == "create":
		return false
	case task == nil:
		if previous := t.oldest(); previous != nil && (o.pushPrevious || len(t.byID) >= maxAggregateTasks) {
			t.remove(previous.id)
			if o.push || o.pushPrevious {
				*made = append(*made, f.event(previous))
			}
		}
		task = t.add(id, at, f.env.Now())
	}
	task.last, task.lastSeen = at, f.env.Now()
	meta := task.meta()
	_, err := f.self.Run(f.code, map[string]any{"event": e, "map": task.values, "map_meta": meta, "new_event_block": rubyBlock(made)})
	fits := t.grow(task, f.self.Grown())
	if err != nil || !fits {
		e.Tag("_aggregateexception")
	}
	if !fits {
		t.remove(id) // without its event: nobody needs one of that size
		return false
	}
	task.learn(meta)
	if f.endOfTask {
		t.remove(id)
	}
	if task.now() {
		t.remove(id)
		if o.push {
			*made = append(*made, f.event(task))
		}
	}
	return err == nil
}

// reference is an event's time by the field that says it, or now.
func (f *aggregateFilter) reference(e *pipeline.Event) time.Time {
	if r := f.tasks.options.timestamp; !r.IsZero() {
		if v, _ := r.Get(e); v != nil {
			if t, ok := v.(time.Time); ok {
				return t
			}
		}
	}
	return f.env.Now()
}

// event makes an event of a task's map.
func (f *aggregateFilter) event(task *aggregateTask) *pipeline.Event {
	o := f.tasks.options
	fields, _ := ruby.ToGo(task.values).(map[string]any)
	e := &rubyEvent{event: NewEvent(fields, f.env.Now())}
	if !o.idField.IsZero() {
		o.idField.Set(e.event, task.id)
	}
	for _, tag := range o.tags {
		e.Tag(tag)
	}
	if o.code != nil {
		if _, err := f.self.Run(o.code, map[string]any{"event": e}); err != nil {
			e.Tag("_aggregateexception")
		}
	}
	return e.event
}

// Flush implements pipeline.Holder: tasks whose time is up end.
func (f *aggregateFilter) Flush(now time.Time, all bool, out pipeline.Output) {
	t := f.tasks
	t.mu.Lock()
	var made []*pipeline.Event
	if t.flusher(f.env.plugin) {
		made = f.expire(now, all)
	}
	t.mu.Unlock()
	for _, e := range made {
		out.Emit(e)
	}
}

func (f *aggregateFilter) expire(now time.Time, all bool) (made []*pipeline.Event) {
	t := f.tasks
	o := t.options
	for _, task := range t.inOrder() {
		if !task.expired(now, false, o) {
			continue
		}
		t.remove(task.id)
		if o.push || o.pushPrevious {
			made = append(made, f.event(task))
		}
	}
	if !all {
		return made
	}
	if previous := t.oldest(); previous != nil && o.pushPrevious {
		t.remove(previous.id)
		made = append(made, f.event(previous))
	}
	for _, e := range made {
		Tag(e, "_aggregatefinalflush")
	}
	return made
}

// Due implements pipeline.Holder.
func (f *aggregateFilter) Due() time.Time {
	f.tasks.mu.Lock()
	defer f.tasks.mu.Unlock()
	if len(f.tasks.byID) == 0 {
		return time.Time{}
	}
	return f.env.Now().Add(5 * time.Second) // as often as Logstash looks
}
