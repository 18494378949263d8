package dashboards

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/envsubst"
)

const maxYAMLBytes = 1 << 20

// Problem is something that an operator should look at: a file that is missing,
// malformed or asks for what is not supported. Line is 1-based, 0 if the problem
// is with the whole file.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`
	Message string `json:"message"`
}

func (p Problem) Error() string {
	if p.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
	}
	return p.File + ": " + p.Message
}

// provider is one entry of Grafana's dashboards/*.yaml.
type provider struct {
	Name                  string `yaml:"name"`
	OrgID                 int64  `yaml:"orgId"`
	Type                  string `yaml:"type"`
	Folder                string `yaml:"folder"`
	FolderUID             string `yaml:"folderUid"`
	DisableDeletion       bool   `yaml:"disableDeletion"`
	Editable              bool   `yaml:"editable"`
	UpdateIntervalSeconds int64  `yaml:"updateIntervalSeconds"`
	AllowUIUpdates        bool   `yaml:"allowUiUpdates"`
	Options               struct {
		Path                      string `yaml:"path"`
		FoldersFromFilesStructure bool   `yaml:"foldersFromFilesStructure"`
	} `yaml:"options"`

	file string // the YAML that declares it
	line int
}

// provisioning is what a provisioning folder declares.
type provisioning struct {
	providers   []provider
	datasources []Datasource
	warnings    []Problem
}

// reader reads the YAML files of one provisioning folder.
type reader struct {
	fsys   fs.FS
	name   string // of the folder, for messages
	lookup func(string) (string, bool)
	proxy  *ProxyConfig
	out    provisioning
	errs   []error
}

// readProvisioning reads dashboards/*.yaml and datasources/*.yaml of fsys. The
// error joins a Problem for each place that is wrong.
func readProvisioning(fsys fs.FS, name string, proxy *ProxyConfig, lookup func(string) (string, bool)) (provisioning, error) {
	r := &reader{fsys: fsys, name: name, proxy: proxy, lookup: lookup}
	r.each("dashboards", r.dashboardsFile)
	r.each("datasources", r.datasourcesFile)
	return r.out, errors.Join(r.errs...)
}

// each calls read for the YAML files in a subfolder, in the order of their names.
func (r *reader) each(sub string, read func(file string, root *yaml.Node)) {
	entries, err := fs.ReadDir(r.fsys, sub)
	if errors.Is(err, fs.ErrNotExist) && sub == "datasources" {
		return // dashboards alone are common: the built-in data sources answer
	}
	if errors.Is(err, fs.ErrNotExist) {
		r.out.warnings = append(r.out.warnings, Problem{File: path.Join(r.name, sub), Message: "this folder does not exist"})
		return
	}
	if err != nil {
		r.errs = append(r.errs, Problem{File: path.Join(r.name, sub), Message: err.Error()})
		return
	}
	for _, e := range entries {
		if ext := path.Ext(e.Name()); ext != ".yaml" && ext != ".yml" || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		file := path.Join(r.name, sub, e.Name())
		root, err := r.parse(file, path.Join(sub, e.Name()))
		if err != nil {
			r.errs = append(r.errs, err)
			continue
		}
		if root != nil {
			read(file, root)
		}
	}
}

// parse returns the file's top mapping, nil for an empty file.
func (r *reader) parse(file, name string) (*yaml.Node, error) {
	source, err := readBounded(r.fsys, name, maxYAMLBytes)
	if err != nil {
		return nil, Problem{File: file, Message: err.Error()}
	}
	source, err = expand(file, source, r.lookup)
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(source, &doc); err != nil {
		return nil, yamlProblem(file, err)
	}
	if len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" {
		return nil, nil
	}
	root := doc.Content[0]
	if root.Kind == yaml.SequenceNode {
		return nil, Problem{file, root.Line, "this is Grafana's format of before version 5 (a bare list); begin it with apiVersion: 1 and a key for the list"}
	}
	if root.Kind != yaml.MappingNode {
		return nil, Problem{file, root.Line, "expected a mapping with apiVersion"}
	}
	return root, nil
}

var grafanaEnv = regexp.MustCompile(`\$__env\{([A-Z_][A-Z0-9_]*)\}`)

// expand replaces ${NAME} and $__env{NAME} by the environment and Grafana's
// escape $$ by one dollar.
func expand(file string, source []byte, lookup func(string) (string, bool)) ([]byte, error) {
	if bytes.IndexByte(source, 0) >= 0 {
		return nil, Problem{File: file, Message: "it holds a NUL byte; is it a text file?"}
	}
	source = bytes.ReplaceAll(source, []byte("$$"), []byte{0, 0})
	source = grafanaEnv.ReplaceAll(source, []byte("$${$1}"))
	source, err := envsubst.Expand(file, source, lookup)
	if err != nil {
		return nil, err
	}
	return bytes.ReplaceAll(source, []byte{0, 0}, []byte("$")), nil
}

var yamlLine = regexp.MustCompile(`line (\d+): (.*)`)

// yamlProblem turns the YAML library's text into file:line: message.
func yamlProblem(file string, err error) error {
	var problems []error
	messages := []string{err.Error()}
	var kind *yaml.TypeError
	if errors.As(err, &kind) {
		messages = kind.Errors
	}
	for _, m := range messages {
		p := Problem{File: file, Message: m}
		if found := yamlLine.FindStringSubmatch(m); found != nil {
			fmt.Sscan(found[1], &p.Line)
			p.Message = found[2]
		}
		problems = append(problems, p)
	}
	return errors.Join(problems...)
}

func (r *reader) dashboardsFile(file string, root *yaml.Node) {
	for _, n := range r.entries(file, root, "providers") {
		r.unknownKeys(file, n, "name", "orgId", "orgName", "type", "folder", "folderUid", "disableDeletion", "editable", "updateIntervalSeconds", "allowUiUpdates", "options")
		p := provider{file: file, line: n.Line}
		if err := n.Decode(&p); err != nil {
			r.errs = append(r.errs, yamlProblem(file, err))
			continue
		}
		switch {
		case p.Name == "":
			r.errs = append(r.errs, Problem{file, n.Line, "a provider needs a name"})
		case p.Type != "" && p.Type != "file":
			r.errs = append(r.errs, Problem{file, n.Line, fmt.Sprintf("provider %q: type %q is not supported, only \"file\" is", p.Name, p.Type)})
		case p.Options.Path == "":
			r.errs = append(r.errs, Problem{file, n.Line, fmt.Sprintf("provider %q: options.path is missing", p.Name)})
		case slices.ContainsFunc(r.out.providers, func(o provider) bool { return o.Name == p.Name }):
			r.errs = append(r.errs, Problem{file, n.Line, fmt.Sprintf("provider %q is declared twice", p.Name)})
		default:
			r.out.providers = append(r.out.providers, p)
		}
	}
}

func (r *reader) datasourcesFile(file string, root *yaml.Node) {
	for _, n := range r.entries(file, root, "datasources") {
		var d struct {
			Name      string `yaml:"name"`
			UID       string `yaml:"uid"`
			Type      string `yaml:"type"`
			IsDefault bool   `yaml:"isDefault"`
		}
		if err := n.Decode(&d); err != nil {
			r.errs = append(r.errs, yamlProblem(file, err))
			continue
		}
		if d.Name == "" || d.Type == "" {
			r.errs = append(r.errs, Problem{file, n.Line, "a datasource needs a name and a type"})
			continue
		}
		if d.UID == "" {
			d.UID = slug(d.Name)
		}
		ds := Datasource{UID: d.UID, Name: d.Name, Type: d.Type, Dialect: dialectOf(d.Type), Default: d.IsDefault}
		if ds.Dialect == "" {
			r.warn(file, n.Line, "datasource %q: type %q is not supported; panels that use it say so", d.Name, d.Type)
		}
		if r.proxy.stays(ds) {
			r.outside(file, n, &ds)
		}
		r.out.datasources = append(r.out.datasources, ds)
	}
}

// outside makes a data source one that stays on the server that its url names.
func (r *reader) outside(file string, n *yaml.Node, ds *Datasource) {
	if ds.Dialect != "prometheus" && ds.Dialect != "loki" {
		r.errs = append(r.errs, Problem{file, n.Line, fmt.Sprintf("datasource %q: dashboards.proxy can leave sources of type prometheus and loki outside, not %q", ds.Name, ds.Type)})
		return
	}
	outside, err := readOutside(n)
	if err != nil {
		r.errs = append(r.errs, Problem{file, n.Line, fmt.Sprintf("datasource %q: %s", ds.Name, err)})
		return
	}
	ds.Proxy, ds.outside = true, outside
}

// entries returns the mappings listed under key and checks the top level.
func (r *reader) entries(file string, root *yaml.Node, key string) []*yaml.Node {
	r.unknownKeys(file, root, "apiVersion", key, "deleteDatasources", "prune")
	var out []*yaml.Node
	for i := 0; i+1 < len(root.Content); i += 2 {
		k, v := root.Content[i], root.Content[i+1]
		switch {
		case k.Value == "apiVersion" && v.Value != "1":
			r.errs = append(r.errs, Problem{file, v.Line, fmt.Sprintf("apiVersion %s is not supported, only 1 is", v.Value)})
		case k.Value == key && v.Kind == yaml.SequenceNode:
			for _, n := range v.Content {
				if n.Kind != yaml.MappingNode {
					r.errs = append(r.errs, Problem{file, n.Line, "expected a mapping"})
					continue
				}
				out = append(out, n)
			}
		case k.Value == key && v.Tag != "!!null":
			r.errs = append(r.errs, Problem{file, v.Line, key + " must be a list"})
		}
	}
	return out
}

// unknownKeys warns: Grafana ignores keys that it does not know, and files that
// work there must load here.
func (r *reader) unknownKeys(file string, n *yaml.Node, known ...string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i]; !slices.Contains(known, k.Value) {
			r.warn(file, k.Line, "unknown key %q is ignored", k.Value)
		}
	}
}

func (r *reader) warn(file string, line int, format string, args ...any) {
	r.out.warnings = append(r.out.warnings, Problem{file, line, fmt.Sprintf(format, args...)})
}

// readBounded reads a file of at most limit bytes.
func readBounded(fsys fs.FS, name string, limit int64) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%d bytes are more than %d", info.Size(), limit)
	}
	return fs.ReadFile(fsys, name)
}

// slug makes an identifier of a title: "Dante Platform" becomes "dante-platform".
func slug(title string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(title) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimSuffix(b.String(), "-")
}
