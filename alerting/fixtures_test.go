package alerting

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/alertmanager/config"

	"github.com/pharosd/pharos/internal/envsubst"
	"github.com/pharosd/pharos/internal/testkit"
)

// TestSharedFilesAgreeWithAlertmanager loads every configuration file of
// Alertmanager's tests and of public projects: what Alertmanager's loader
// accepts we accept, what it refuses we refuse with the file's name.
func TestSharedFilesAgreeWithAlertmanager(t *testing.T) {
	dir := testkit.Shared(t, "fixtures/alertmanager")
	useUTF8Matchers(discard)
	good, bad := 0, 0
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".yml" && filepath.Ext(name) != ".yaml" {
			return err
		}
		if name = withAddress(t, name); strings.Contains(name, "rocketchat-default-token-file") {
			return nil // names a file that its receiver reads at start
		}
		_, theirs := config.LoadFile(name)
		_, ours := loadFile(name, noEnv)
		var missing *envsubst.MissingError
		switch {
		case errors.As(ours, &missing):
			t.Logf("names variables: %v", ours)
		case theirs == nil && ours != nil:
			t.Errorf("Alertmanager accepts, we refuse: %v", ours)
		case theirs != nil && ours == nil:
			t.Errorf("%s: Alertmanager refuses, we accept: %v", name, theirs)
		case ours != nil:
			bad++
			for line := range strings.SplitSeq(ours.Error(), "\n") {
				if !strings.HasPrefix(line, name+":") {
					t.Errorf("does not begin with %s: %s", name, line)
				}
			}
		default:
			good++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d accepted, %d refused", good, bad)
	if good == 0 || bad == 0 {
		t.Errorf("%d accepted and %d refused: fixtures are missing", good, bad)
	}
}

// TestStacks loads the users' files unchanged, with and without their variables.
func TestStacks(t *testing.T) {
	env := map[string]string{"SLACK_WEBHOOK_URL": "https://hooks.example.org/services/x", "PAGERDUTY_SERVICE_KEY": "key"}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	for name, missing := range map[string][]string{
		"stacks/steel/alertmanager.yml":              {"SLACK_WEBHOOK_URL", "PAGERDUTY_SERVICE_KEY"},
		"stacks/dante/alertmanager/alertmanager.yml": {"PAGERDUTY_SERVICE_KEY"},
	} {
		path := filepath.Join(testkit.Shared(t, filepath.Dir(name)), filepath.Base(name))
		if err := Check(withFile(path), lookup); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		err := Check(withFile(path), noEnv)
		if err == nil {
			t.Fatalf("%s: accepted without its variables", name)
		}
		for _, variable := range missing {
			if !strings.Contains(err.Error(), "environment variable "+variable+" is not set") {
				t.Errorf("%s: %v; want it to name %s", name, err, variable)
			}
		}
	}
}

// withAddress returns a copy of the file with an address in place of the %s that
// Alertmanager's acceptance tests put one in.
func withAddress(t *testing.T, name string) string {
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "%s") {
		return name
	}
	return writeFile(t, filepath.Join(t.TempDir(), filepath.Base(name)), strings.ReplaceAll(string(text), "%s", "http://127.0.0.1:9"))
}
