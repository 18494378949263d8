package adopt

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// banner is the first line of what is written, by which it is known again.
const banner = "# Written by pharos adopt"

// setting is one key of pharos.yml that names a file, or says what a flag said. Without
// a key it is the section itself.
type setting struct {
	section, key string
	value        any
	from         *file  // the native file that it names, if one
	off          string // why it must not be set: it is written as a comment
}

// draft is the pharos.yml in the making: settings in order.
type draft struct{ settings []*setting }

func newDraft() *draft { return &draft{} }

func (d *draft) set(section, key string, v any, from *file) {
	d.settings = append(d.settings, &setting{section: section, key: key, value: v, from: from})
}

// path is a file or folder; it is written relative to pharos.yml.
type path string

// render writes pharos.yml.
func (a *adoption) render() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s. The files that it names stay where they are and are read as they are.\n", banner)
	fmt.Fprintf(&b, "# pharos serve --config %s\n\n", filepath.Base(a.opts.Out))
	fmt.Fprintf(&b, "listen: %s\n", a.address(8400))
	a.renderPorts(&b)
	b.Write(a.draft.text(a.relative))
	return b.Bytes()
}

// relative is a path as pharos.yml, which may lie in another folder, says it.
func (a *adoption) relative(p string) string {
	rel, err := filepath.Rel(filepath.Dir(a.opts.Out), p)
	if err != nil {
		return p
	}
	return filepath.ToSlash(rel)
}

func (a *adoption) address(port int) string { return a.opts.Host + ":" + strconv.Itoa(port) }

// renderPorts writes the customary ports; without CustomaryPorts as a comment, since
// what is to be replaced may still run there.
func (a *adoption) renderPorts(b *bytes.Buffer) {
	var list []string
	for _, p := range a.ports {
		list = append(list, a.address(p))
	}
	if len(list) == 0 {
		return
	}
	mark := ""
	if !a.opts.CustomaryPorts {
		mark = "# "
		b.WriteString("# The ports of what is replaced, for clients that stay as they are. Stop that first.\n")
	}
	fmt.Fprintf(b, "%salso_listen: [%s]\n", mark, strings.Join(list, ", "))
}

// text writes the sections; name says how a path is written.
func (d *draft) text(name func(string) string) []byte {
	var sections []string
	for _, s := range d.settings {
		if !slices.Contains(sections, s.section) {
			sections = append(sections, s.section)
		}
	}
	var b bytes.Buffer
	for _, section := range sections {
		d.writeSection(&b, section, name)
	}
	return b.Bytes()
}

// writeSection writes what is off as comments behind what is on.
func (d *draft) writeSection(b *bytes.Buffer, section string, name func(string) string) {
	on := yaml.Node{Kind: yaml.MappingNode}
	var off bytes.Buffer
	for _, s := range d.settings {
		if s.section == section && s.key == "" {
			d.writeWhole(b, s, name)
			return
		}
	}
	for _, s := range d.settings {
		switch {
		case s.section != section:
		case s.off == "":
			put(&on, s.key, named(s.value, name))
		default:
			one := yaml.Node{Kind: yaml.MappingNode}
			put(&one, s.key, named(s.value, name))
			fmt.Fprintf(&off, "# %s:\n%s", s.off, indent(encode(&one), "# "))
		}
	}
	if len(on.Content) == 0 {
		fmt.Fprintf(b, "\n# %s:\n%s", section, indent(off.Bytes(), "  "))
		return
	}
	fmt.Fprintf(b, "\n%s:\n%s%s", section, indent(encode(&on), "  "), indent(off.Bytes(), "  "))
}

// writeWhole writes a section that is one value.
func (d *draft) writeWhole(b *bytes.Buffer, s *setting, name func(string) string) {
	one := yaml.Node{Kind: yaml.MappingNode}
	put(&one, s.section, named(s.value, name))
	if s.off != "" {
		fmt.Fprintf(b, "\n# %s:\n%s", s.off, indent(encode(&one), "# "))
		return
	}
	fmt.Fprintf(b, "\n%s", encode(&one))
}

// named writes the paths within a value.
func named(v any, name func(string) string) any {
	switch v := v.(type) {
	case path:
		return name(string(v))
	case []path:
		out := make([]string, len(v))
		for i, p := range v {
			out[i] = name(string(p))
		}
		return out
	case map[string]path:
		out := make(map[string]string, len(v))
		for k, p := range v {
			out[k] = name(string(p))
		}
		return out
	}
	return v
}

func indent(text []byte, with string) string {
	var b strings.Builder
	for l := range strings.Lines(string(text)) {
		b.WriteString(with)
		b.WriteString(l)
	}
	return b.String()
}

// put sets a key; a dotted one goes into mappings within.
func put(n *yaml.Node, key string, v any) {
	first, rest, nested := strings.Cut(key, ".")
	if !nested {
		var val yaml.Node
		if err := val.Encode(v); err != nil {
			panic("BUG: " + err.Error())
		}
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, &val)
		return
	}
	sub := value(n, first)
	if sub == nil {
		sub = &yaml.Node{Kind: yaml.MappingNode}
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: first}, sub)
	}
	put(sub, rest, v)
}

func encode(n *yaml.Node) []byte {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(n); err != nil {
		panic("BUG: " + err.Error())
	}
	return b.Bytes()
}
