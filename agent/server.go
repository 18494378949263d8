package agent

import (
	"context"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/internal/rungroup"
)

// server is the agent's own HTTP server, nil if none is wanted.
func (a *Agent) server() (*rungroup.Part, error) {
	cfg := a.o.Config.Server
	addr := a.o.Listen
	switch {
	case addr != "":
	case cfg.Disable || cfg.ListenPort == nil:
		return nil, nil
	default:
		addr = net.JoinHostPort(cfg.ListenAddress, strconv.Itoa(*cfg.ListenPort))
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for HTTP: %w", err)
	}
	a.log.Info("agent listens", "address", l.Addr().String())
	srv := httpx.Server{Handler: a.Handler(), Logger: a.log, MaxConnections: 64, Drain: time.Second}
	return &rungroup.Part{Name: "http", Run: func(ctx context.Context) error { return srv.Serve(ctx, l) }}, nil
}

// Handler serves what Promtail's server does: /ready, /metrics, /targets,
// /service-discovery, /config and, if the file enables it, /reload.
func (a *Agent) Handler() http.Handler {
	mux := http.NewServeMux()
	prefix := strings.TrimSuffix(a.o.Config.Server.PathPrefix, "/")
	handle := func(method, path string, h http.HandlerFunc) { mux.HandleFunc(method+" "+prefix+path, h) }
	handle("GET", "/ready", a.serveReady)
	mux.Handle("GET "+prefix+"/metrics", promhttp.HandlerFor(a.gatherers, promhttp.HandlerOpts{EnableOpenMetrics: true, MaxRequestsInFlight: 4}))
	handle("GET", "/targets", func(w http.ResponseWriter, _ *http.Request) { a.page(w, "Targets", false) })
	handle("GET", "/service-discovery", func(w http.ResponseWriter, _ *http.Request) { a.page(w, "Service Discovery", true) })
	handle("GET", "/config", func(w http.ResponseWriter, _ *http.Request) {
		render(w, pageData{Title: "Config", Prefix: prefix, Config: a.o.Config.Redacted()})
	})
	handle("GET", "/{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, prefix+"/targets", http.StatusSeeOther)
	})
	if a.o.Config.Server.EnableReload && a.o.Reload != nil {
		reload := func(w http.ResponseWriter, _ *http.Request) {
			if err := a.o.Reload(); err != nil {
				http.Error(w, "failed to reload config: "+err.Error(), http.StatusInternalServerError)
			}
		}
		handle("POST", "/reload", reload)
		handle("GET", "/reload", reload)
	}
	return mux
}

// serveReady answers as Promtail does: ready as soon as one target is.
func (a *Agent) serveReady(w http.ResponseWriter, _ *http.Request) {
	check := a.o.Config.Server.HealthCheckTarget
	if check == nil || *check {
		ready := false
		for _, j := range a.jobs {
			for _, t := range j.targets() {
				ready = ready || t.Ready
			}
		}
		if !ready {
			http.Error(w, "Not ready: Unable to find any logs to tail. Please verify permissions, volumes, scrape_config, etc.", http.StatusInternalServerError)
			return
		}
	}
	_, _ = fmt.Fprintln(w, "Ready")
}

// mostDropped is how many dropped targets of a job a page shows.
const mostDropped = 100

func (a *Agent) page(w http.ResponseWriter, title string, all bool) {
	data := pageData{Title: title, Prefix: strings.TrimSuffix(a.o.Config.Server.PathPrefix, "/")}
	for _, j := range a.jobs {
		pool := poolData{Job: j.conf.Name, Type: string(j.conf.Kind)}
		for _, t := range j.targets() {
			if t.Ready {
				pool.Ready++
			}
			if t.Dropped != "" {
				pool.Dropped++
				if !all || pool.Dropped > mostDropped {
					continue
				}
			} else {
				pool.Active++
			}
			pool.Targets = append(pool.Targets, t)
		}
		data.Pools = append(data.Pools, pool)
	}
	render(w, data)
}

type pageData struct {
	Title, Prefix, Config string
	Pools                 []poolData
}

type poolData struct {
	Job, Type              string
	Active, Dropped, Ready int
	Targets                []Status
}

func render(w http.ResponseWriter, data pageData) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = pages.Execute(w, data) // whoever asked has gone
}

// pages is the one page that all are.
var pages = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Pharos agent: {{.Title}}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root { color-scheme: light dark; font: 14px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 80rem; padding: 1rem; }
nav a { margin-right: 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .5rem; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
code, pre { font-family: ui-monospace, monospace; font-size: 12px; }
.label { display: inline-block; border: 1px solid #8886; border-radius: 3px; padding: 0 .3rem; margin: 0 .2rem .2rem 0; }
</style></head><body>
<nav><strong>Pharos agent</strong> &nbsp; <a href="{{.Prefix}}/targets">Targets</a><a href="{{.Prefix}}/service-discovery">Service Discovery</a><a href="{{.Prefix}}/config">Config</a><a href="{{.Prefix}}/metrics">Metrics</a></nav>
<h1>{{.Title}}</h1>
{{if .Config}}<pre>{{.Config}}</pre>{{end}}
{{range .Pools}}
<h2>{{.Job}} <small>({{.Type}}: {{.Ready}}/{{.Active}} ready{{if .Dropped}}, {{.Dropped}} dropped{{end}})</small></h2>
<table><thead><tr><th>Type</th><th>Ready</th><th>Labels</th><th>Discovered</th><th>Details</th></tr></thead><tbody>
{{range .Targets}}<tr><td>{{.Type}}</td><td>{{if .Dropped}}dropped{{else}}{{.Ready}}{{end}}</td>
<td>{{range $k, $v := .Labels}}<code class="label">{{$k}}="{{$v}}"</code>{{end}}</td>
<td>{{range $k, $v := .Discovered}}<code class="label">{{$k}}="{{$v}}"</code>{{end}}</td>
<td>{{.Dropped}}{{range $k, $v := .Details}}<div><code>{{$k}}</code>: {{$v}}</div>{{end}}</td></tr>
{{else}}<tr><td colspan="5">none</td></tr>{{end}}
</tbody></table>
{{end}}
</body></html>
`))
