package logstash

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/codec"
	"github.com/pharosd/pharos/pipeline/logstash"
	"github.com/pharosd/pharos/tenant"
)

// input brings events. run returns when ctx is done or its source has ended (nil), or
// with what failed: it is then started again after a while. It waits for its goroutines.
type input interface {
	run(ctx context.Context, q *queue) error
}

// output takes events. write returns those that are not where they belong yet, and why;
// it is asked again with these. Without an error all are. It MAY be called by several
// goroutines, MUST NOT change events, and MUST tell env.deadLetter of those that it gives
// up. close is called once, when nothing is written any more.
type output interface {
	write(ctx context.Context, events []*pipeline.Event) (left []*pipeline.Event, err error)
	close() error
}

// closeNothing is the close of outputs that hold nothing.
type closeNothing struct{}

func (closeNothing) close() error { return nil }

// env is what a plugin may use besides its settings.
type env struct {
	deps   *Deps
	cfg    *Config
	log    *slog.Logger
	tenant tenant.ID
	// pipeline and plugin name the plugin in metrics: beats, or beats "id".
	pipeline, plugin string
	// ecs says that fields have the names of the Elastic Common Schema.
	ecs bool
	// dir is the folder of the configuration file, state that of the pipeline's state.
	dir, state string
	m          *pipelineMetrics
	dead       *deadLetters
	bus        *bus
	// health is the plugin's own.
	health *health
	clock  *clock
}

// path makes a file's name relative to the configuration file absolute.
func (v *env) path(name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(v.dir, name)
}

// address is where an address that a file names really is.
func (v *env) address(hostport string) string {
	if to, ok := v.cfg.Hosts[hostport]; ok {
		return to
	}
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		return hostport
	}
	if to, ok := v.cfg.Hosts[host]; ok {
		if _, _, err := net.SplitHostPort(to); err == nil {
			return to
		}
		return net.JoinHostPort(to, port)
	}
	return hostport
}

// deadLetter gives an event up.
func (v *env) deadLetter(e *pipeline.Event, reason, message string) {
	if err := v.dead.add(v.plugin, reason, message, e); err != nil {
		v.log.Error("a dead letter could not be written", "error", err)
	}
}

// unreadable counts input that is no event.
func (v *env) unreadable(reason string) {
	v.m.all.dead.WithLabelValues(v.pipeline, v.plugin, reason).Inc()
}

type (
	inputFactory  func(s *logstash.Settings, v *env) (input, error)
	outputFactory func(s *logstash.Settings, v *env) (output, error)
)

// unknownPlugin says that there is no such plugin, and what to do instead.
func unknownPlugin(p *logstash.Plugin, known []string, hints map[string]string) logstash.Problem {
	slices.Sort(known)
	problem := logstash.Problem{Pos: p.Pos, Message: fmt.Sprintf("%s %s is not supported", p.Kind, p.Name), Hint: hints[p.Name]}
	if problem.Hint == "" {
		problem.Hint = strictyaml.Suggest(p.Name, known)
	}
	if problem.Hint == "" {
		problem.Hint = "known are " + strings.Join(known, ", ")
	}
	return problem
}

// ecsOf reads ecs_compatibility of a plugin.
func ecsOf(s *logstash.Settings, of string) bool {
	return s.Enum("ecs_compatibility", of, "v8", "v1", "disabled") != "disabled"
}

// common is what every input does to its events.
type common struct {
	kind   string
	tags   []string
	fields []field
	codec  *codec.Codec
}

type field struct {
	ref   logstash.Ref
	value any
	text  *logstash.Template // for texts
}

// readCommon reads the settings of all inputs. def is the codec without one.
func readCommon(s *logstash.Settings, v *env, def string) common {
	c := common{kind: s.String("type", ""), tags: s.Strings("tags")}
	s.Known("id", "enable_metric", "ecs_compatibility")
	for _, p := range s.Hash("add_field") {
		ref, err := logstash.ParseRef(p.Key)
		if err != nil {
			s.Errorf("add_field", "%v", err)
			continue
		}
		f := field{ref: ref, value: logstash.GoValue(p.Value)}
		if text, ok := f.value.(string); ok {
			f.text = s.Compile("add_field", text)
		}
		c.fields = append(c.fields, f)
	}
	c.codec = readCodec(s, v, def)
	return c
}

// decorate sets what the input's settings say of every event.
func (c *common) decorate(e *pipeline.Event) {
	if c.kind != "" {
		if _, there := e.Fields["type"]; !there {
			e.Fields["type"] = c.kind
		}
	}
	for _, tag := range c.tags {
		logstash.Tag(e, tag)
	}
	for _, f := range c.fields {
		value := pipeline.CloneValue(f.value)
		if f.text != nil {
			value = f.text.Expand(e)
		}
		if old, there := f.ref.Get(e); there {
			value = append(listOf(old), listOf(value)...)
		}
		f.ref.Set(e, value)
	}
}

func listOf(v any) []any {
	if list, ok := v.([]any); ok {
		return slices.Clone(list)
	}
	return []any{v}
}

// put sets a field unless the event has it.
func put(e *pipeline.Event, ref logstash.Ref, value any) {
	if _, there := ref.Get(e); !there {
		ref.Set(e, value)
	}
}

// ref compiles a reference that is written in this package.
func ref(text string) logstash.Ref {
	r, err := logstash.ParseRef(text)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return r
}

// wait waits, or says that ctx is done.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
