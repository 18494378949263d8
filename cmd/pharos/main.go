// Command pharos is the whole of Pharos: the server, the demonstration and the
// tools around them.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/alecthomas/kong"

	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/internal/envsubst"
	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/internal/version"
	"github.com/pharosd/pharos/metrics"
)

// Exit codes.
const (
	exitFailed     = 1
	exitBadRequest = 2 // the configuration or the command line is wrong
)

type cli struct {
	Serve      serveCmd      `cmd:"" help:"Run the server."`
	Agent      agentCmd      `cmd:"" help:"Collect logs by a Promtail configuration and send them on."`
	Demo       demoCmd       `cmd:"" help:"Run the server with a simulated system that it observes."`
	Adopt      adoptCmd      `cmd:"" help:"Look at a folder of configurations and write the pharos.yml that runs them."`
	Check      checkCmd      `cmd:"" help:"Validate pharos.yml and every file that it names, without starting."`
	Query      queryCmd      `cmd:"" help:"Ask a running server in PromQL or LogQL."`
	Tail       tailCmd       `cmd:"" help:"Follow log lines as they arrive."`
	Archive    archiveCmd    `cmd:"" help:"Look after archived logs."`
	Pipeline   pipelineCmd   `cmd:"" help:"Try and check pipelines: Logstash configurations, Promtail stages."`
	Dashboards dashboardsCmd `cmd:"" help:"Look at Grafana dashboards."`
	Users      usersCmd      `cmd:"" help:"Help people in who cannot sign in."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

type versionCmd struct{}

func (versionCmd) Run() error {
	fmt.Println(version.String())
	return nil
}

func main() {
	parser := kong.Must(&cli{},
		kong.Name("pharos"),
		kong.Description("Metrics, logs, traces, alerts and dashboards in one process."),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	ctx, err := parser.Parse(promtailFlags(os.Args[1:]))
	if err != nil {
		parser.Errorf("%s", err)
		os.Exit(exitBadRequest)
	}
	if err := ctx.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "pharos:", err)
		os.Exit(exitCode(err))
	}
}

// exitCode tells apart what the operator must correct from what failed.
func exitCode(err error) int {
	var (
		yaml    *strictyaml.Error
		env     *envsubst.MissingError
		file    *metrics.FileError
		checked *config.CheckError
		start   *config.StartError
		agent   *agentError
		broken  *pipelineError
	)
	if errors.As(err, &yaml) || errors.As(err, &env) || errors.As(err, &file) || errors.As(err, &checked) || errors.As(err, &start) ||
		errors.As(err, &agent) || errors.As(err, &broken) {
		return exitBadRequest
	}
	return exitFailed
}
