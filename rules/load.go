package rules

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/pharosd/pharos/internal/envsubst"
)

// Check reads all rule files and reports all their problems at once, each with its
// file, line and column. Patterns that match nothing are no problem.
func Check(cfg Config, prom *config.Config, lookup func(string) (string, bool)) error {
	paths, err := files(cfg, prom)
	if err != nil {
		return err
	}
	l := Loader{parser.NewParser(parser.Options{}), lookup, promslog.NewNopLogger()}
	var errs []error
	for _, path := range paths {
		_, problems := l.Load(path, false, prom.GlobalConfig.MetricNameValidationScheme)
		errs = append(errs, problems...)
	}
	return errors.Join(errs...)
}

// files lists the rule files that exist, each once.
func files(cfg Config, prom *config.Config) ([]string, error) {
	var paths []string
	for _, pattern := range slices.Concat(prom.RuleFiles, cfg.Files) {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			return nil, fmt.Errorf("pattern of rule files %s: %w", pattern, err)
		}
		for _, m := range matches {
			if !slices.Contains(paths, m) {
				paths = append(paths, m)
			}
		}
	}
	return paths, nil
}

// Loader reads rule files as Prometheus does, with environment variables. It is a
// GroupLoader of Prometheus' rules manager.
type Loader struct {
	// Parser reads expressions: PromQL's, or one of another language.
	Parser parser.Parser
	// Lookup is where ${NAME} is taken from.
	Lookup func(string) (string, bool)
	Log    *slog.Logger
}

// Load reads one file. Its errors carry file, line and column.
func (l Loader) Load(path string, ignoreUnknown bool, names model.ValidationScheme) (*rulefmt.RuleGroups, []error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, []error{fmt.Errorf("read rule file: %w", err)}
	}
	text, err := envsubst.Expand(path, raw, l.Lookup)
	if err != nil {
		return nil, []error{err}
	}
	groups, errs := rulefmt.Parse(text, ignoreUnknown, names, l.Parser, l.Log)
	if len(errs) == 0 {
		return groups, nil
	}
	var located []error
	for _, err := range errs {
		located = append(located, locate(path, err)...)
	}
	return nil, located
}

var (
	// Rules' own problems begin with their place, the YAML parser's with "line".
	placed = regexp.MustCompile(`^\d+:\d+: `)
	atLine = regexp.MustCompile(`^\s*(?:yaml: )?line (\d+): (.*)$`)
)

// locate writes file, line and column before a problem, in one form. The YAML parser
// puts several into one error.
func locate(path string, err error) []error {
	if placed.MatchString(err.Error()) {
		return []error{fmt.Errorf("%s:%w", path, err)}
	}
	var errs []error
	for line := range strings.Lines(err.Error()) {
		line = strings.TrimSuffix(line, "\n")
		if m := atLine.FindStringSubmatch(line); m != nil {
			errs = append(errs, fmt.Errorf("%s:%s: %s", path, m[1], m[2]))
		}
	}
	if len(errs) == 0 {
		return []error{fmt.Errorf("%s: %w", path, err)}
	}
	return errs
}

// Parse reads one expression.
func (l Loader) Parse(query string) (parser.Expr, error) { return l.Parser.ParseExpr(query) }
