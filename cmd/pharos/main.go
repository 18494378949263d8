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
	Serve    serveCmd    `cmd:"" help:"Run the server."`
	Demo     demoCmd     `cmd:"" help:"Run the server with a simulated system that it observes."`
	Check    checkCmd    `cmd:"" help:"Validate pharos.yml and every file that it names, without starting."`
	Archive  archiveCmd  `cmd:"" help:"Look after archived logs."`
	Pipeline pipelineCmd `cmd:"" help:"Try and check pipelines: Logstash configurations, Promtail stages."`
	Users    usersCmd    `cmd:"" help:"Help people in who cannot sign in."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
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
	ctx, err := parser.Parse(os.Args[1:])
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
		broken  *pipelineError
	)
	if errors.As(err, &broken) || errors.As(err, &yaml) || errors.As(err, &env) || errors.As(err, &file) || errors.As(err, &checked) || errors.As(err, &start) {
		return exitBadRequest
	}
	return exitFailed
}
