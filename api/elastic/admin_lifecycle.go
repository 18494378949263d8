package elastic

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

func (a *Admin) lifecycleRoutes(t *routeTable) {
	t.add(httpx.Read, a.getPolicies, "GET /_ilm/policy", "GET /_ilm/policy/{name}")
	t.add(httpx.Admin, a.putPolicy, "PUT /_ilm/policy/{name}")
	t.add(httpx.Admin, a.deletePolicy, "DELETE /_ilm/policy/{name}")
	t.add(httpx.Read, a.lifecycleStatus, "GET /_ilm/status")
	t.add(httpx.Read, a.explainLifecycle, "GET /{index}/_ilm/explain")
}

func (a *Admin) putPolicy(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	if err := checkObjectName(name); err != nil {
		return err
	}
	var body json.RawMessage
	if err := readBody(r, &body, true); err != nil {
		return err
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(body, &keys); err != nil || len(keys) != 1 || keys["policy"] == nil {
		return &esapi.Error{Status: http.StatusBadRequest, Type: "x_content_parse_exception", Reason: "want one field [policy]"}
	}
	if _, err := parsePolicy(body); err != nil {
		return err
	}
	if err := a.Catalog.put(r.Context(), tenant.FromContext(r.Context()), kindPolicy, name, body); err != nil {
		return err
	}
	return acknowledge(w, r)
}

func (a *Admin) getPolicies(w http.ResponseWriter, r *http.Request) error {
	s, err := a.Catalog.state(r.Context(), tenant.FromContext(r.Context()))
	if err != nil {
		return err
	}
	name, want := r.PathValue("name"), wanted(r)
	out := map[string]any{}
	for _, o := range s.objects[kindPolicy] {
		if !want(o.name) {
			continue
		}
		var body struct {
			Policy json.RawMessage `json:"policy"`
		}
		if err := json.Unmarshal(o.raw, &body); err != nil {
			return fmt.Errorf("read stored policy %q: %w", o.name, err)
		}
		templates, indices := []string{}, []string{}
		for _, t := range s.templates {
			if t.policy == o.name {
				templates = append(templates, t.name)
			}
		}
		for index, i := range s.indices {
			if i.policy == o.name {
				indices = append(indices, index)
			}
		}
		out[o.name] = map[string]any{"version": 1, "modified_date": o.updated.Format("2006-01-02T15:04:05.000Z"), "policy": body.Policy,
			"in_use_by": map[string]any{"indices": indices, "data_streams": []string{}, "composable_templates": templates}}
	}
	if len(out) == 0 && name != "" && !strings.Contains(name, "*") {
		return notFound("resource_not_found_exception", "Lifecycle policy not found: "+name)
	}
	esapi.WriteJSON(w, r, http.StatusOK, out)
	return nil
}

func (a *Admin) deletePolicy(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	there, err := a.Catalog.remove(r.Context(), tenant.FromContext(r.Context()), kindPolicy, name)
	if err != nil {
		return err
	}
	if !there {
		return notFound("resource_not_found_exception", "Lifecycle policy not found: "+name)
	}
	return acknowledge(w, r)
}

func (a *Admin) lifecycleStatus(w http.ResponseWriter, r *http.Request) error {
	esapi.WriteJSON(w, r, http.StatusOK, map[string]string{"operation_mode": "RUNNING"})
	return nil
}

// explainLifecycle says of indices by which policy and for how long entries are kept.
func (a *Admin) explainLifecycle(w http.ResponseWriter, r *http.Request) error {
	names, err := a.resolve(r, r.PathValue("index"))
	if err != nil {
		return err
	}
	s, err := a.Catalog.state(r.Context(), tenant.FromContext(r.Context()))
	if err != nil {
		return err
	}
	out := map[string]any{}
	for _, name := range names {
		policy := s.effectOf(name).policy
		one := map[string]any{"index": name, "managed": policy != ""}
		if policy != "" {
			one["policy"] = policy
			if age := s.policies[policy].age; age > 0 {
				one["phase"], one["kept_for"] = "hot", elasticDuration(age)
			}
		}
		out[name] = one
	}
	esapi.WriteJSON(w, r, http.StatusOK, map[string]any{"indices": out})
	return nil
}

// effectOf is what holds for an index: what it was given, else what its template says.
func (s *state) effectOf(name string) effect {
	e := s.indices[name].effect
	if e.policy != "" {
		return e
	}
	if t := s.template(name); t != nil {
		return t.effect.over(e)
	}
	return e
}

func elasticDuration(d time.Duration) string {
	for _, u := range []struct {
		unit   time.Duration
		suffix string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if d%u.unit == 0 {
			return fmt.Sprintf("%d%s", d/u.unit, u.suffix)
		}
	}
	return fmt.Sprintf("%dms", d.Milliseconds())
}
