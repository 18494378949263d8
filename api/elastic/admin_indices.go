package elastic

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

func (a *Admin) indexRoutes(t *routeTable) {
	t.add(httpx.Read, a.getIndex("aliases", "mappings", "settings"), "GET /{index}")
	t.add(httpx.Edit, a.createIndex, "PUT /{index}")
	t.add(httpx.Admin, a.deleteIndex, "DELETE /{index}")
	t.add(httpx.Read, a.getIndex("settings"), "GET /_settings", "GET /{index}/_settings")
	t.add(httpx.Edit, a.putSettings, "PUT /{index}/_settings")
	t.add(httpx.Edit, a.putMapping, "PUT /{index}/_mapping", "POST /{index}/_mapping")
	// What is acknowledged can be found and is on disk: there is nothing to do.
	t.add(httpx.Write, a.nothing, "POST /_refresh", "POST /{index}/_refresh", "POST /_flush", "POST /{index}/_flush", "POST /{index}/_forcemerge")
	t.add(httpx.Read, a.nothing, "GET /_refresh", "GET /{index}/_refresh", "GET /_flush", "GET /{index}/_flush")
}

// indexBody is what an index may be created with.
type indexBody struct {
	Settings map[string]any   `json:"settings"`
	Mappings json.RawMessage  `json:"mappings"`
	Aliases  map[string]alias `json:"aliases"`
}

func (a *Admin) createIndex(w http.ResponseWriter, r *http.Request) error {
	t := tenant.FromContext(r.Context())
	name, ok := esapi.ResolveDateMath(r.PathValue("index"), a.now())
	if !ok {
		return esapi.Illegal("date math of this form is not supported in the index name [" + r.PathValue("index") + "]")
	}
	if err := checkName(name); err != nil {
		return err
	}
	var body indexBody
	if err := readBody(r, &body, false); err != nil {
		return err
	}
	all, err := a.names(r.Context(), t)
	if err != nil {
		return err
	}
	if slices.Contains(all, name) {
		return &esapi.Error{Status: http.StatusBadRequest, Type: "resource_already_exists_exception", Index: name,
			Reason: fmt.Sprintf("index [%s/%s] already exists", name, esapi.IndexUUID(string(t), name))}
	}
	s, err := a.Catalog.state(r.Context(), t)
	if err != nil {
		return err
	}
	template := s.template(name)
	if template != nil && template.dataStream {
		return esapi.Illegal(fmt.Sprintf("cannot create index with name [%s], because it matches with template [%s] that creates data streams only, use create data stream api instead", name, template.name))
	}
	if s.aliases()[name] != nil {
		return &esapi.Error{Status: http.StatusBadRequest, Type: "invalid_index_name_exception", Index: name, Reason: "Invalid index name [" + name + "], already exists as alias"}
	}
	d, err := s.document(name)
	if err != nil {
		return err
	}
	d.Created, d.Settings, d.Mappings = true, flatten(body.Settings), body.Mappings
	given := effect{aliases: d.Aliases}
	if template != nil {
		given = given.over(effect{aliases: template.aliases})
	}
	d.Aliases = given.over(effect{aliases: body.Aliases}).aliases
	for name := range d.Aliases {
		if err := checkAlias(name, all); err != nil {
			return err
		}
	}
	if err := a.Catalog.put(r.Context(), t, kindIndex, name, d); err != nil {
		return err
	}
	esapi.WriteJSON(w, r, http.StatusOK, map[string]any{"acknowledged": true, "shards_acknowledged": true, "index": name})
	return nil
}

// getIndex answers what is known of indices. Settings that say how there is one shard
// are real; of what a client set, what was given is given back.
func (a *Admin) getIndex(parts ...string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		t := tenant.FromContext(r.Context())
		names, err := a.resolve(r, r.PathValue("index"))
		if err != nil {
			return err
		}
		s, err := a.Catalog.state(r.Context(), t)
		if err != nil {
			return err
		}
		flat, err := esapi.Flag(r, "flat_settings")
		if err != nil {
			return err
		}
		out := map[string]any{}
		for _, name := range names {
			d, err := s.document(name)
			if err != nil {
				return fmt.Errorf("read stored index %q: %w", name, err)
			}
			settings := map[string]any{"index.number_of_shards": "1", "index.number_of_replicas": "0", "index.provided_name": name,
				"index.uuid": esapi.IndexUUID(string(t), name)}
			if o := s.find(kindIndex, name); o != nil && d.Created {
				settings["index.creation_date"] = fmt.Sprint(o.updated.UnixMilli())
			}
			if policy := s.effectOf(name).policy; policy != "" {
				settings["index.lifecycle.name"] = policy
			}
			maps.Copy(settings, d.Settings)
			all := map[string]any{"aliases": orEmpty(d.Aliases), "mappings": orEmptyRaw(d.Mappings), "settings": settings}
			if !flat {
				all["settings"] = nest(settings)
			}
			out[name] = pickParts(all, parts)
		}
		esapi.WriteJSON(w, r, http.StatusOK, out)
		return nil
	}
}

func pickParts(all map[string]any, parts []string) map[string]any {
	out := map[string]any{}
	for _, p := range parts {
		out[p] = all[p]
	}
	return out
}

func orEmpty(as map[string]alias) map[string]alias {
	if as == nil {
		return map[string]alias{}
	}
	return as
}

func orEmptyRaw(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 || string(raw) == "null" {
		return json.RawMessage("{}")
	}
	return raw
}

// change rewrites what is stored of each index that the path means.
func (a *Admin) change(r *http.Request, f func(d *indexDocument)) error {
	t := tenant.FromContext(r.Context())
	names, err := a.resolve(r, r.PathValue("index"))
	if err != nil {
		return err
	}
	for _, name := range names {
		s, err := a.Catalog.state(r.Context(), t)
		if err != nil {
			return err
		}
		d, err := s.document(name)
		if err != nil {
			return err
		}
		f(&d)
		if err := a.Catalog.put(r.Context(), t, kindIndex, name, d); err != nil {
			return err
		}
	}
	return nil
}

func (a *Admin) putSettings(w http.ResponseWriter, r *http.Request) error {
	var body map[string]any
	if err := readBody(r, &body, true); err != nil {
		return err
	}
	if nested, ok := body["settings"].(map[string]any); ok {
		body = nested
	}
	err := a.change(r, func(d *indexDocument) {
		if d.Settings == nil {
			d.Settings = map[string]any{}
		}
		for name, v := range flatten(body) {
			if v == nil {
				delete(d.Settings, name)
			} else {
				d.Settings[name] = v
			}
		}
	})
	if err != nil {
		return err
	}
	return acknowledge(w, r)
}

// putMapping keeps a mapping to give it back; values have the types that dynamic
// mapping would give them all the same.
func (a *Admin) putMapping(w http.ResponseWriter, r *http.Request) error {
	var body map[string]json.RawMessage
	if err := readBody(r, &body, true); err != nil {
		return err
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if err := a.change(r, func(d *indexDocument) { d.Mappings = raw }); err != nil {
		return err
	}
	return acknowledge(w, r)
}

// deleteIndex asks for everything of indices to be deleted. Patterns are refused, as
// Elasticsearch does by default.
func (a *Admin) deleteIndex(w http.ResponseWriter, r *http.Request) error {
	t, expression := tenant.FromContext(r.Context()), r.PathValue("index")
	if strings.Contains(expression, "*") || expression == "_all" {
		return esapi.Illegal("Wildcard expressions or all indices are not allowed")
	}
	names, err := a.resolve(r, expression)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := a.drop(r, t, kindIndex, name); err != nil {
			return err
		}
	}
	return acknowledge(w, r)
}

// drop deletes what an index holds and what is known of it. An index that never held
// anything needs no deletion.
func (a *Admin) drop(r *http.Request, t tenant.ID, kind, name string) error {
	held, err := a.Reader.LabelValues(r.Context(), t, everything(), indexLabel)
	if err != nil {
		return fmt.Errorf("list indices: %w", err)
	}
	s, err := a.Catalog.state(r.Context(), t)
	if err != nil {
		return err
	}
	empty := !slices.Contains(held, name) && s.find(kind, name) != nil
	switch {
	case empty:
	case !slices.Contains(held, name):
		return esapi.Illegal(fmt.Sprintf("index [%s] holds entries that did not come as documents: delete them by a deletion request with their own labels", name))
	case a.DeleteIndex == nil:
		return esapi.Illegal(fmt.Sprintf(`index [%s] cannot be deleted here: its entries go by retention, or by a deletion request for {index=%q}`, name, name))
	default:
		if err := a.DeleteIndex(r.Context(), t, name); err != nil {
			return err
		}
	}
	_, err = a.Catalog.remove(r.Context(), t, kind, name)
	return err
}

func (a *Admin) nothing(w http.ResponseWriter, r *http.Request) error {
	names, err := a.resolve(r, r.PathValue("index"))
	if err != nil {
		return err
	}
	n := len(names)
	esapi.WriteJSON(w, r, http.StatusOK, map[string]any{"_shards": shardCounts{n, n, 0}})
	return nil
}
