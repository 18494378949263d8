package alerting

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/prometheus/alertmanager/config"
	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/envsubst"
	"github.com/pharosd/pharos/tenant"
)

// maxFileSize bounds an alertmanager.yml.
const maxFileSize = 8 << 20

//go:embed default.yml
var defaultConfig string

// file is one alertmanager.yml that was read and found good.
type file struct {
	name string // "" for the embedded default
	conf *config.Config
}

// embedded returns the default configuration. Each caller gets its own, because
// Alertmanager's packages keep references into it.
func embedded() (*file, error) {
	conf, err := config.Load(defaultConfig)
	if err != nil {
		return nil, fmt.Errorf("BUG: embedded alertmanager configuration: %w", err)
	}
	return &file{conf: conf}, nil
}

// loadFiles reads the files of all configured tenants and of the tenant
// "default", which may have none. The error holds all files' errors.
func loadFiles(cfg Config, lookup func(string) (string, bool)) (map[tenant.ID]*file, error) {
	files := make(map[tenant.ID]*file, len(cfg.Tenants)+1)
	var errs []error
	load := func(id tenant.ID, name string) {
		f, err := loadFile(name, lookup)
		if err != nil {
			errs = append(errs, err)
			return
		}
		files[id] = f
	}
	load(tenant.Default, cfg.AlertmanagerConfig)
	for id, t := range cfg.Tenants {
		load(tenant.ID(id), t.AlertmanagerConfig)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return files, nil
}

// loadFile reads an alertmanager.yml with Alertmanager's own parser after
// replacing ${NAME} by the environment's values, and tries its templates and
// receivers. An empty name stands for the embedded default.
func loadFile(name string, lookup func(string) (string, bool)) (*file, error) {
	if name == "" {
		return embedded()
	}
	text, err := readBounded(name)
	if err != nil {
		return nil, fmt.Errorf("read alertmanager configuration: %w", err)
	}
	expanded, err := envsubst.Expand(name, text, lookup)
	if err != nil {
		return nil, err
	}
	conf, err := config.Load(string(expanded))
	if err != nil {
		return nil, locate(name, expanded, err)
	}
	dir, err := filepath.Abs(filepath.Dir(name))
	if err != nil {
		return nil, fmt.Errorf("resolve folder of %s: %w", name, err)
	}
	resolvePaths(dir, conf)
	if _, err := parseSettings(conf, nil); err != nil {
		return nil, locate(name, expanded, err)
	}
	return &file{name: name, conf: conf}, nil
}

func readBounded(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFileSize {
		return nil, fmt.Errorf("%s: is larger than %d bytes", name, maxFileSize)
	}
	return text, nil
}

var (
	yamlLine = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
	quoted   = regexp.MustCompile(`["']([^"']+)["']|<([^<>]+)>`)
)

// locate puts the file's name, and the line where it can be told, before each
// problem of err. The YAML parser names lines itself; what Alertmanager finds
// later quotes a name, which is looked up and located if it occurs once.
func locate(name string, text []byte, err error) error {
	var errs []error
	for line := range strings.SplitSeq(err.Error(), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line == "yaml: unmarshal errors:" {
			continue
		}
		if m := yamlLine.FindStringSubmatch(line); m != nil {
			errs = append(errs, fmt.Errorf("%s:%s: %s", name, m[1], m[2]))
			continue
		}
		if at := lineOfQuoted(text, line); at > 0 {
			errs = append(errs, fmt.Errorf("%s:%d: %s", name, at, line))
			continue
		}
		errs = append(errs, fmt.Errorf("%s: %s", name, line))
	}
	return errors.Join(errs...)
}

// lineOfQuoted returns the 1-based line of the only scalar that message quotes,
// or 0.
func lineOfQuoted(text []byte, message string) int {
	var doc yaml.Node
	if yaml.Unmarshal(text, &doc) != nil {
		return 0
	}
	for _, m := range quoted.FindAllStringSubmatch(message, -1) {
		found, line := 0, 0
		walkScalars(&doc, func(n *yaml.Node) {
			if n.Value == m[1]+m[2] {
				found++
				line = n.Line
			}
		})
		if found == 1 {
			return line
		}
	}
	return 0
}

// walkScalars visits every scalar of a document once; aliases are not followed.
func walkScalars(n *yaml.Node, visit func(*yaml.Node)) {
	if n.Kind == yaml.ScalarNode {
		visit(n)
	}
	for _, child := range n.Content {
		walkScalars(child, visit)
	}
}
