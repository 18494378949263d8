package elastic

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

func (a *Admin) catRoutes(t *routeTable) {
	t.add(httpx.Read, a.cat, "GET /_cat")
	t.add(httpx.Read, a.catIndices, "GET /_cat/indices", "GET /_cat/indices/{index}")
	t.add(httpx.Read, a.catHealth, "GET /_cat/health")
	t.add(httpx.Read, a.catAliases, "GET /_cat/aliases", "GET /_cat/aliases/{name}")
	t.add(httpx.Read, a.catTemplates, "GET /_cat/templates", "GET /_cat/templates/{name}")
}

func (a *Admin) cat(w http.ResponseWriter, r *http.Request) error {
	esapi.WriteText(w, r, "=^.^=\n/_cat/aliases\n/_cat/aliases/{alias}\n/_cat/health\n/_cat/indices\n/_cat/indices/{index}\n/_cat/templates\n/_cat/templates/{template}\n")
	return nil
}

// catIndices lists indices. Sizes are those of the documents' sources; what they take
// on disk, compressed and together with others, is not known by index.
func (a *Admin) catIndices(w http.ResponseWriter, r *http.Request) error {
	t := tenant.FromContext(r.Context())
	names, err := a.resolve(r, r.PathValue("index"))
	if err != nil {
		return err
	}
	sizes, err := a.sizes(r.Context(), t, names)
	if err != nil {
		return err
	}
	table := catTable{columns: []catColumn{
		{name: "health", aliases: []string{"h"}, help: "current health status"},
		{name: "status", aliases: []string{"s"}, help: "open/close status"},
		{name: "index", aliases: []string{"i", "idx"}, help: "index name"},
		{name: "uuid", aliases: []string{"id"}, help: "index uuid"},
		{name: "pri", aliases: []string{"p", "shards.primary", "shardsPrimary"}, right: true, help: "number of primary shards"},
		{name: "rep", aliases: []string{"r", "shards.replica", "shardsReplica"}, right: true, help: "number of replica shards"},
		{name: "docs.count", aliases: []string{"dc", "docsCount"}, right: true, help: "available docs"},
		{name: "docs.deleted", aliases: []string{"dd", "docsDeleted"}, right: true, help: "deleted docs"},
		{name: "store.size", aliases: []string{"ss", "storeSize"}, right: true, help: "size of the documents' sources"},
		{name: "pri.store.size", right: true, help: "size of the documents' sources"},
		{name: "dataset.size", right: true, help: "size of the documents' sources"},
	}}
	if health := r.URL.Query().Get("health"); health != "" && health != "green" {
		sizes = nil
	}
	for _, s := range sizes {
		size, err := byteText(s.bytes, r.URL.Query().Get("bytes"))
		if err != nil {
			return err
		}
		table.rows = append(table.rows, []string{"green", "open", s.name, esapi.IndexUUID(string(t), s.name), "1", "0",
			strconv.FormatUint(s.docs, 10), "0", size, size, size})
	}
	return table.write(w, r)
}

func (a *Admin) catHealth(w http.ResponseWriter, r *http.Request) error {
	names, err := a.resolve(r, "")
	if err != nil {
		return err
	}
	now, n := a.now().UTC(), strconv.Itoa(len(names))
	table := catTable{rows: [][]string{{strconv.FormatInt(now.Unix(), 10), now.Format("15:04:05"), clusterName, "green", "1", "1", n, n, "0", "0", "0", "0", "0", "-", "100.0%"}}}
	for _, name := range []string{"epoch", "timestamp", "cluster", "status", "node.total", "node.data", "shards", "pri", "relo", "init", "unassign", "unassign.pri", "pending_tasks", "max_task_wait_time", "active_shards_percent"} {
		table.columns = append(table.columns, catColumn{name: name, right: name != "cluster" && name != "status" && name != "timestamp"})
	}
	return table.write(w, r)
}

// wanted tests names against the path's comma-separated patterns; none means all.
func wanted(r *http.Request) func(string) bool {
	if p := r.PathValue("name"); p != "" {
		return esapi.Expand(p)
	}
	return func(string) bool { return true }
}

func (a *Admin) catAliases(w http.ResponseWriter, r *http.Request) error {
	s, err := a.Catalog.state(r.Context(), tenant.FromContext(r.Context()))
	if err != nil {
		return err
	}
	table := catTable{columns: []catColumn{{name: "alias", aliases: []string{"a"}}, {name: "index", aliases: []string{"i", "idx"}}, {name: "filter", aliases: []string{"f", "fi"}},
		{name: "routing.index", aliases: []string{"ri"}}, {name: "routing.search", aliases: []string{"rs"}}, {name: "is_write_index", aliases: []string{"w"}}}}
	want := wanted(r)
	for alias, holders := range s.aliases() {
		for _, h := range holders {
			write := "-"
			if h.write || h.denied {
				write = strconv.FormatBool(h.write)
			}
			if want(alias) {
				table.rows = append(table.rows, []string{alias, h.index, "-", "-", "-", write})
			}
		}
	}
	if err := table.sort("alias,index"); err != nil {
		return err
	}
	return table.write(w, r)
}

func (a *Admin) catTemplates(w http.ResponseWriter, r *http.Request) error {
	s, err := a.Catalog.state(r.Context(), tenant.FromContext(r.Context()))
	if err != nil {
		return err
	}
	table := catTable{columns: []catColumn{{name: "name", aliases: []string{"n"}}, {name: "index_patterns", aliases: []string{"t"}},
		{name: "order", aliases: []string{"o", "p"}, right: true}, {name: "version", aliases: []string{"v"}}, {name: "composed_of", aliases: []string{"c"}}}}
	want := wanted(r)
	for _, t := range s.templates {
		if want(t.name) {
			table.rows = append(table.rows, []string{t.name, "[" + strings.Join(t.patterns, ", ") + "]", strconv.FormatInt(t.priority, 10), t.version, "[" + strings.Join(t.composedOf, ", ") + "]"})
		}
	}
	if err := table.sort("name"); err != nil {
		return err
	}
	return table.write(w, r)
}
