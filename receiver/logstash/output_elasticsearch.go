package logstash

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// elasticsearchOutput stores events as documents: in Pharos, or in an Elasticsearch that
// the configuration names as one.
type elasticsearchOutput struct {
	closeNothing
	env   *env
	store DocumentStore
	dest  destination
	id    *logstash.Template // nil: none
	act   *logstash.Template
}

func newElasticsearch(s *logstash.Settings, v *env) (output, error) {
	o := &elasticsearchOutput{env: v, store: v.deps.Documents}
	o.act = s.Template("action", "")
	switch a := s.String("action", ""); a {
	case "update", "delete":
		s.Errorf("action", "%s is not supported: logs are only appended; entries go by retention and by deletion requests", a)
	}
	if s.Has("document_id") {
		o.id = s.Template("document_id", "")
	}
	o.dest = readDestination(s, v)
	readElasticExtras(s)
	hosts := s.Strings("hosts")
	tlsConfig := readTLS(s, v, false, slices.ContainsFunc(hosts, func(h string) bool { return strings.HasPrefix(h, "https://") }))
	remote := newBulkClient(s, v, hosts, tlsConfig)
	if remote != nil {
		o.store = remote
	}
	return o, nil
}

// readElasticExtras reads what has no effect: there is nothing to manage here.
func readElasticExtras(s *logstash.Settings) {
	s.Known("template", "template_name", "template_overwrite", "template_api", "manage_template", "ilm_enabled", "ilm_pattern", "ilm_policy",
		"document_type", "routing", "join_field", "parent", "sniffing", "sniffing_delay", "sniffing_path", "pool_max", "pool_max_per_route",
		"resurrect_delay", "retry_initial_interval", "retry_max_interval", "retry_on_conflict", "validate_after_inactivity", "bulk_path",
		"healthcheck_path", "http_compression", "compression_level", "failure_type_logging_whitelist", "silence_errors_in_log", "path", "proxy",
		"parameters", "ssl_certificate_verification", "cloud_id", "cloud_auth", "dlq_custom_codes", "dlq_on_failed_indexname_interpolation", "workers", "flush_size", "idle_flush_time",
		"max_retries", "protocol", "cluster", "host", "port", "embedded", "node_name", "bind_host", "action_type", "auth_type", "default_server_major_version", "legacy_template", "tag_on_failure", "enable_metric", "region", "aws_access_key_id",
		"aws_secret_access_key", "session_token", "instance_profile_credentials_retries")
	if s.Has("pipeline") {
		s.Warnf("pipeline", "there are no ingest pipelines here: events are stored as they leave the filters")
	}
	for _, name := range []string{"script", "script_type", "script_lang", "script_var_name", "scripted_upsert", "doc_as_upsert", "upsert"} {
		s.Unsupported(name, "documents are only appended")
	}
	for _, name := range []string{"version", "version_type"} {
		s.Unsupported(name, "documents are only appended, they have no versions")
	}
}

// write implements output.
func (o *elasticsearchOutput) write(ctx context.Context, events []*pipeline.Event) ([]*pipeline.Event, error) {
	docs := make([]esapi.Document, 0, len(events))
	of := make([]*pipeline.Event, 0, len(events))
	var buf []byte
	for _, e := range events {
		d, problem := o.document(e, &buf)
		if problem != "" {
			o.env.deadLetter(e, "malformed", problem)
			continue
		}
		docs = append(docs, d)
		of = append(of, e)
	}
	if len(docs) == 0 {
		return nil, nil
	}
	var left []*pipeline.Event
	var first error
	for i, err := range o.store.Store(ctx, o.env.tenant, docs) {
		switch {
		case err == nil, err.Status == http.StatusConflict && docs[i].Create: // it is there
		case err.Status == http.StatusTooManyRequests || err.Status >= http.StatusInternalServerError:
			left = append(left, of[i])
			if first == nil {
				first = err
			}
		default:
			o.env.deadLetter(of[i], err.Type, err.Reason)
		}
	}
	return left, first
}

// document makes an event's document; problem says why it cannot be one.
func (o *elasticsearchOutput) document(e *pipeline.Event, buf *[]byte) (d esapi.Document, problem string) {
	var target *pipeline.Event
	d.Index, target = o.dest.of(e)
	d.Time = entryTime(e)
	d.Create = o.dest.stream
	switch a := o.act.Expand(e); a {
	case "":
	case "index":
	case "create":
		d.Create = true
	default:
		return d, fmt.Sprintf("action %.64q is not supported: documents are only appended", a)
	}
	if o.id != nil {
		d.ID = o.id.Expand(e)
		// An id says which events are the same one: it takes the place of the number.
		d.Time = move(e.Time, int64(hash(d.ID)>>1), 0)
	}
	*buf = logstash.AppendEvent((*buf)[:0], target)
	d.Source = string(*buf)
	return d, ""
}

// destination is the index, alias or data stream that events go to.
type destination struct {
	index *logstash.Template // nil for a data stream
	// stream: the index's name is type-dataset-namespace.
	stream                   bool
	kind, dataset, namespace string
	route, sync              bool
}

func readDestination(s *logstash.Settings, v *env) destination {
	d := destination{kind: s.Enum("data_stream_type", "logs", "logs", "metrics", "synthetics", "traces"),
		dataset: s.String("data_stream_dataset", "generic"), namespace: s.String("data_stream_namespace", "default"),
		route: s.Bool("data_stream_auto_routing", true), sync: s.Bool("data_stream_sync_fields", true)}
	// Without a word on it, a configuration that says nothing that only an index has
	// means a data stream.
	plain := v.ecs
	for _, name := range []string{"index", "document_id", "ilm_rollover_alias", "ilm_enabled", "template_name", "template", "manage_template", "document_type", "routing"} {
		plain = plain && !s.Has(name)
	}
	plain = plain && s.String("action", "create") == "create"
	if mode := s.String("data_stream", "auto"); mode != "auto" {
		plain = s.Bool("data_stream", false)
	}
	def := "logstash-%{+yyyy.MM.dd}"
	if v.ecs {
		def = "ecs-" + def
	}
	d.index = s.Template("index", def)
	if alias := s.String("ilm_rollover_alias", ""); alias != "" && s.String("ilm_enabled", "true") != "false" && !s.Has("index") {
		d.index = s.Compile("ilm_rollover_alias", alias)
	}
	if d.stream = plain; plain {
		if s.Has("index") {
			s.Errorf("index", "a data stream has no index; its name is made from data_stream_type, data_stream_dataset and data_stream_namespace")
		}
		d.index = nil
	}
	return d
}

// of returns where an event goes, and the event as it is stored there.
func (d *destination) of(e *pipeline.Event) (string, *pipeline.Event) {
	if !d.stream {
		return d.index.Expand(e), e
	}
	kind, dataset, namespace := d.kind, d.dataset, d.namespace
	fields, _ := e.Fields["data_stream"].(map[string]any)
	if d.route && fields != nil {
		pick := func(into *string, name string) {
			if v, ok := fields[name].(string); ok && v != "" {
				*into = v
			}
		}
		pick(&kind, "type")
		pick(&dataset, "dataset")
		pick(&namespace, "namespace")
	}
	name := kind + "-" + dataset + "-" + namespace
	if !d.sync {
		return name, e
	}
	c := *e // only the top is copied: nothing below is changed
	c.Fields = maps.Clone(e.Fields)
	if c.Fields == nil {
		c.Fields = map[string]any{}
	}
	c.Fields["data_stream"] = map[string]any{"type": kind, "dataset": dataset, "namespace": namespace}
	return name, &c
}

var errNoAnswer = errors.New("no host answered")
