package app

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/version"
)

func TestVersionsAreThoseOfTheModule(t *testing.T) {
	mod, err := os.ReadFile("../go.mod")
	require.NoError(t, err)
	require.Contains(t, string(mod), "github.com/prometheus/alertmanager v"+version.Alertmanager+"\n")
}
