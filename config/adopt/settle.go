package adopt

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pharosd/pharos/config"
)

// settle lets the server's own readers look at each file that was taken. One that they
// refuse is written as a comment, so that the result runs without it, and reported with
// every problem.
func (a *adoption) settle() error {
	dir, err := os.MkdirTemp("", "pharos-adopt-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, s := range a.draft.settings {
		if s.from == nil {
			continue
		}
		problems, ignored, err := a.try(dir, s)
		if err != nil {
			return err
		}
		for _, k := range ignored {
			a.report(Differs, string(s.from.kind), s.from, k.Line, k.Key, "no effect: %s", k.Why)
		}
		if problems != nil {
			s.off = "refused, see the report"
			for l := range strings.SplitSeq(problems.Error(), "\n") {
				a.reportProblem(s, l)
			}
		}
	}
	a.dropTaken()
	return nil
}

// try reads a pharos.yml that has this setting alone. Where variables are missing it
// tries what could be in their place; what is wrong with the first of those is told.
func (a *adoption) try(dir string, s *setting) (problems error, ignored []config.IgnoredKey, err error) {
	alone := draft{settings: []*setting{{section: s.section, key: s.key, value: s.value}}}
	name := filepath.Join(dir, "pharos.yml")
	if err := os.WriteFile(name, alone.text(func(p string) string { return p }), 0o600); err != nil {
		return nil, nil, err
	}
	for _, standIn := range []func(string) string{standInOf(s.from.text), always("not-set.invalid"), always("1")} {
		lookup := func(name string) (string, bool) {
			if v, ok := a.opts.LookupEnv(name); ok {
				return v, true
			}
			return standIn(name), true
		}
		cfg, found := config.Load(name, lookup)
		if cfg != nil && found == nil {
			found, ignored = cfg.Check(lookup), cfg.Ignored()
		}
		if found == nil {
			return nil, ignored, nil
		}
		if problems == nil {
			problems = found
		}
	}
	return problems, ignored, nil
}

func always(v string) func(string) string { return func(string) string { return v } }

// standInOf takes variables that are a value's beginning for addresses, those within a
// value for names.
func standInOf(text []byte) func(string) string {
	return func(name string) string {
		if regexp.MustCompile(`[^\s"'\[{,]\$\{` + name + `\}|\$\{` + name + `\}:`).Match(text) {
			return "not-set.invalid"
		}
		return "http://not-set.invalid"
	}
}

var located = regexp.MustCompile(`^(\S+?):(\d+)(?::\d+)?: (.*)$`)

func (a *adoption) reportProblem(s *setting, problem string) {
	f, at, what := s.from, 0, problem
	if m := located.FindStringSubmatch(problem); m != nil {
		if other := a.byPath(m[1]); other != nil {
			f = other
		}
		_, _ = fmt.Sscan(m[2], &at)
		what = m[3]
	}
	a.report(Unsupported, string(s.from.kind), f, at, "the file is not used", "%s", strings.ReplaceAll(what, a.dir+string(filepath.Separator), ""))
}

// dropTaken removes what was reported as taken of files that are refused.
func (a *adoption) dropTaken() {
	refused := map[string]bool{}
	for _, s := range a.draft.settings {
		if s.off != "" && s.from != nil {
			refused[s.from.name] = true
		}
	}
	a.items = slices.DeleteFunc(a.items, func(i Item) bool {
		return refused[i.File] && (i.Outcome == Taken || i.Outcome == Differs)
	})
}

// variable is a reference as every native file is read here.
var variable = regexp.MustCompile(`\$?\$\{([A-Z_][A-Z0-9_]*)\}`)

// missingEnvironment are the variables that the files in use name without a default and
// that are not set, in order.
func (a *adoption) missingEnvironment() []string {
	var out []string
	for _, s := range a.draft.settings {
		if s.from == nil || s.off != "" {
			continue
		}
		for _, m := range variable.FindAllSubmatch(s.from.text, -1) {
			name := string(m[1])
			if _, set := a.opts.LookupEnv(name); !set && m[0][1] != '$' && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return out
}
