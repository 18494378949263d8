package elastic

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

func (a *Admin) templateRoutes(t *routeTable) {
	for kind, path := range map[string]string{kindIndexTemplate: "/_index_template", kindLegacyTemplate: "/_template", kindComponent: "/_component_template"} {
		t.add(httpx.Read, a.getTemplates(kind), "GET "+path, "GET "+path+"/{name}")
		t.add(httpx.Edit, a.putTemplate(kind), "PUT "+path+"/{name}", "POST "+path+"/{name}")
		t.add(httpx.Edit, a.deleteTemplate(kind), "DELETE "+path+"/{name}")
	}
}

// templateKeys are what a template may have at its top.
var templateKeys = map[string][]string{
	kindIndexTemplate: {"index_patterns", "template", "composed_of", "priority", "version", "_meta", "data_stream", "allow_auto_create",
		"ignore_missing_component_templates", "deprecated"},
	kindLegacyTemplate: {"index_patterns", "order", "settings", "mappings", "aliases", "version"},
	kindComponent:      {"template", "version", "_meta", "deprecated", "allow_auto_create"},
}

func (a *Admin) putTemplate(kind string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		t, name := tenant.FromContext(r.Context()), r.PathValue("name")
		if err := checkObjectName(name); err != nil {
			return err
		}
		var body map[string]json.RawMessage
		if err := readBody(r, &body, true); err != nil {
			return err
		}
		for key := range body {
			if !slices.Contains(templateKeys[kind], key) {
				return &esapi.Error{Status: http.StatusBadRequest, Type: "x_content_parse_exception", Reason: fmt.Sprintf("[%s] unknown field [%.64s]", kind, key)}
			}
		}
		s, err := a.Catalog.state(r.Context(), t)
		if err != nil {
			return err
		}
		if create, err := esapi.Flag(r, "create"); err != nil {
			return err
		} else if create && s.find(kind, name) != nil {
			return esapi.Illegal(fmt.Sprintf("%s [%s] already exists", strings.ReplaceAll(kind, "_", " "), name))
		}
		if order := r.URL.Query().Get("order"); kind == kindLegacyTemplate && order != "" {
			if _, err := strconv.ParseInt(order, 10, 32); err != nil {
				return esapi.Illegal("Failed to parse int parameter [order] with value [" + order + "]")
			}
			body["order"] = json.RawMessage(order)
		}
		if err := s.checkTemplate(kind, name, body); err != nil {
			return err
		}
		if err := a.Catalog.put(r.Context(), t, kind, name, body); err != nil {
			return err
		}
		return acknowledge(w, r)
	}
}

// checkTemplate reads a template as a state would, and makes a list of its patterns.
func (s *state) checkTemplate(kind, name string, body map[string]json.RawMessage) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	probe := &state{components: map[string]effect{}}
	if kind == kindComponent {
		return parseFailure(name, probe.addComponent(name, raw))
	}
	if err := parseFailure(name, probe.addTemplate(kind, name, raw)); err != nil {
		return err
	}
	t := probe.templates[0]
	if len(t.patterns) == 0 || slices.Contains(t.patterns, "") {
		return &esapi.Error{Status: http.StatusBadRequest, Type: "action_request_validation_exception", Reason: "Validation Failed: 1: index patterns are missing;"}
	}
	if t.priority < 0 && !t.legacy {
		return esapi.Illegal("index template priority must be >= 0")
	}
	var optional struct {
		Ignore []string `json:"ignore_missing_component_templates"`
	}
	_ = json.Unmarshal(raw, &optional)
	var missing []string
	for _, c := range t.composedOf {
		if s.find(kindComponent, c) == nil && !slices.Contains(optional.Ignore, c) {
			missing = append(missing, c)
		}
	}
	if len(missing) > 0 {
		return &esapi.Error{Status: http.StatusBadRequest, Type: "invalid_index_template_exception",
			Reason: fmt.Sprintf("index_template [%s] invalid, cause [index template [%s] specifies component templates [%s] that do not exist]", name, name, strings.Join(missing, ", "))}
	}
	body["index_patterns"], err = json.Marshal(t.patterns)
	return err
}

func parseFailure(name string, err error) error {
	if err == nil {
		return nil
	}
	return &esapi.Error{Status: http.StatusBadRequest, Type: "mapper_parsing_exception", Reason: fmt.Sprintf("cannot read [%s]: %s", name, err)}
}

// checkObjectName bounds the names of templates and policies.
func checkObjectName(name string) error {
	if name == "" || len(name) > 255 || strings.ContainsAny(name, " ,*#\x00") || strings.HasPrefix(name, "_") {
		return esapi.Illegal(fmt.Sprintf("invalid name [%.64s]: 1 to 255 bytes, without space, comma, * and #, not beginning with _", name))
	}
	return nil
}

func (a *Admin) getTemplates(kind string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		s, err := a.Catalog.state(r.Context(), tenant.FromContext(r.Context()))
		if err != nil {
			return err
		}
		name := r.PathValue("name")
		want := wanted(r)
		var found []object
		for _, o := range s.objects[kind] {
			if want(o.name) {
				found = append(found, o)
			}
		}
		if len(found) == 0 && name != "" && !strings.Contains(name, "*") {
			if kind == kindLegacyTemplate {
				esapi.WriteJSON(w, r, http.StatusNotFound, map[string]any{})
				return nil
			}
			return notFound("resource_not_found_exception", fmt.Sprintf("%s matching [%s] not found", strings.ReplaceAll(kind, "_", " "), name))
		}
		if kind == kindLegacyTemplate {
			out := map[string]json.RawMessage{}
			for _, o := range found {
				out[o.name] = o.raw
			}
			esapi.WriteJSON(w, r, http.StatusOK, out)
			return nil
		}
		list := make([]map[string]any, len(found))
		for i, o := range found {
			list[i] = map[string]any{"name": o.name, kind: o.raw}
		}
		esapi.WriteJSON(w, r, http.StatusOK, map[string]any{kind + "s": list})
		return nil
	}
}

func (a *Admin) deleteTemplate(kind string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		t := tenant.FromContext(r.Context())
		for name := range strings.SplitSeq(r.PathValue("name"), ",") {
			if kind == kindComponent {
				s, err := a.Catalog.state(r.Context(), t)
				if err != nil {
					return err
				}
				for _, tpl := range s.templates {
					if slices.Contains(tpl.composedOf, name) {
						return esapi.Illegal(fmt.Sprintf("component templates [%s] cannot be removed as they are still in use by index templates [%s]", name, tpl.name))
					}
				}
			}
			there, err := a.Catalog.remove(r.Context(), t, kind, name)
			if err != nil {
				return err
			}
			if !there {
				return notFound("resource_not_found_exception", fmt.Sprintf("%s [%s] missing", kind, name))
			}
		}
		return acknowledge(w, r)
	}
}
