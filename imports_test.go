// Package pharos holds the test that keeps the folders in order.
package pharos

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/pharosd/pharos/"

// may is design's table of who may import whom: a root folder and the root
// folders that it may import besides internal. "a/b" entries are rules for one
// folder deeper and win over their root's. Siblings of one level never meet
// unless named here. A change of this table needs a page in docs/adr.
var may = map[string][]string{
	"internal": {},
	"ui":       {"internal"},

	"model":  {},
	"tenant": {},

	"storage":   {"model", "tenant"},
	"metastore": {"tenant"},

	"metrics":    {"storage", "model", "tenant"},
	"logs":       {"storage", "model", "tenant"},
	"traces":     {"storage", "model", "tenant"},
	"issues":     {"storage", "metastore", "model", "tenant"},
	"auth":       {"metastore", "tenant"},
	"dashboards": {"metastore", "model", "tenant"},
	"alerting":   {"metastore", "model", "tenant"},

	"pipeline": {"model"},
	// Codecs write events as Logstash's filters do.
	"pipeline/codec": {"pipeline", "model"},
	"ingest":         {"metrics", "logs", "traces", "issues", "pipeline", "model", "tenant"},
	"query":          {"metrics", "logs", "traces", "issues", "model", "tenant"},
	// Requests to delete log entries outlive the process.
	"query/deletion": {"logs", "metastore", "model", "tenant"},

	"receiver": {"ingest", "model", "tenant"},
	// Pipelines read and write, and write to object storage.
	"receiver/logstash": {"ingest", "pipeline", "storage", "model", "tenant"},
	"scrape":            {"ingest", "model", "tenant", "metrics"},
	"probe":             {"ingest", "model", "tenant"},
	"rules":             {"query", "model", "tenant", "metrics"},
	// Log rules are LogQL on the same rules manager.
	"rules/logrules": {"logs", "model", "tenant"},
	"agent":          {"pipeline", "model"},
	// A Loki push into the agent is read by the server's own receiver (ADR 19).
	"agent/source": {"receiver", "ingest", "pipeline", "model", "tenant"},

	"api": {"auth", "dashboards", "alerting", "metastore", "storage", "metrics", "logs", "traces", "issues", "ingest", "query",
		"scrape", "rules", "pipeline", "model", "tenant"},

	"simulator": {"model"},
}

// freely are the folders at the top, which may import everything below them.
var freely = map[string]bool{"config": true, "app": true, "cmd": true, "test": true, "bench": true}

// engines and languages must not know how they are asked. An engine on other servers
// has to ask them: its own folder is spared.
var noHTTP = []string{"logs/", "traces/", "metrics/tsdb", "storage/", "model/", "query/tail", "pipeline/"}

var mayHTTP = map[string]bool{"logs/remote": true}

func TestImportsFollowTheTable(t *testing.T) {
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); name == "node_modules" || name == "testdata" || name == "dist" || len(name) > 1 && name[0] == '.' {
				return filepath.SkipDir
			}
			return nil
		}
		isTest := strings.HasSuffix(path, "_test.go")
		if !strings.HasSuffix(path, ".go") || isTest {
			return nil
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(path))
		root, _, _ := strings.Cut(dir, "/")
		if dir == "." || freely[root] {
			return nil
		}
		allowed, known := may[dir]
		if !known {
			allowed, known = may[root]
		}
		if !known {
			t.Errorf("%s: folder %q has no row in the import table", path, root)
			return nil
		}
		for _, spec := range f.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			at := fset.Position(spec.Pos())
			if name == "net/http" {
				for _, p := range noHTTP {
					if strings.HasPrefix(dir+"/", p) && !mayHTTP[dir] {
						t.Errorf("%s: engines and languages must not import net/http", at)
					}
				}
			}
			target, ours := strings.CutPrefix(name, module)
			if !ours {
				continue
			}
			targetRoot, _, _ := strings.Cut(target, "/")
			if targetRoot == "internal" || within(dir, root, target, targetRoot) || slices.Contains(allowed, targetRoot) {
				continue
			}
			t.Errorf("%s: %s may not import %s (see the table in imports_test.go)", at, dir, target)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// within reports whether an import stays in its own root folder in an allowed
// way: an implementation imports its parent's contract, and helpers below
// itself; a contract never imports an implementation, siblings never meet (but
// for languages, which evaluate over their sibling contract's parent only).
func within(dir, root, target, targetRoot string) bool {
	if root != targetRoot {
		return false
	}
	if root == "internal" {
		return true
	}
	if target == root { // child -> parent
		return true
	}
	return strings.HasPrefix(target, dir+"/") && dir != root || // helper below itself
		strings.Contains(target, "/internal/") || // shared by siblings on purpose
		strings.HasSuffix(target, "/internal") ||
		root == "storage" || // rowstore builds on wal
		root == "agent" // a process of its own: agent puts its parts together, readers feed its queue (ADR 19)
}
