package deploy

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/agent/conf"
)

func TestAgentUnit(t *testing.T) {
	unit := read(t, "pharos-agent.service")
	for _, want := range []string{"ExecReload=/bin/kill -HUP $MAINPID", "RestartPreventExitStatus=2", "NoNewPrivileges=yes", "ProtectSystem=strict", "StateDirectory=pharos-agent"} {
		require.Contains(t, strings.Split(unit, "\n"), want)
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("no systemd-analyze: the unit was only read")
	}
	// It looks for the programs, which are not installed here.
	name := filepath.Join(t.TempDir(), "pharos-agent.service")
	require.NoError(t, os.WriteFile(name, []byte(strings.ReplaceAll(unit, "/usr/bin/pharos", "/bin/true")), 0o600))
	out, err := exec.Command(analyze, "verify", "--man=no", name).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// TestAgentManifest reads the manifest and the Promtail configuration in it.
func TestAgentManifest(t *testing.T) {
	type object struct {
		Kind string
		Data map[string]string
		Spec struct {
			Template struct {
				Spec struct {
					Containers []struct {
						Args         []string
						VolumeMounts []struct {
							Name string
							Path string `yaml:"mountPath"`
						} `yaml:"volumeMounts"`
					}
					Volumes []struct{ Name string }
				}
			}
		}
	}
	objects := map[string]object{}
	docs := yaml.NewDecoder(bytes.NewReader([]byte(read(t, "kubernetes/agent.yml"))))
	for {
		var o object
		err := docs.Decode(&o)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		objects[o.Kind] = o
	}
	for _, kind := range []string{"ServiceAccount", "ClusterRole", "ClusterRoleBinding", "ConfigMap", "DaemonSet"} {
		require.Contains(t, objects, kind)
	}
	cfg, err := conf.Parse("promtail.yml", []byte(objects["ConfigMap"].Data["promtail.yml"]), conf.Options{})
	require.NoError(t, err)
	require.Len(t, cfg.Jobs, 1)
	require.Empty(t, cfg.Notes)
	pod := objects["DaemonSet"].Spec.Template.Spec
	var mounted []string
	for _, m := range pod.Containers[0].VolumeMounts {
		mounted = append(mounted, m.Path)
	}
	require.Len(t, pod.Volumes, len(mounted))
	require.Contains(t, mounted, filepath.Dir(cfg.Positions.Filename), "positions outlive the pod")
	require.Contains(t, pod.Containers[0].Args, "/etc/pharos/promtail.yml")
}
