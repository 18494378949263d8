package elastic

import (
	"net/http"
	"strings"

	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/internal/version"
	"github.com/pharosd/pharos/tenant"
)

// clusterName and nodeName are what a single process is called; ids are stable.
const (
	clusterName = "pharos"
	nodeName    = "pharos"
	nodeID      = "cGhhcm9zLW5vZGUtMDAwMQ"
	clusterUUID = "cGhhcm9zLWNsdXN0ZXItMQ"
)

func (a *Admin) clusterRoutes(t *routeTable) {
	t.add(httpx.Public, a.info, "GET /{$}")
	t.add(httpx.Public, a.license, "GET /_license")
	t.add(httpx.Public, a.xpack, "GET /_xpack")
	t.add(httpx.Read, a.health, "GET /_cluster/health", "GET /_cluster/health/{index}")
	t.add(httpx.Read, a.clusterSettings, "GET /_cluster/settings")
	t.add(httpx.Admin, a.putClusterSettings, "PUT /_cluster/settings")
	t.add(httpx.Read, a.nodes, "GET /_nodes", "GET /_nodes/{metric}", "GET /_nodes/{node}/{metric}")
	t.add(httpx.Read, a.whoAmI, "GET /_security/_authenticate")
}

func (a *Admin) info(w http.ResponseWriter, r *http.Request) error {
	esapi.WriteJSON(w, r, http.StatusOK, map[string]any{
		"name": nodeName, "cluster_name": clusterName, "cluster_uuid": clusterUUID,
		"version": map[string]any{
			"number": esapi.Version, "build_flavor": "default", "build_type": "pharos", "build_hash": version.Version,
			"build_date": a.started.UTC().Format("2006-01-02T15:04:05.000Z"), "build_snapshot": false, "lucene_version": "9.12.2",
			"minimum_wire_compatibility_version": "7.17.0", "minimum_index_compatibility_version": "7.0.0",
		},
		"tagline": "You Know, for Search",
	})
	return nil
}

func (a *Admin) license(w http.ResponseWriter, r *http.Request) error {
	esapi.WriteJSON(w, r, http.StatusOK, map[string]any{"license": map[string]any{
		"status": "active", "uid": clusterUUID, "type": "basic", "issue_date_in_millis": a.started.UnixMilli(),
		"issue_date": a.started.UTC().Format("2006-01-02T15:04:05.000Z"), "issued_to": clusterName, "issuer": "pharos", "start_date_in_millis": -1,
	}})
	return nil
}

func (a *Admin) xpack(w http.ResponseWriter, r *http.Request) error {
	feature := func(on bool) map[string]any { return map[string]any{"available": on, "enabled": on} }
	esapi.WriteJSON(w, r, http.StatusOK, map[string]any{
		"build":   map[string]any{"hash": version.Version, "date": a.started.UTC().Format("2006-01-02T15:04:05.000Z")},
		"license": map[string]any{"uid": clusterUUID, "type": "basic", "mode": "basic", "status": "active"},
		"features": map[string]any{
			"ilm": feature(true), "data_streams": feature(true), "security": feature(true),
			"ml": feature(false), "watcher": feature(false), "rollup": feature(false), "transform": feature(false), "monitoring": feature(false),
		},
		"tagline": "You know, for X",
	})
	return nil
}

// health is green as long as this answers: there is one node, and each index has one
// shard there. A store that cannot be read makes it an error, not a colour.
func (a *Admin) health(w http.ResponseWriter, r *http.Request) error {
	names, err := a.resolve(r, r.PathValue("index"))
	if err != nil {
		return err
	}
	n := len(names)
	body := map[string]any{
		"cluster_name": clusterName, "status": "green", "timed_out": false, "number_of_nodes": 1, "number_of_data_nodes": 1,
		"active_primary_shards": n, "active_shards": n, "relocating_shards": 0, "initializing_shards": 0, "unassigned_shards": 0,
		"unassigned_primary_shards": 0, "delayed_unassigned_shards": 0, "number_of_pending_tasks": 0, "number_of_in_flight_fetch": 0,
		"task_max_waiting_in_queue_millis": 0, "active_shards_percent_as_number": 100.0,
	}
	if level := r.URL.Query().Get("level"); level == "indices" || level == "shards" {
		indices := map[string]any{}
		for _, name := range names {
			indices[name] = map[string]any{"status": "green", "number_of_shards": 1, "number_of_replicas": 0, "active_primary_shards": 1,
				"active_shards": 1, "relocating_shards": 0, "initializing_shards": 0, "unassigned_shards": 0, "unassigned_primary_shards": 0}
		}
		body["indices"] = indices
	}
	esapi.WriteJSON(w, r, http.StatusOK, body)
	return nil
}

func (a *Admin) clusterSettings(w http.ResponseWriter, r *http.Request) error {
	none := map[string]any{}
	body := map[string]any{"persistent": none, "transient": none}
	if defaults, err := esapi.Flag(r, "include_defaults"); err != nil {
		return err
	} else if defaults {
		body["defaults"] = none
	}
	esapi.WriteJSON(w, r, http.StatusOK, body)
	return nil
}

func (a *Admin) putClusterSettings(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Persistent map[string]any `json:"persistent"`
		Transient  map[string]any `json:"transient"`
	}
	if err := readBody(r, &body, true); err != nil {
		return err
	}
	for _, settings := range []map[string]any{body.Persistent, body.Transient} {
		for name, v := range settings {
			if v != nil {
				return esapi.Illegal("setting [" + name + "], not recognized: pharos.yml has the settings of this server")
			}
		}
	}
	none := map[string]any{}
	esapi.WriteJSON(w, r, http.StatusOK, map[string]any{"acknowledged": true, "persistent": none, "transient": none})
	return nil
}

// nodes tells of the one node. Its address is the one that the client came to, so
// that a client which goes where this points comes back.
func (a *Admin) nodes(w http.ResponseWriter, r *http.Request) error {
	host := r.Host
	name, _, _ := strings.Cut(host, ":")
	esapi.WriteJSON(w, r, http.StatusOK, map[string]any{
		"_nodes": shardCounts{1, 1, 0}, "cluster_name": clusterName,
		"nodes": map[string]any{nodeID: map[string]any{
			"name": nodeName, "transport_address": host, "host": name, "ip": name, "version": esapi.Version, "build_flavor": "default",
			"build_type": "pharos", "build_hash": version.Version, "roles": []string{"data", "ingest", "master"}, "attributes": map[string]any{},
			"http": map[string]any{"bound_address": []string{host}, "publish_address": host, "max_content_length_in_bytes": 100 << 20},
		}},
	})
	return nil
}

func (a *Admin) whoAmI(w http.ResponseWriter, r *http.Request) error {
	who, ok := auth.FromContext(r.Context())
	if !ok {
		who = auth.Identity{Name: "unknown", Tenant: tenant.FromContext(r.Context())}
	}
	realm := map[string]any{"name": "pharos", "type": "native"}
	esapi.WriteJSON(w, r, http.StatusOK, map[string]any{
		"username": who.Name, "roles": []string{string(who.Role)}, "full_name": nil, "email": nil, "enabled": true,
		"metadata": map[string]any{"tenant": string(who.Tenant)}, "authentication_realm": realm, "lookup_realm": realm, "authentication_type": "realm",
	})
	return nil
}
