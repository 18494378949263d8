package logstash

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pharosd/pharos/internal/testkit"
)

// Files among the fixtures that Logstash's grammar refuses as well (pages of
// documentation with gaps, settings of other files), and what is said of them.
var wrongFixtures = map[string]string{
	"docs/config-examples_07.conf":                                          "5:1: the block file from line 2 is not closed: expected }",
	"docs/config-examples_09.conf":                                          `4:16: expected a setting or }, found "."`,
	"docs/data-deserialization_03.conf":                                     "6:1: the block input from line 1 is not closed: expected }",
	"docs/event-dependent-configuration_01.conf":                            "6:17: expected => after add_field",
	"docs/event-dependent-configuration_16.conf":                            `3:21: expected a setting or }, found "."`,
	"docs/event-dependent-configuration_24.conf":                            `1:1: expected input, filter or output, found "----------"`,
	"docs/pipeline-to-pipeline_01.conf":                                     `6:22: expected a field or a value, found "apache" (fields are written [apache], texts "apache")`,
	"docs/pipeline-to-pipeline_02.conf":                                     "2:1: expected input, filter or output",
	"docs/pipeline-to-pipeline_03.conf":                                     "2:1: expected input, filter or output",
	"docs/pipeline-to-pipeline_04.conf":                                     "2:1: expected input, filter or output",
	"docs/secure-connection_00.conf":                                        `3:15: the text that begins with " is not closed`,
	"docs/secure-connection_03.conf":                                        "5:17: expected a value",
	"docs/secure-connection_07.conf":                                        `4:26: expected a value, found "/"`,
	"docs/tips-best-practices_02.conf":                                      "9:10: expected => after mutate",
	"elastic-examples/Speed_Layer_logstash_batch_export.conf":               `5:31: expected a value, found "$" (write "${NAME}" in quotes)`,
	"malcolm/external__00_config.conf":                                      "1:17: expected { after queue",
	"malcolm/input__00_config.conf":                                         "1:20: expected { after pipeline",
	"parser-tests/errors__missing_closing_curly_bracket_if.conf":            "is the } before it missing?",
	"parser-tests/errors__missing_closing_curly_bracket_pluginsection.conf": "not closed",
}

// callout is what a page of documentation puts into its examples.
var callout = regexp.MustCompile(`(?m)[ \t]*<\d+>[^\n]*$|^\s*\.\.\.+.*$`)

// readConfigurations returns the fixtures' configurations by their names. Those of
// documentation pages come without the marks of the page, fragments of a filter section
// (two projects put theirs together from such) inside one.
func readConfigurations(t testing.TB) map[string]string {
	dir := testkit.Shared(t, "fixtures", "logstash")
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.conf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	section := regexp.MustCompile(`(?m)^\s*(input|filter|output)\s*(#.*)?\s*\{`)
	all := map[string]string{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name, _ := filepath.Rel(dir, file)
		name = filepath.ToSlash(name)
		text := string(raw)
		if strings.HasPrefix(name, "docs/") {
			text = callout.ReplaceAllString(text, "")
		}
		if !section.MatchString(text) {
			text = "filter { " + text + "\n}"
		}
		all[name] = text
	}
	return all
}

func TestFixturesParse(t *testing.T) {
	for name, text := range readConfigurations(t) {
		_, _, err := Parse([]Source{{name, text}}, false)
		want := wrongFixtures[name]
		if want == "" && err != nil {
			t.Errorf("%v", err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: error %v, want one with %q", name, err, want)
		}
	}
}
