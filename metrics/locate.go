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
		at := blame(root, err)
		if at == nil {
			errs = append(errs, &FileError{File: path, Message: message(err)})
			break
		}
		errs = append(errs, &FileError{path, at.node.Line, at.node.Column, message(err)})
		at.remove()
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

// part is a node with the way to take it out of its parent and put it back.
type part struct {
	node, value     *yaml.Node
	remove, restore func()
}

// without returns what the parser says of root without p, "" if nothing.
func (p *part) without(root *yaml.Node) string {
	p.remove()
	defer p.restore()
	return message(tryLoad(root))
}

// blame returns the smallest part of root without which problem is gone, nil if
// there is none.
func blame(root *yaml.Node, problem error) *part {
	for _, p := range parts(root) {
		if rest := p.without(root); rest != message(problem) {
			return narrow(root, p, rest)
		}
	}
	return nil
}

// narrow returns the smallest part of p that is as good to leave out as p itself.
// Leaving out a required key is not: it is a problem of its own.
func narrow(root *yaml.Node, p *part, rest string) *part {
	for _, child := range parts(p.value) {
		if child.without(root) == rest {
			return narrow(root, child, rest)
		}
	}
	return p
}

// parts lists what can be taken out of n: elements of a list, keys with their value
// of a mapping.
func parts(n *yaml.Node) []*part {
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	} else if n.Kind != yaml.SequenceNode {
		return nil
	}
	var out []*part
	for i := 0; i+step <= len(n.Content); i += step {
		before := n.Content
		without := slices.Concat(before[:i], before[i+step:])
		out = append(out, &part{
			node:    before[i],
			value:   before[i+step-1],
			remove:  func() { n.Content = without },
			restore: func() { n.Content = before },
		})
	}
	return out
}

func tryLoad(root *yaml.Node) error {
	text, err := yaml.Marshal(root)
	if err != nil {
		return err
	}
	_, err = config.Load(string(text), promslog.NewNopLogger())
	return err
}

// withColumns adds the column of the first key or value on each error's line.
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
			if f, ok := e.(*FileError); ok {
				f.Column = columns[f.Line]
			}
		}
	}
	return err
}
