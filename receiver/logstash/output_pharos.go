package logstash

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash"
	"github.com/pharosd/pharos/tenant"
)

// pharosOutput stores events as entries with labels from their fields. It is ours:
// Logstash has no such plugin.
type pharosOutput struct {
	closeNothing
	env      *env
	labels   []named
	metadata []named
	line     logstash.Ref // zero: the whole event as JSON
	format   *logstash.Template
}

type named struct {
	name string
	text *logstash.Template
}

func newPharos(s *logstash.Settings, v *env) (output, error) {
	o := &pharosOutput{env: v}
	o.labels = readNamed(s, "labels")
	o.metadata = readNamed(s, "metadata")
	if s.Has("line") {
		o.line = s.Ref("line", "")
	}
	if s.Has("format") {
		o.format = s.Template("format", "")
	}
	if id := s.String("tenant", ""); id != "" {
		t, err := tenant.Parse(id)
		if err != nil {
			s.Errorf("tenant", "%v", err)
		}
		own := *v
		own.tenant = t
		o.env = &own
	}
	return o, nil
}

func readNamed(s *logstash.Settings, name string) []named {
	var out []named
	for _, p := range s.Hash(name) {
		out = append(out, named{p.Key, s.Compile(name, logstash.Text(p.Value))})
	}
	return out
}

// expand makes labels; those whose fields an event lacks are left out.
func expand(all []named, e *pipeline.Event) []model.Label {
	out := make([]model.Label, 0, len(all)+1)
	for _, n := range all {
		if value := n.text.Expand(e); value != "" && !strings.Contains(value, "%{") {
			out = append(out, model.Label{Name: n.name, Value: value})
		}
	}
	return out
}

// write implements output.
func (o *pharosOutput) write(ctx context.Context, events []*pipeline.Event) ([]*pipeline.Event, error) {
	var buf []byte
	return pushStreams(ctx, o.env, events, func(e *pipeline.Event) (labels, metadata model.Labels, line string, ok bool) {
		ls := expand(o.labels, e)
		if len(ls) == 0 {
			ls = append(ls, model.Label{Name: "pipeline", Value: o.env.pipeline})
		}
		switch {
		case o.format != nil:
			line = o.format.Expand(e)
		case !o.line.IsZero():
			value, _ := o.line.Get(e)
			line = logstash.Text(value)
		default:
			buf = logstash.AppendEvent(buf[:0], e)
			line = string(buf)
		}
		return model.NewLabels(ls...), model.NewLabels(expand(o.metadata, e)...), line, true
	})
}

// lokiOutput is the plugin logstash-output-loki. The Loki that it names is Pharos.
type lokiOutput struct {
	closeNothing
	env               *env
	message           logstash.Ref
	messageField      string
	include, metadata []string
}

func newLoki(s *logstash.Settings, v *env) (output, error) {
	s.Required("url")
	o := &lokiOutput{env: v, messageField: s.String("message_field", "message"), message: s.Ref("message_field", "message"),
		include: s.Strings("include_fields"), metadata: s.Strings("metadata_fields")}
	u, err := url.Parse(s.String("url", ""))
	if err != nil || u.Host == "" {
		s.Errorf("url", "want an address such as http://loki:3100/loki/api/v1/push")
	}
	s.Known("username", "password", "cert", "key", "ca_cert", "insecure_skip_verify", "batch_size", "batch_wait", "min_delay", "max_delay", "retries", "tenant_id")
	if s.Has("tenant_id") {
		s.Warnf("tenant_id", "events go to the pipeline's tenant, %s", v.tenant)
	}
	return o, nil
}

// write implements output.
func (o *lokiOutput) write(ctx context.Context, events []*pipeline.Event) ([]*pipeline.Event, error) {
	return pushStreams(ctx, o.env, events, o.entry)
}

// entry takes every field at the top that is no object as a label, as the plugin does,
// or those that include_fields names.
func (o *lokiOutput) entry(e *pipeline.Event) (labels, metadata model.Labels, line string, ok bool) {
	value, ok := o.message.Get(e)
	if !ok || value == nil {
		return nil, nil, "", false
	}
	var ls, ms []model.Label
	for name, v := range e.Fields {
		if name == o.messageField || strings.HasPrefix(name, "@") {
			continue
		}
		if _, object := v.(map[string]any); object {
			continue
		}
		l := model.Label{Name: name, Value: logstash.Text(v)}
		switch {
		case slices.Contains(o.metadata, name):
			ms = append(ms, l)
		case len(o.include) == 0 || slices.Contains(o.include, name):
			ls = append(ls, l)
		}
	}
	all := model.NewLabels(ls...)
	if len(all) == 0 {
		all = model.NewLabels(model.Label{Name: "pipeline", Value: o.env.pipeline})
	}
	return all, model.NewLabels(ms...), logstash.Text(value), true
}
