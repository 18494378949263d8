package promtail

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// Strangers' templates see nothing of the process, and cannot ask for memory by a number.
func TestUntrustedTemplates(t *testing.T) {
	t.Setenv("PHAROS_SECRET", "hunter2")
	for _, text := range []string{`{{ env "PHAROS_SECRET" }}`, `{{ expandenv "$PHAROS_SECRET" }}`, `{{ getHostByName "localhost" }}`, `{{ indent 1000000000 "x" }}`} {
		var doc yaml.Node
		require.NoError(t, yaml.Unmarshal([]byte("- template: {source: a, template: '"+text+"'}\n"), &doc))
		_, err := Compile(doc.Content[0], Env{Untrusted: true})
		require.ErrorContains(t, err, "not defined", text)
		_, err = Compile(doc.Content[0], Env{})
		require.NoError(t, err, text)
	}
}
