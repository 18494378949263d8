package metrics

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/config"
	yamlv2 "go.yaml.in/yaml/v2"
	"gopkg.in/yaml.v3"
)

// maxProblems ends the search for further problems in a hopeless file.
const maxProblems = 20

var atLine = regexp.MustCompile(`^(?:yaml: )?line (\d+): `)

// syntaxErrors turns the lines that the YAML parser puts into its messages into
// positions.
func syntaxErrors(path string, err error) error {
	messages := []string{err.Error()}
	if t, ok := errors.AsType[*yaml.TypeError](err); ok {
		messages = t.Errors
	} else if t, ok := errors.AsType[*yamlv2.TypeError](err); ok {
		messages = t.Errors
	}
	var errs []error
	for _, m := range messages {
		e := &FileError{File: path, Message: m}
		if at := atLine.FindStringSubmatch(m); at != nil {
			e.Line, _ = strconv.Atoi(at[1])
			e.Message = m[len(at[0]):]
		}
		errs = append(errs, e)
	}
	return errors.Join(errs...)
}

// locate finds where in doc the problems are that Prometheus' parser reports one at
// a time and, for all but wrong types and unknown keys, without a place. A problem
// lies in the smallest part of the file without which it is gone.
func locate(path string, doc *yaml.Node, err error) error {
	if t, ok := errors.AsType[*yamlv2.TypeError](err); ok && len(t.Errors) > 0 {
		return withColumns(doc, syntaxErrors(path, err))
	}
	if len(doc.Content) == 0 {
		return &FileError{File: path, Message: err.Error()}
	}
	var errs []error
	root := doc.Content[0]
	for err != nil && len(errs) < maxProblems {
		p := blame(root, err)
		if p == nil {
			errs = append(errs, &FileError{File: path, Message: message(err)})
			break
		}
		errs = append(errs, &FileError{path, p.at.Line, p.at.Column, message(err)})
		p.remove()
		err = tryLoad(root)
	}
	return errors.Join(errs...)
}

// message drops the line of a re-encoded document, which is not the file's.
func message(err error) string {
	if err == nil {
		return ""
	}
	if t, ok := errors.AsType[*yamlv2.TypeError](err); ok && len(t.Errors) > 0 {
		return atLine.ReplaceAllString(strings.TrimSpace(t.Errors[0]), "")
	}
	return err.Error()
}

// part is an element of a list, or a key of a mapping with its value.
type part struct {
	parent, node, value *yaml.Node
	// at is where the problem is, in node.
	at *yaml.Node
}

// parts lists what can be taken out of n.
func parts(n *yaml.Node) []part {
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	} else if n.Kind != yaml.SequenceNode {
		return nil
	}
	var out []part
	for i := 0; i+step <= len(n.Content); i += step {
		out = append(out, part{n, n.Content[i], n.Content[i+step-1], n.Content[i]})
	}
	return out
}

// remove takes the part out of its parent.
func (p part) remove() {
	i := slices.Index(p.parent.Content, p.node)
	after := i + 1
	if p.parent.Kind == yaml.MappingNode {
		after++
	}
	p.parent.Content = slices.Concat(p.parent.Content[:i], p.parent.Content[after:])
}

// without returns what the parser says of root without p, "" if nothing.
func (p part) without(root *yaml.Node) string {
	before := p.parent.Content
	defer func() { p.parent.Content = before }()
	p.remove()
	return message(tryLoad(root))
}

// blame returns the smallest part of root without which problem is gone, nil if
// there is none.
func blame(root *yaml.Node, problem error) *part {
	for _, section := range parts(root) {
		rest := section.without(root)
		if rest == message(problem) {
			continue
		}
		if section.value.Kind == yaml.SequenceNode {
			return blameElement(root, section, message(problem))
		}
		return narrow(root, section, rest, message(problem))
	}
	return nil
}

// blameElement returns the smallest part of a list that has the problem by itself.
// Where no element has it alone, it is the last one that makes it (the second job of
// a name).
func blameElement(root *yaml.Node, section part, problem string) *part {
	all := section.value.Content
	defer func() { section.value.Content = all }()
	section.value.Content = nil
	rest := message(tryLoad(root))
	for _, element := range all {
		section.value.Content = []*yaml.Node{element}
		if message(tryLoad(root)) == problem {
			return narrow(root, part{section.value, element, element, element}, rest, problem)
		}
	}
	section.value.Content = all
	for _, element := range slices.Backward(all) {
		p := part{section.value, element, element, element}
		if p.without(root) != problem {
			return &p
		}
	}
	return &section
}

// narrow returns the smallest part of p that is as good to leave out as p itself.
// Leaving out a required key is not, being a problem of its own; but the problem is
// there when it quotes the value.
func narrow(root *yaml.Node, p part, rest, problem string) *part {
	for _, child := range parts(p.value) {
		without := child.without(root)
		if without == rest {
			return narrow(root, child, rest, problem)
		}
		if v := child.value; without != problem && v.Kind == yaml.ScalarNode && strings.Contains(problem, strconv.Quote(v.Value)) {
			p.at = child.node
		}
	}
	return &p
}

func tryLoad(root *yaml.Node) error {
	text, err := yaml.Marshal(root)
	if err != nil {
		return err
	}
	_, err = config.Load(string(text), promslog.NewNopLogger())
	return err
}

// notFound is what the parser says of an unknown key.
var notFound = regexp.MustCompile(`^field (.+) not found in type `)

// withColumns adds the column of the first key or value on each error's line, and to
// unknown keys the one that was meant.
func withColumns(doc *yaml.Node, err error) error {
	columns := map[int]int{}
	var walk func(*yaml.Node)
	walk = func(n *yaml.Node) {
		if c, ok := columns[n.Line]; n.Line > 0 && (!ok || n.Column < c) {
			columns[n.Line] = n.Column
		}
		for _, child := range n.Content {
			walk(child)
		}
	}
	walk(doc)
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			f, ok := e.(*FileError)
			if !ok {
				continue
			}
			f.Column = columns[f.Line]
			if m := notFound.FindStringSubmatch(f.Message); m != nil {
				var hint string
				f.Column, hint = unknownKey(doc, f.Line, m[1])
				f.Message = m[1] + ": unknown key"
				if hint != "" {
					f.Message += " (" + hint + ")"
				}
			}
		}
	}
	return err
}
