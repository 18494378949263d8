package isolation

// LibraryRows are what people keep beside dashboards.
func LibraryRows() []Row {
	const path = "/api/pharos/v1"
	return []Row{
		{
			Name: "dashboard versions",
			Push: Request{Method: "POST", Path: path + "/dashboards", ContentType: jsonType,
				Body: `{"dashboard":{"uid":"{marker}","title":"{marker}"},"message":"{marker}"}`},
			Reads: []Request{{Method: "GET", Path: path + "/dashboards/{marker}/versions"}, {Method: "GET", Path: path + "/dashboards/{marker}/versions/1"}},
		},
		{
			Name:  "folders",
			Push:  Request{Method: "POST", Path: path + "/folders", ContentType: jsonType, Body: `{"uid":"{marker}","title":"{marker}"}`},
			Reads: []Request{{Method: "GET", Path: path + "/folders"}, {Method: "GET", Path: path + "/folders/{marker}/permissions", Shows: `"entries":[]`}},
		},
		{
			Name: "annotations",
			Push: Request{Method: "POST", Path: path + "/annotations", ContentType: jsonType, Body: `{"time_ms":{now_ms},"text":"{marker}","tags":["{marker}"]}`},
			Reads: []Request{
				{Method: "GET", Path: path + "/annotations?limit=10000"}, {Method: "GET", Path: "/api/annotations?limit=10000"}, {Method: "GET", Path: "/api/annotations/tags?limit=10000"},
			},
		},
		{
			Name:  "annotations as Grafana's",
			Push:  Request{Method: "POST", Path: "/api/annotations", ContentType: jsonType, Body: `{"text":"{marker}"}`},
			Reads: []Request{{Method: "GET", Path: "/api/annotations?limit=10000"}},
		},
		{
			Name:  "annotations as Graphite's",
			Push:  Request{Method: "POST", Path: "/api/annotations/graphite", ContentType: jsonType, Body: `{"what":"{marker}","tags":"a b"}`},
			Reads: []Request{{Method: "GET", Path: path + "/annotations?limit=10000"}},
		},
		{
			Name:  "playlists",
			Push:  Request{Method: "POST", Path: path + "/playlists", ContentType: jsonType, Body: `{"name":"{marker}","interval_s":5,"items":[{"tag":"x"}]}`},
			Reads: []Request{{Method: "GET", Path: path + "/playlists"}},
		},
		{
			Name:  "saved searches",
			Push:  Request{Method: "POST", Path: path + "/saved", ContentType: jsonType, Body: `{"kind":"logs","name":"{marker}","query":{},"shared":true}`},
			Reads: []Request{{Method: "GET", Path: path + "/saved"}},
		},
		{
			Name:  "snapshots",
			Push:  Request{Method: "POST", Path: path + "/snapshots", ContentType: jsonType, Body: `{"name":"{marker}","dashboard":{}}`},
			Reads: []Request{{Method: "GET", Path: path + "/snapshots"}},
		},
		{
			Name: "reports",
			Push: Request{Method: "POST", Path: path + "/reports", ContentType: jsonType,
				Body: `{"name":"{marker}","dashboard_uid":"storage","format":"png","schedule":"0 8 * * *","recipients":["nobody@example.org"]}`},
			Reads: []Request{{Method: "GET", Path: path + "/reports"}},
		},
		{
			Name:  "library panels",
			Push:  Request{Method: "POST", Path: path + "/library-panels", ContentType: jsonType, Body: `{"uid":"{marker}","name":"{marker}","model":{"type":"text"}}`},
			Reads: []Request{{Method: "GET", Path: path + "/library-panels"}, {Method: "GET", Path: path + "/library-panels/{marker}"}},
		},
	}
}

// libraryExempt are the routes that ask for or change one thing by its name, which
// another tenant has not got: proven in api/v1.
func libraryExempt() map[string]string {
	const proven = "one of the caller's own things by its id, proven in api/v1"
	const path = " /api/pharos/v1"
	out := map[string]string{}
	for _, pattern := range []string{
		"PUT" + path + "/dashboards/{uid}", "PUT" + path + "/dashboards/{uid}/folder", "POST" + path + "/dashboards/{uid}/versions/{version}/restore",
		"PUT" + path + "/dashboards/{uid}/star", "DELETE" + path + "/dashboards/{uid}/star",
		"GET" + path + "/dashboards/{uid}/file", "POST" + path + "/dashboards/{uid}/file",
		"GET" + path + "/dashboards/{uid}/patch", "POST" + path + "/dashboards/{uid}/patch",
		"PUT" + path + "/folders/{uid}", "DELETE" + path + "/folders/{uid}", "PUT" + path + "/folders/{uid}/permissions",
		"GET" + path + "/annotations/{id}", "PUT" + path + "/annotations/{id}", "DELETE" + path + "/annotations/{id}",
		"GET /api/annotations/{id}", "PUT /api/annotations/{id}", "PATCH /api/annotations/{id}", "DELETE /api/annotations/{id}",
		"GET" + path + "/playlists/{id}", "PUT" + path + "/playlists/{id}", "DELETE" + path + "/playlists/{id}",
		"GET" + path + "/saved/{id}", "PUT" + path + "/saved/{id}", "DELETE" + path + "/saved/{id}",
		"GET" + path + "/dashboards/{uid}/shares", "POST" + path + "/dashboards/{uid}/shares", "DELETE" + path + "/shares/{key}", "DELETE" + path + "/snapshots/{key}",
		"GET" + path + "/dashboards/{uid}/render", "GET" + path + "/reports/{id}", "PUT" + path + "/reports/{id}", "DELETE" + path + "/reports/{id}", "POST" + path + "/reports/{id}/run", "GET" + path + "/reports/{id}/runs",
		"PUT" + path + "/library-panels/{uid}", "DELETE" + path + "/library-panels/{uid}",
	} {
		out[pattern] = proven
	}
	return out
}
