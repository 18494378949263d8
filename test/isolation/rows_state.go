package isolation

// StateRows are what people make: dashboards, alerts that programs push, silences.
func StateRows() []Row {
	const dashboards, alerts, silences = "/api/pharos/v1/dashboards", "/api/v2/alerts", "/api/v2/silences"
	const json = "application/json"
	return []Row{
		{
			Name: "dashboards",
			Push: Request{Method: "POST", Path: dashboards, ContentType: json,
				Body: `{"dashboard":{"uid":"{marker}","title":"{marker}","schemaVersion":39,"panels":[]},"folder":""}`},
			Reads: []Request{{Method: "GET", Path: dashboards}, {Method: "GET", Path: dashboards + "/{marker}"}, {Method: "GET", Path: dashboards + "/{marker}/source"}},
		},
		{
			Name:  "alerts",
			Push:  Request{Method: "POST", Path: alerts, ContentType: json, Body: `[{"labels":{"alertname":"{marker}"}}]`},
			Reads: []Request{{Method: "GET", Path: alerts}, {Method: "GET", Path: "/api/v2/alerts/groups"}},
		},
		{
			Name: "silences",
			Push: Request{Method: "POST", Path: silences, ContentType: json,
				Body: `{"matchers":[{"name":"a","value":"{marker}","isRegex":false,"isEqual":true}],` +
					`"startsAt":"2020-01-01T00:00:00Z","endsAt":"2099-01-01T00:00:00Z","createdBy":"isolation","comment":"{marker}"}`},
			Reads: []Request{{Method: "GET", Path: silences}},
		},
	}
}
