package pipelines

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pharosd/pharos/tenant"
)

func run1(t *testing.T, trial Trial) *Result {
	t.Helper()
	trial.File = "x.conf"
	now := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	trial.Now = func() time.Time { return now }
	if trial.Lookup == nil {
		trial.Lookup = func(string) (string, bool) { return "", false }
	}
	if trial.Limits == (Limits{}) {
		trial.Limits = webLimits()
	}
	return trial.Run(t.Context())
}

func steps(l LineRun) string {
	var b strings.Builder
	for _, s := range l.Steps {
		b.WriteString(s.Name)
		for _, c := range s.Changes {
			b.WriteString(" " + c.Field + ":" + string(c.Before) + ">" + string(c.After))
		}
		if s.Reason != "" {
			b.WriteString(" drop:" + s.Reason)
		}
		for _, f := range s.Failed {
			b.WriteString(" failed:" + f)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestLogstashStepByStep(t *testing.T) {
	r := run1(t, Trial{Dialect: Logstash, ECSDisabled: true, Lines: []string{`{"a":1}`, "no", "skip"}, Config: `filter {
  if [message] == "skip" { drop { } }
  json { source => "message" }
  if [a] { mutate { rename => { "a" => "[b][c]" } remove_field => "message" } } else { mutate { add_tag => "x" } }
}`})
	if len(r.Problems) > 0 || len(r.Lines) != 3 {
		t.Fatalf("problems %v, %d lines", r.Problems, len(r.Lines))
	}
	for i, want := range []string{
		`if [message] == "skip" (does not hold)
json a:>1
if [a]
mutate a:1> [b][c]:>1 message:"{\"a\":1}">
`,
		`if [message] == "skip" (does not hold)
json tags:>["_jsonparsefailure"] failed:_jsonparsefailure
else
mutate tags:["_jsonparsefailure"]>["_jsonparsefailure","x"]
`,
		`if [message] == "skip"
drop drop:drop_filter
`,
	} {
		if got := steps(r.Lines[i]); got != want {
			t.Errorf("line %d goes\n%swant\n%s", i+1, got, want)
		}
	}
	if got := string(r.Lines[0].Events[0]); got != `{"@timestamp":"2024-01-02T03:04:05.000Z","@version":"1","b":{"c":1}}` {
		t.Errorf("the first becomes %s", got)
	}
	if got := r.Lines[2].Dropped; len(got) != 1 || got[0] != "drop_filter" {
		t.Errorf("the third is dropped for %v", got)
	}
	var json *StepSum
	for i := range r.Steps {
		if r.Steps[i].Name == "json" {
			json = &r.Steps[i]
		}
	}
	if json == nil || json.Runs != 2 || json.Failed != 1 || json.Line != 3 || json.Took <= 0 {
		t.Errorf("json sums up to %+v", json)
	}
}

func TestPromtailStepByStep(t *testing.T) {
	r := run1(t, Trial{Dialect: Promtail, Labels: map[string]string{"job": "a"}, Lines: []string{"level=error msg=hi", "level=debug"}, Config: `
- logfmt: { mapping: { level: } }
- labels: { level: }
- match: { selector: '{level="debug"}', action: drop }
`})
	if len(r.Problems) > 0 {
		t.Fatalf("problems %v", r.Problems)
	}
	if got := steps(r.Lines[0]); !strings.Contains(got, `logfmt extracted.level:>"error"`) || !strings.Contains(got, `labels labels.level:>"error"`) {
		t.Errorf("the first goes\n%s", got)
	}
	if got := string(r.Lines[0].Events[0]); !strings.Contains(got, `"labels":{"job":"a","level":"error"}`) {
		t.Errorf("the first becomes %s", got)
	}
	if len(r.Lines[1].Dropped) != 1 {
		t.Errorf("the second is not dropped: %+v", r.Lines[1])
	}
}

func TestProblemsHavePlaces(t *testing.T) {
	for name, c := range map[string]struct {
		trial Trial
		want  string
	}{
		"syntax":    {Trial{Dialect: Logstash, Config: "filter {\n  mutate { a = 1 }\n}"}, "x.conf:2:14: expected => after a"},
		"unknown":   {Trial{Dialect: Logstash, Config: "filter { grk { } }"}, `x.conf:1:10: there is no filter "grk"`},
		"variables": {Trial{Dialect: Logstash, Config: `filter { mutate { add_tag => "${PATH}" } }`}, "the environment variable PATH is not set"},
		"yaml":      {Trial{Dialect: Promtail, Config: "- a\n  b: c: d"}, "x.conf:"},
		"stage":     {Trial{Dialect: Promtail, Config: "- regexp: {}"}, "x.conf:1:3: "},
		"no stages": {Trial{Dialect: Promtail, Config: "server: {}"}, "x.conf:1:1: no stages found"},
		"job":       {Trial{Dialect: Promtail, Job: "b", Config: "scrape_configs:\n- job_name: a\n"}, "there is no job b (there are a)"},
		"file":      {Trial{Dialect: Promtail, Untrusted: true, Config: "- match:\n    selector: '{a=\"b\"}'\n    stages:\n    - geoip: { db: /etc/passwd }"}, "x.conf:4:7: geoip reads a file"},
		"sleep":     {Trial{Dialect: Logstash, Untrusted: true, Config: "filter { sleep { time => 50 } }"}, "may not sleep"},
	} {
		r := run1(t, c.trial)
		var got []string
		for _, p := range r.Problems {
			got = append(got, p.String())
		}
		if !strings.Contains(strings.Join(got, "\n"), c.want) {
			t.Errorf("%s: problems %v, want %s", name, got, c.want)
		}
	}
}

func TestTrialsAreBounded(t *testing.T) {
	bomb := "filter {" + strings.Repeat(`clone { clones => ["a","b","c","d","e","f","g","h"] } `, 12) + "}"
	double := "filter {" + strings.Repeat(`mutate { replace => { "message" => "%{message}%{message}" } } `, 40) + "}"
	for name, c := range map[string]struct{ config, why string }{
		"events": {bomb, "steps"}, "size": {double, "makes an event of more than"},
	} {
		start := time.Now()
		r := run1(t, Trial{Dialect: Logstash, Config: c.config, Lines: []string{"0123456789"}})
		if !strings.Contains(r.Stopped, c.why) && !strings.Contains(r.Stopped, "bytes") {
			t.Errorf("%s: stopped %q, want %q; problems %v", name, r.Stopped, c.why, r.Problems)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
}

func TestEndpoints(t *testing.T) {
	mux := http.NewServeMux()
	for _, route := range New(nil).Routes() {
		mux.Handle(route.Pattern, route.Handler)
	}
	ask := func(method, path, body string) (int, string) {
		r := httptest.NewRequest(method, path, bytes.NewReader([]byte(body)))
		r = r.WithContext(tenant.NewContext(r.Context(), tenant.Default))
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	if status, body := ask("GET", "/api/pharos/v1/pipelines", ""); status != 200 || strings.TrimSpace(body) != `{"pipelines":[]}` {
		t.Errorf("the list is %d %s", status, body)
	}
	t.Setenv("PHAROS_TEST_SECRET", "hidden")
	trial, _ := json.Marshal(Trial{Dialect: Logstash, Lines: []string{"x"}, Config: `filter { mutate { add_tag => "${PHAROS_TEST_SECRET:shown}" } }`})
	if status, body := ask("POST", "/api/pharos/v1/pipelines/test", string(trial)); status != 200 || !strings.Contains(body, `"tags":["shown"]`) {
		t.Errorf("a trial by nobody in particular is %d %s", status, body)
	}
	for _, bad := range []string{"{", `{"dialect":"x"}`, `{"dialect":"logstash","codec":"avro"}`, `{"dialect":"logstash","lines":[` + strings.Repeat(`"",`, 600) + `""]}`} {
		if status, body := ask("POST", "/api/pharos/v1/pipelines/test", bad); status != 400 {
			t.Errorf("%.40s is answered with %d %s", bad, status, body)
		}
	}
}

// perTenant has one pipeline for each tenant.
type perTenant struct{}

func (perTenant) Pipelines(id tenant.ID) []Status { return []Status{{ID: "of " + string(id)}} }

func TestEachTenantSeesItsPipelines(t *testing.T) {
	a := New(perTenant{})
	for _, id := range []tenant.ID{"acme", "other"} {
		r := httptest.NewRequest("GET", "/", nil)
		w := httptest.NewRecorder()
		a.list(w, r.WithContext(tenant.NewContext(r.Context(), id)))
		if want := `"id":"of ` + string(id) + `"`; !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s sees %s", id, w.Body.String())
		}
	}
}

func TestOnlyTheProcessOwnerReadsFilesAndEnvironment(t *testing.T) {
	t.Setenv("PHAROS_TEST_SECRET", "hidden")
	r := httptest.NewRequest("POST", "/", nil)
	if ownsProcess(r) {
		t.Error("a request without an identity owns the process")
	}
}
