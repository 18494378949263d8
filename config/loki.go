package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/envsubst"
	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/tenant"
)

// LokiFile is a loki-config.yml, read for what has a meaning here: limits_config,
// the retention that the compactor enables, and the overrides of tenants. It is a
// file of another program: what Loki knows and Pharos does not need is named as
// ignored, what Loki does not know either is an error.
type LokiFile struct {
	// Ignored are the keys without an effect, in the order of the files.
	Ignored []IgnoredKey

	global  []lokiValue
	tenants map[tenant.ID][]lokiValue
}

// IgnoredKey is a key of a native file that has no effect.
type IgnoredKey struct {
	File         string
	Line, Column int
	Key, Why     string
}

func (k IgnoredKey) String() string {
	return fmt.Sprintf("%s:%d:%d: %s: ignored: %s", k.File, k.Line, k.Column, k.Key, k.Why)
}

// lokiValue is a value that was read and is set in a copy of the defaults.
type lokiValue struct {
	order int // values are set in this order, not in the file's
	set   func(l *Logs, own *LogLimits)
}

// apply sets what holds for all tenants; l may be nil.
func (f *LokiFile) apply(l *Logs) {
	if f == nil {
		return
	}
	set(f.global, l, &l.LogLimits)
}

// applyTenant sets what overrides that for one tenant.
func (f *LokiFile) applyTenant(t tenant.ID, own *LogLimits) {
	if f != nil {
		set(f.tenants[t], nil, own)
	}
}

func set(values []lokiValue, l *Logs, own *LogLimits) {
	values = slices.Clone(values)
	slices.SortStableFunc(values, func(a, b lokiValue) int { return a.order - b.order })
	for _, v := range values {
		v.set(l, own)
	}
}

// LoadLoki reads a loki-config.yml and the files that it names. The error is a
// *strictyaml.Error with every problem, or says that a file cannot be read.
func LoadLoki(path string, lookupEnv func(string) (string, bool)) (*LokiFile, error) {
	r := &lokiReader{lookupEnv: lookupEnv, out: &LokiFile{tenants: map[tenant.ID][]lokiValue{}}}
	root, err := r.open(path)
	if err != nil {
		return nil, fmt.Errorf("read loki configuration (logs.loki_config): %w", err)
	}
	if root != nil {
		r.top(root)
	}
	if err := r.problems(); err != nil {
		return nil, err
	}
	return r.out, nil
}

// lokiReader walks the files.
type lokiReader struct {
	lookupEnv func(string) (string, bool)
	file      string // that is being read
	out       *LokiFile
	found     []strictyaml.Problem
	errs      []error
	// retention says that the compactor removes what is too old.
	retention bool
}

func (r *lokiReader) problems() error {
	var list error
	if len(r.found) > 0 {
		list = &strictyaml.Error{Problems: r.found}
	}
	return errors.Join(append(r.errs, list)...)
}

func (r *lokiReader) open(path string) (*yaml.Node, error) {
	r.file = path
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if text, err = envsubst.Expand(path, text, r.lookupEnv); err != nil {
		return nil, err
	}
	return strictyaml.Parse(path, text)
}

func (r *lokiReader) problem(n *yaml.Node, key, hint, format string, args ...any) {
	r.found = append(r.found, strictyaml.Problem{File: r.file, Line: n.Line, Column: n.Column, Key: key, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (r *lokiReader) ignore(n *yaml.Node, key, why string) {
	r.out.Ignored = append(r.out.Ignored, IgnoredKey{r.file, n.Line, n.Column, key, why})
}

// each calls f for each pair of a mapping, aliases followed.
func (r *lokiReader) each(key string, n *yaml.Node, f func(name string, k, v *yaml.Node)) {
	n = target(n)
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.problem(n, key, "", "expected a mapping")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if k.Kind != yaml.ScalarNode || k.ShortTag() == "!!merge" {
			r.problem(k, key, "write the keys out", "merge keys are not read here")
			continue
		}
		f(k.Value, k, target(n.Content[i+1]))
	}
}

// target is what an alias stands for.
func target(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// top reads the file's first level. The compactor's section comes first: it says
// whether periods of retention hold.
func (r *lokiReader) top(root *yaml.Node) {
	r.each("", root, func(name string, _, v *yaml.Node) {
		if name == "compactor" {
			r.compactor(v)
		}
	})
	r.each("", root, func(name string, k, v *yaml.Node) {
		switch why, known := lokiTopLevel[name]; {
		case name == "compactor":
		case name == "limits_config":
			r.limits("limits_config", v, &r.out.global)
		case name == "runtime_config":
			r.runtime(v)
		case known:
			r.ignore(k, name, why)
		default:
			r.unknown(k, "", name, keysOf(lokiTopLevel))
		}
	})
}

func (r *lokiReader) unknown(k *yaml.Node, parent, name string, known []string) {
	r.problem(k, join(parent, name), strictyaml.Suggest(name, known), "unknown key: Loki has none of this name")
}

func join(parent, key string) string {
	if parent == "" {
		return key
	}
	return parent + "." + key
}

// compactor reads what concerns retention and deletion.
func (r *lokiReader) compactor(n *yaml.Node) {
	r.each("compactor", n, func(name string, k, v *yaml.Node) {
		key := "compactor." + name
		switch {
		case name == "retention_enabled":
			value, ok := boolean(r, key, v)
			r.retention = ok && value
		case name == "delete_request_cancel_period":
			if d, ok := duration(r, key, v); ok {
				r.out.global = append(r.out.global, lokiValue{set: func(l *Logs, _ *LogLimits) { l.Deletion.CancelPeriod = d }})
			}
		case slices.Contains(lokiCompactor, name):
			r.ignore(k, key, whyCompactor)
		default:
			r.unknown(k, "compactor", name, lokiCompactor)
		}
	})
}

// runtime reads the files of overrides.
func (r *lokiReader) runtime(n *yaml.Node) {
	r.each("runtime_config", n, func(name string, k, v *yaml.Node) {
		switch name {
		case "file":
			files := []string{v.Value}
			if v.Kind == yaml.SequenceNode {
				files = nil
				for _, x := range v.Content {
					files = append(files, target(x).Value)
				}
			} else if v.Kind == yaml.ScalarNode {
				files = strings.Split(v.Value, ",")
			}
			for _, f := range files {
				r.overrides(k, f)
			}
		case "period":
			r.ignore(k, "runtime_config.period", "overrides are read at start and at a reload")
		default:
			r.unknown(k, "runtime_config", name, []string{"file", "period"})
		}
	})
}

// overrides reads a file of tenants' limits. A relative name is relative to the
// file that has it.
func (r *lokiReader) overrides(at *yaml.Node, name string) {
	if name = strings.TrimSpace(name); name == "" {
		return
	}
	from := r.file
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(from), name)
	}
	root, err := r.open(name)
	defer func() { r.file = from }()
	if err != nil {
		var list *strictyaml.Error
		if errors.As(err, &list) {
			r.found = append(r.found, list.Problems...)
			return
		}
		r.errs = append(r.errs, fmt.Errorf("%s:%d:%d: read overrides: %w", from, at.Line, at.Column, err))
		return
	}
	if root == nil {
		return
	}
	r.each("", root, func(name string, k, v *yaml.Node) {
		switch name {
		case "overrides":
			r.tenants(v)
		case "configs", "multi_kv_config":
			r.ignore(k, name, whyCluster)
		default:
			r.unknown(k, "", name, []string{"overrides", "configs", "multi_kv_config"})
		}
	})
}

func (r *lokiReader) tenants(n *yaml.Node) {
	r.each("overrides", n, func(name string, k, v *yaml.Node) {
		id, err := tenant.Parse(name)
		if err != nil {
			r.ignore(k, "overrides."+name, "no tenant of Pharos can have this name: "+err.Error())
			return
		}
		values := r.out.tenants[id]
		r.limits("overrides."+name, v, &values)
		r.out.tenants[id] = values
	})
}

// limits reads a limits_config.
func (r *lokiReader) limits(key string, n *yaml.Node, to *[]lokiValue) {
	r.each(key, n, func(name string, k, v *yaml.Node) {
		path := key + "." + name
		if i := slices.IndexFunc(lokiLimits, func(l lokiLimit) bool { return l.name == name }); i >= 0 {
			l := lokiLimits[i]
			switch {
			case l.retention && !r.retention:
				r.ignore(k, path, "compactor.retention_enabled is not true; logs.retention holds")
			case l.global && key != "limits_config":
				r.ignore(k, path, "it is for all tenants alike")
			default:
				if set := l.read(r, path, v); set != nil {
					*to = append(*to, lokiValue{order: i, set: set})
				}
			}
			return
		}
		if name == "per_tenant_override_config" {
			r.overrides(k, v.Value)
			return
		}
		if why := lokiIgnored(name); why != "" {
			r.ignore(k, path, why)
			return
		}
		r.unknown(k, key, name, lokiLimitNames())
	})
}
