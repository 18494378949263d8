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

func (a *Admin) aliasRoutes(t *routeTable) {
	t.add(httpx.Read, a.getAliases, "GET /_alias", "GET /_aliases", "GET /_alias/{name}", "GET /{index}/_alias", "GET /{index}/_alias/{name}")
	t.add(httpx.Edit, a.changeAliases, "POST /_aliases")
	t.add(httpx.Edit, a.putAlias, "PUT /{index}/_alias/{name}", "POST /{index}/_alias/{name}", "PUT /{index}/_aliases/{name}", "POST /{index}/_aliases/{name}")
	t.add(httpx.Edit, a.deleteAlias, "DELETE /{index}/_alias/{name}", "DELETE /{index}/_aliases/{name}")
}

func (a *Admin) getAliases(w http.ResponseWriter, r *http.Request) error {
	names, err := a.resolve(r, r.PathValue("index"))
	if err != nil {
		return err
	}
	s, err := a.Catalog.state(r.Context(), tenant.FromContext(r.Context()))
	if err != nil {
		return err
	}
	asked, want := r.PathValue("name"), wanted(r)
	out, found := map[string]any{}, false
	for _, name := range names {
		d, err := s.document(name)
		if err != nil {
			return err
		}
		maps.DeleteFunc(d.Aliases, func(a string, _ alias) bool { return !want(a) })
		found = found || len(d.Aliases) > 0
		if asked == "" || len(d.Aliases) > 0 {
			out[name] = map[string]any{"aliases": orEmpty(d.Aliases)}
		}
	}
	if asked != "" && !found && !strings.Contains(asked, "*") {
		esapi.WriteJSON(w, r, http.StatusNotFound, map[string]any{"error": "alias [" + asked + "] missing", "status": http.StatusNotFound})
		return nil
	}
	esapi.WriteJSON(w, r, http.StatusOK, out)
	return nil
}

// aliasAction is one action of _aliases.
type aliasAction struct {
	Index        stringList `json:"index"`
	Indices      stringList `json:"indices"`
	Alias        stringList `json:"alias"`
	Aliases      stringList `json:"aliases"`
	IsWriteIndex *bool      `json:"is_write_index"`
	MustExist    *bool      `json:"must_exist"`
	// Filter and the routings narrow an alias, which is not served.
	Filter        json.RawMessage `json:"filter"`
	Routing       any             `json:"routing"`
	IndexRouting  any             `json:"index_routing"`
	SearchRouting any             `json:"search_routing"`
	IsHidden      any             `json:"is_hidden"`
}

// maxActions bounds one request.
const maxActions = 1000

func (a *Admin) changeAliases(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Actions []map[string]aliasAction `json:"actions"`
	}
	if err := readBody(r, &body, true); err != nil {
		return err
	}
	if len(body.Actions) == 0 {
		return esapi.Illegal("No action specified")
	}
	if len(body.Actions) > maxActions {
		return esapi.Illegal(fmt.Sprintf("there are %d actions, the limit is %d", len(body.Actions), maxActions))
	}
	for _, actions := range body.Actions {
		for what, action := range actions {
			if err := a.changeAlias(r, what, action); err != nil {
				return err
			}
		}
	}
	return acknowledge(w, r)
}

func (a *Admin) putAlias(w http.ResponseWriter, r *http.Request) error {
	var action aliasAction
	if err := readBody(r, &action, false); err != nil {
		return err
	}
	action.Index, action.Alias = stringList{r.PathValue("index")}, stringList{r.PathValue("name")}
	if err := a.changeAlias(r, "add", action); err != nil {
		return err
	}
	return acknowledge(w, r)
}

func (a *Admin) deleteAlias(w http.ResponseWriter, r *http.Request) error {
	must := true
	err := a.changeAlias(r, "remove", aliasAction{Index: stringList{r.PathValue("index")}, Alias: strings.Split(r.PathValue("name"), ","), MustExist: &must})
	if err != nil {
		return err
	}
	return acknowledge(w, r)
}

func (a *Admin) changeAlias(r *http.Request, what string, action aliasAction) error {
	t := tenant.FromContext(r.Context())
	if what != "add" && what != "remove" {
		return esapi.Illegal("the alias action [" + what + "] is not supported: add and remove are")
	}
	if len(action.Filter) > 0 && string(action.Filter) != "null" {
		return esapi.Illegal("aliases with a filter are not supported")
	}
	targets := strings.Join(append(action.Index, action.Indices...), ",")
	names := append(action.Alias, action.Aliases...)
	if targets == "" || len(names) == 0 {
		return esapi.Illegal("one of [index] or [indices], and one of [alias] or [aliases] is required")
	}
	indices, err := a.resolve(r, targets)
	if err != nil {
		return err
	}
	all, err := a.names(r.Context(), t)
	if err != nil {
		return err
	}
	found := what == "add"
	for _, index := range indices {
		s, err := a.Catalog.state(r.Context(), t)
		if err != nil {
			return err
		}
		d, err := s.document(index)
		if err != nil {
			return err
		}
		if d.Aliases == nil {
			d.Aliases = map[string]alias{}
		}
		for _, name := range names {
			if what == "remove" {
				before := len(d.Aliases)
				maps.DeleteFunc(d.Aliases, func(a string, _ alias) bool { return esapi.Match(name, a) })
				found = found || len(d.Aliases) < before
				continue
			}
			if err := checkAlias(name, all); err != nil {
				return err
			}
			d.Aliases[name] = alias{IsWriteIndex: action.IsWriteIndex}
		}
		if err := a.Catalog.put(r.Context(), t, kindIndex, index, d); err != nil {
			return err
		}
	}
	if !found && (action.MustExist == nil || *action.MustExist) {
		return notFound("aliases_not_found_exception", "aliases ["+strings.Join(names, ",")+"] missing")
	}
	return nil
}

// checkAlias says what is wrong with the name of an alias.
func checkAlias(name string, indices []string) error {
	if err := esapi.CheckName(name); err != nil {
		return &esapi.Error{Status: http.StatusBadRequest, Type: "invalid_alias_name_exception", Reason: strings.Replace(err.Reason, "index name", "alias name", 1)}
	}
	if slices.Contains(indices, name) {
		return &esapi.Error{Status: http.StatusBadRequest, Type: "invalid_alias_name_exception", Index: name,
			Reason: "Invalid alias name [" + name + "]: an index or data stream exists with the same name as the alias"}
	}
	return nil
}
