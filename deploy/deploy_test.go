// Package deploy checks the files that install Pharos, as far as that goes
// without a container engine.
package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/config"
)

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(b)
}

// TestContainerfile checks that stages are named before they are used, that what
// is copied from the repository exists and that the process is not root.
func TestContainerfile(t *testing.T) {
	text := strings.ReplaceAll(read(t, "Containerfile"), "\\\n", " ")
	stages := map[string]bool{}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		switch {
		case len(f) > 0 && f[0] == "FROM":
			require.NotContains(t, f[1], "/", "images are plain names")
			require.Contains(t, f[1], ":", "images have a version")
			if len(f) == 4 {
				stages[f[3]] = true
			}
		case len(f) > 0 && f[0] == "COPY":
			from := ""
			args := f[1:]
			for strings.HasPrefix(args[0], "--") {
				if stage, ok := strings.CutPrefix(args[0], "--from="); ok {
					from = stage
				}
				args = args[1:]
			}
			if from != "" {
				require.True(t, stages[from], "stage %q is not defined before: %s", from, line)
				continue
			}
			for _, source := range args[:len(args)-1] {
				_, err := os.Stat(filepath.Join("..", source))
				require.NoError(t, err, line)
			}
		}
	}
	last := text[strings.LastIndex(text, "\nFROM "):]
	user := regexp.MustCompile(`(?m)^USER (\d+):\d+$`).FindStringSubmatch(last)
	require.NotNil(t, user)
	require.NotEqual(t, "0", user[1])
	for _, want := range []string{"HEALTHCHECK ", "/health/ready", "VOLUME /var/lib/pharos", "STOPSIGNAL SIGTERM"} {
		require.Contains(t, last, want)
	}
	goVersion := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "../go.mod"))
	require.Contains(t, text, "FROM golang:"+goVersion[1]+"-")
}

// TestConfiguration checks the container's pharos.yml and that its ports are those
// that the image and the compose file name.
func TestConfiguration(t *testing.T) {
	noEnv := func(string) (string, bool) { return "", false }
	cfg, err := config.Load("pharos.yml", noEnv)
	require.NoError(t, err)
	require.NoError(t, cfg.Check(noEnv))
	require.NoError(t, cfg.Auth.CheckListen(cfg.Listeners()...))
	exposed := regexp.MustCompile(`(?m)^EXPOSE (.*)$`).FindStringSubmatch(read(t, "Containerfile"))[1]
	for _, l := range cfg.Listeners() {
		host, port, _ := strings.Cut(l, ":")
		require.Equal(t, "0.0.0.0", host, "%s cannot be reached from outside of the container", l)
		require.Contains(t, strings.Fields(strings.ReplaceAll(exposed, "/udp", "")), port)
	}
}

func TestCompose(t *testing.T) {
	var file struct {
		Services map[string]struct {
			Image string
			Build struct{ Context, Dockerfile string }
			Ports []string
			// Volumes are "name:path".
			Volumes []string
		}
		Volumes map[string]any
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, "compose.yml")), &file))
	require.Len(t, file.Services, 1)
	s := file.Services["pharos"]
	require.FileExists(t, filepath.Join(s.Build.Context, s.Build.Dockerfile))
	require.NotContains(t, s.Image, "/", "images are plain names")
	containerfile := read(t, "Containerfile")
	for _, p := range s.Ports {
		require.True(t, strings.HasPrefix(p, "127.0.0.1:"), "%s is open to the network", p)
		require.Contains(t, containerfile, " "+p[strings.LastIndex(p, ":")+1:])
	}
	for _, v := range s.Volumes {
		name, path, _ := strings.Cut(v, ":")
		require.Contains(t, file.Volumes, name)
		require.Contains(t, containerfile, "VOLUME "+path)
	}
}

func TestUnit(t *testing.T) {
	unit := read(t, "pharos.service")
	for _, want := range []string{"ExecReload=/bin/kill -HUP $MAINPID", "TimeoutStopSec=35", "RestartPreventExitStatus=2", "NoNewPrivileges=yes", "ProtectSystem=strict", "StateDirectory=pharos"} {
		require.Contains(t, strings.Split(unit, "\n"), want)
	}
	for line := range strings.Lines(unit) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		require.Regexp(t, `^(\[(Unit|Service|Install)\]|[A-Z][A-Za-z]+=.*)$`, line)
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("no systemd-analyze: the unit was only read")
	}
	// It looks for the programs, which are not installed here.
	name := filepath.Join(t.TempDir(), "pharos.service")
	require.NoError(t, os.WriteFile(name, []byte(strings.ReplaceAll(unit, "/usr/bin/pharos", "/bin/true")), 0o600))
	out, err := exec.Command(analyze, "verify", "--man=no", name).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// TestTheDemonstrationHasTheSameOperations compares the rules that ship with those that
// the demonstration embeds.
func TestTheDemonstrationHasTheSameOperations(t *testing.T) {
	require.Equal(t, read(t, "log-rules/operations.yml"), read(t, "../simulator/demo/files/log-rules/operations.yml"))
}
