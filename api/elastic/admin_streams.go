package elastic

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

func (a *Admin) streamRoutes(t *routeTable) {
	t.add(httpx.Read, a.getStreams, "GET /_data_stream", "GET /_data_stream/{name}")
	t.add(httpx.Write, a.createStream, "PUT /_data_stream/{name}")
	t.add(httpx.Admin, a.deleteStream, "DELETE /_data_stream/{name}")
	t.add(httpx.Read, a.getStreamLifecycle, "GET /_data_stream/{name}/_lifecycle")
	t.add(httpx.Admin, a.putStreamLifecycle, "PUT /_data_stream/{name}/_lifecycle")
	t.add(httpx.Admin, a.deleteStreamLifecycle, "DELETE /_data_stream/{name}/_lifecycle")
}

func (a *Admin) createStream(w http.ResponseWriter, r *http.Request) error {
	t, name := tenant.FromContext(r.Context()), r.PathValue("name")
	if err := checkName(name); err != nil {
		return err
	}
	s, err := a.Catalog.state(r.Context(), t)
	if err != nil {
		return err
	}
	if template := s.template(name); template == nil || !template.dataStream {
		return esapi.Illegal("no matching index template found for data stream [" + name + "]")
	}
	if _, there := s.streams[name]; there {
		return &esapi.Error{Status: http.StatusBadRequest, Type: "resource_already_exists_exception", Reason: "data_stream [" + name + "] already exists"}
	}
	if err := a.Catalog.put(r.Context(), t, kindDataStream, name, streamDocument{}); err != nil {
		return err
	}
	return acknowledge(w, r)
}

// streams returns the data streams that the path means: those that were created, and
// those that came into being by a document.
func (a *Admin) streams(r *http.Request) (*state, []string, error) {
	t := tenant.FromContext(r.Context())
	all, err := a.names(r.Context(), t)
	if err != nil {
		return nil, nil, err
	}
	s, err := a.Catalog.state(r.Context(), t)
	if err != nil {
		return nil, nil, err
	}
	var out []string
	want := wanted(r)
	for _, name := range all {
		if s.isStream(name) && want(name) {
			out = append(out, name)
		}
	}
	if name := r.PathValue("name"); len(out) == 0 && name != "" && !strings.Contains(name, "*") {
		return nil, nil, esapi.NoSuchIndex(name)
	}
	return s, out, nil
}

func (a *Admin) getStreams(w http.ResponseWriter, r *http.Request) error {
	s, names, err := a.streams(r)
	if err != nil {
		return err
	}
	t := tenant.FromContext(r.Context())
	list := make([]map[string]any, len(names))
	for i, name := range names {
		one := map[string]any{
			"name": name, "timestamp_field": map[string]string{"name": "@timestamp"}, "generation": 1, "status": "GREEN",
			"indices": []map[string]any{{"index_name": name, "index_uuid": esapi.IndexUUID(string(t), name)}},
			"hidden":  strings.HasPrefix(name, "."), "system": false, "allow_custom_routing": false, "replicated": false,
		}
		if template := s.template(name); template != nil {
			one["template"] = template.name
			if template.policy != "" {
				one["ilm_policy"] = template.policy
			}
		}
		if l := s.streamLifecycle(name); l != nil {
			one["lifecycle"] = l
		}
		list[i] = one
	}
	esapi.WriteJSON(w, r, http.StatusOK, map[string]any{"data_streams": list})
	return nil
}

// streamLifecycle is a data stream's own retention, or its template's; nil: none.
func (s *state) streamLifecycle(name string) map[string]any {
	period := s.streams[name].retention
	if t := s.template(name); period == 0 && t != nil {
		period = t.retention
	}
	if period == 0 {
		return nil
	}
	return map[string]any{"enabled": true, "data_retention": elasticDuration(period)}
}

func (a *Admin) getStreamLifecycle(w http.ResponseWriter, r *http.Request) error {
	s, names, err := a.streams(r)
	if err != nil {
		return err
	}
	list := make([]map[string]any, len(names))
	for i, name := range names {
		list[i] = map[string]any{"name": name}
		if l := s.streamLifecycle(name); l != nil {
			list[i]["lifecycle"] = l
		}
	}
	esapi.WriteJSON(w, r, http.StatusOK, map[string]any{"data_streams": list})
	return nil
}

func (a *Admin) putStreamLifecycle(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		DataRetention string `json:"data_retention"`
		Enabled       *bool  `json:"enabled"`
		Downsampling  any    `json:"downsampling"`
	}
	if err := readBody(r, &body, false); err != nil {
		return err
	}
	if body.DataRetention != "" {
		if d, err := parseDuration(body.DataRetention); err != nil {
			return err
		} else if d == 0 {
			return esapi.Illegal("data_retention must be more than 0")
		}
	}
	if body.Enabled != nil && !*body.Enabled {
		body.DataRetention = ""
	}
	return a.setStreamLifecycle(w, r, streamDocument{DataRetention: body.DataRetention})
}

func (a *Admin) deleteStreamLifecycle(w http.ResponseWriter, r *http.Request) error {
	return a.setStreamLifecycle(w, r, streamDocument{})
}

func (a *Admin) setStreamLifecycle(w http.ResponseWriter, r *http.Request, d streamDocument) error {
	_, names, err := a.streams(r)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := a.Catalog.put(r.Context(), tenant.FromContext(r.Context()), kindDataStream, name, d); err != nil {
			return err
		}
	}
	return acknowledge(w, r)
}

func (a *Admin) deleteStream(w http.ResponseWriter, r *http.Request) error {
	if strings.Contains(r.PathValue("name"), "*") {
		return esapi.Illegal("Wildcard expressions are not allowed")
	}
	_, names, err := a.streams(r)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := a.drop(r, tenant.FromContext(r.Context()), kindDataStream, name); err != nil {
			return err
		}
	}
	return acknowledge(w, r)
}

func (a *Admin) pipelineRoutes(t *routeTable) {
	t.add(httpx.Read, a.getPipelines, "GET /_ingest/pipeline", "GET /_ingest/pipeline/{name}")
	t.add(httpx.Edit, a.putPipeline, "PUT /_ingest/pipeline/{name}")
	t.add(httpx.Edit, a.deletePipeline, "DELETE /_ingest/pipeline/{name}")
}

func (a *Admin) getPipelines(w http.ResponseWriter, r *http.Request) error {
	status := http.StatusOK
	if name := r.PathValue("name"); name != "" && !strings.Contains(name, "*") {
		status = http.StatusNotFound
	}
	esapi.WriteJSON(w, r, status, map[string]any{})
	return nil
}

func (a *Admin) putPipeline(_ http.ResponseWriter, r *http.Request) error {
	return esapi.Illegal(fmt.Sprintf("ingest pipelines are not supported, [%.64s] is not stored: documents are kept as they come", r.PathValue("name")))
}

func (a *Admin) deletePipeline(_ http.ResponseWriter, r *http.Request) error {
	return notFound("resource_not_found_exception", "pipeline ["+r.PathValue("name")+"] is missing")
}
