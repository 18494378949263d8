package adopt

import (
	"bytes"
	"cmp"
	"errors"
	"regexp"
	"slices"

	"github.com/pharosd/pharos/agent/conf"
	"github.com/pharosd/pharos/internal/strictyaml"
)

const (
	promtail = "Promtail"
	logstash = "Logstash"
)

var (
	promtailImages = []string{"grafana/promtail"}
	logstashImages = []string{"logstash", "logstash/logstash"}
)

// adoptPromtail leaves the file to the agent, which runs where the files are.
func adoptPromtail(a *adoption) {
	for _, f := range a.of(kindPromtail) {
		a.report(Differs, promtail, f, 0, "collection of files, containers, journals", "it is run by the agent, with the positions that Promtail left; its clients' addresses are replaced by --server")
		a.promtailNotes(f)
		a.commands = append(a.commands, "pharos agent --config "+a.relative(f.path)+" --server "+a.address(agentPort))
	}
}

// promtailNotes reports what the agent says of the file.
func (a *adoption) promtailNotes(f *file) {
	loaded, err := conf.Load(f.path, conf.Options{LookupEnv: a.opts.LookupEnv})
	var wrong *strictyaml.Error
	if errors.As(err, &wrong) {
		for _, p := range wrong.Problems {
			a.report(Unsupported, promtail, f, p.Line, cmp.Or(p.Key, "the file"), "%s", p.Message)
		}
		return
	}
	if err != nil {
		a.report(Unsupported, promtail, f, 0, "the file", "%s", err)
		return
	}
	for _, p := range loaded.Notes {
		a.report(Unsupported, promtail, f, p.Line, p.Key, "%s", p.Message)
	}
}

// agentPort is where the server takes OTLP over gRPC.
const agentPort = 4317

// adoptLogstash takes pipelines.yml, or each pipeline file that it does not name. All
// files of one folder are one pipeline to Logstash, when it is given the folder.
func adoptLogstash(a *adoption) {
	var files []path
	for _, f := range a.of(kindPipelines) {
		files = append(files, path(f.path))
		a.report(Taken, logstash, f, 0, "pipelines", "")
	}
	for _, f := range a.of(kindLogstash) {
		if len(a.of(kindPipelines)) > 0 {
			a.report(Taken, logstash, f, 0, "a pipeline, if pipelines.yml names it", "")
			continue
		}
		files = append(files, path(f.path))
		a.report(Taken, logstash, f, 0, "a pipeline", "")
		a.brokers(f)
	}
	if len(files) > 0 {
		a.setPipelines(files)
	}
	for _, f := range a.of(kindLogstashYML) {
		a.report(Differs, logstash, f, 0, "settings of the process", "workers and batches of a pipeline are set in pipelines.yml or pharos.yml; queues and monitoring have no meaning here")
	}
	for _, f := range a.of(kindBeats) {
		a.report(LeftAlone, "Beats", f, 0, "a shipper", "it goes on: point its output.logstash at a pipeline's beats input, or its output.elasticsearch at Pharos")
	}
}

// brokers names the servers that a pipeline reads from: they go on, and Pharos may know
// them by other addresses.
func (a *adoption) brokers(f *file) {
	for _, m := range brokerSetting.FindAllSubmatchIndex(f.text, -1) {
		servers := string(f.text[m[2]:m[3]])
		at := 1 + bytes.Count(f.text[:m[0]], []byte("\n"))
		a.report(Differs, logstash, f, at, "reads from "+servers, "if it has another address where Pharos runs, say so in pharos.yml: logstash: {hosts: {%q: ADDRESS}}", servers)
	}
}

var brokerSetting = regexp.MustCompile(`bootstrap_servers\s*=>\s*["']([^"']+)["']`)

func (a *adoption) setPipelines(files []path) {
	slices.Sort(files)
	a.draft.set("pipelines", "", files, a.byPath(string(files[0])))
}
