package promtail

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/internal/testkit"
)

// TestFixtures compiles the pipelines of configurations from the field. What does not
// compile needs something that this machine has not got, and says what.
func TestFixtures(t *testing.T) {
	compiled := 0
	refused := map[string]int{}
	root := testkit.Shared(t, "fixtures", "promtail")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "ml") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var document yaml.Node
		if yaml.Unmarshal(text, &document) != nil {
			return nil // fragments of manuals, templates
		}
		eachPipeline(&document, func(n *yaml.Node) {
			name, _ := filepath.Rel(root, path)
			_, err := Compile(n, Env{File: name, Warn: func(p strictyaml.Problem) { t.Errorf("warning: %v", p) }})
			var problems *strictyaml.Error
			if errors.As(err, &problems) {
				for _, p := range problems.Problems {
					refused[p.Key[strings.LastIndexByte(p.Key, ']')+1:]+": "+p.Message]++
					if p.Line < 2 || p.Column < 1 {
						t.Errorf("no place: %v", p)
					}
				}
			}
			compiled++
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if compiled < 40 {
		t.Errorf("only %d pipelines found", compiled)
	}
	for p := range refused {
		if !slices.ContainsFunc(refusals(), func(want string) bool { return strings.HasPrefix(p, want) }) {
			t.Errorf("refused: %s", p)
		}
	}
}

// refusals are problems that Promtail has with these files as well: they are test data
// for a program that translates without looking. And the database of geoip is the
// user's.
func refusals() []string {
	return []string{
		`.json.expressions.hand: "thumbs-up" is no JMESPath`,
		`.drop.value: value and expression cannot both be set`,
		`.drop.value: a value needs a source`,
		`.drop.longer_than: expected a size such as "8kb" or "1MB", found "1.21GigaWatts"`,
		`.drop.older_than: expected a duration such as "30s" or "15d", found "lightyear"`,
		`.drop.source: expected a list, found a mapping`,
		`: expected a text, found a mapping`,
		`.match.selector: column 1 of the selector: expected {`,
		`.match.stages: a stage that drops has no stages`,
		`.tenant: the stage needs one of source, label and value`,
		`.geoip.db_type: expected city or asn, found "mmdb"`,
		`.geoip.db: open `,
		`.sampling.rate: the rate must be between 0 and 1`,
	}
}

// eachPipeline calls f with the lists below keys pipeline_stages.
func eachPipeline(n *yaml.Node, f func(*yaml.Node)) {
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 {
			if name := n.Content[i-1].Value; (name == "pipeline_stages" || name == "pipelineStages") && c.Kind == yaml.SequenceNode {
				f(c)
				continue
			}
		}
		eachPipeline(c, f)
	}
}
