package logql

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
)

// LineFormatStage rewrites lines: | line_format "{{.level}} {{.msg}}".
type LineFormatStage struct{ Template string }

func (s *LineFormatStage) String() string { return "| line_format " + strconv.Quote(s.Template) }

// formatter runs templates over the entry that is being processed.
type formatter struct {
	e          *entry
	buf        limitedBuffer
	iterations int // of loops in this execution
}

func (f *formatter) parse(name, text string) (*template.Template, error) {
	t, err := template.New(name).Option("missingkey=zero").Funcs(templateFuncs(f)).Parse(text)
	if err != nil {
		return nil, err
	}
	return t, boundTemplate(t.Root)
}

func (f *formatter) execute(t *template.Template, e *entry, data map[string]string) (string, error) {
	f.e, f.iterations = e, 0
	f.buf.Reset()
	if err := t.Execute(&f.buf, data); err != nil {
		return "", err
	}
	return f.buf.String(), nil
}

type lineFormatStage struct {
	formatter
	tmpl  *template.Template
	label string // if the template is nothing but one label
}

func (s *LineFormatStage) compile() (stage, error) {
	x := &lineFormatStage{}
	var err error
	if x.tmpl, err = x.parse("line", s.Template); err != nil {
		return nil, fmt.Errorf("invalid line template: %w", err)
	}
	if nodes := x.tmpl.Root.Nodes; len(nodes) == 1 {
		x.label = plainField(nodes[0])
	}
	return x, nil
}

// plainField returns the name if the node is {{.name}}.
func plainField(n parse.Node) string {
	a, ok := n.(*parse.ActionNode)
	if !ok || len(a.Pipe.Cmds) != 1 || len(a.Pipe.Cmds[0].Args) != 1 {
		return ""
	}
	if f, ok := a.Pipe.Cmds[0].Args[0].(*parse.FieldNode); ok && len(f.Ident) == 1 {
		return f.Ident[0]
	}
	return ""
}

func (s *lineFormatStage) process(e *entry) bool {
	if s.label != "" {
		e.line, _ = e.labels.get(s.label)
		return true
	}
	line, err := s.execute(s.tmpl, e, e.labels.byName())
	if err != nil {
		e.labels.err, e.labels.errDetails = errTemplateFormat, err.Error()
		return true
	}
	e.line = line
	return true
}

func (s *lineFormatStage) needs() []string { return templateFields(s.tmpl) }

// LabelFormatStage sets and renames labels: | label_format a="{{.b}}", c=d.
type LabelFormatStage struct{ Formats []LabelFormat }

// LabelFormat sets one label: to what a template makes, or to the label From,
// which is removed.
type LabelFormat struct{ Label, From, Template string }

func (s *LabelFormatStage) String() string {
	texts := make([]string, len(s.Formats))
	for i, f := range s.Formats {
		if f.From != "" {
			texts[i] = f.Label + "=" + f.From
		} else {
			texts[i] = f.Label + "=" + strconv.Quote(f.Template)
		}
	}
	return "| label_format " + strings.Join(texts, ",")
}

type labelFormatStage struct {
	formatter
	formats []LabelFormat
	tmpls   []*template.Template // nil where a label is renamed
}

func (s *LabelFormatStage) compile() (stage, error) {
	x := &labelFormatStage{formats: s.Formats}
	seen := map[string]bool{}
	for _, f := range s.Formats {
		if f.Label == errorLabel {
			return nil, fmt.Errorf("%s cannot be formatted", f.Label)
		}
		if seen[f.Label] {
			return nil, fmt.Errorf("multiple label name '%s' not allowed in a single format operation", f.Label)
		}
		seen[f.Label] = true
		var t *template.Template
		if f.From == "" {
			var err error
			if t, err = x.parse("label", f.Template); err != nil {
				return nil, fmt.Errorf("invalid template for label '%s': %w", f.Label, err)
			}
		}
		x.tmpls = append(x.tmpls, t)
	}
	return x, nil
}

// process runs all templates on the labels as they are at the first of them.
func (s *labelFormatStage) process(e *entry) bool {
	var data map[string]string
	for i, f := range s.formats {
		if s.tmpls[i] == nil {
			if v, ok := e.labels.get(f.From); ok {
				e.labels.set(f.Label, v)
				e.labels.drop(f.From)
			}
			continue
		}
		if len(data) == 0 {
			data = e.labels.byName()
		}
		v, err := s.execute(s.tmpls[i], e, data)
		if err != nil {
			e.labels.err, e.labels.errDetails = errTemplateFormat, err.Error()
			continue
		}
		e.labels.set(f.Label, v)
	}
	return true
}

func (s *labelFormatStage) needs() []string {
	var names []string
	for i, f := range s.formats {
		if s.tmpls[i] == nil {
			names = append(names, f.From)
		} else {
			names = append(names, templateFields(s.tmpls[i])...)
		}
	}
	return names
}

// templateFields returns the labels that a template reads.
func templateFields(t *template.Template) []string {
	var names []string
	var visit func(n parse.Node)
	branch := func(b *parse.BranchNode) {
		visit(b.Pipe)
		visit(b.List)
		if b.ElseList != nil {
			visit(b.ElseList)
		}
	}
	visit = func(n parse.Node) {
		switch n := n.(type) {
		case *parse.ListNode:
			for _, x := range n.Nodes {
				visit(x)
			}
		case *parse.ActionNode:
			visit(n.Pipe)
		case *parse.PipeNode:
			for _, x := range n.Cmds {
				visit(x)
			}
		case *parse.CommandNode:
			for _, x := range n.Args {
				visit(x)
			}
		case *parse.FieldNode:
			names = append(names, n.Ident...)
		case *parse.IfNode:
			branch(&n.BranchNode)
		case *parse.WithNode:
			branch(&n.BranchNode)
		case *parse.RangeNode:
			branch(&n.BranchNode)
		}
	}
	visit(t.Root)
	slices.Sort(names)
	return slices.Compact(names)
}
