package logql

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/grafana/regexp"
)

// Templates come from whoever may query. Nothing that one makes of a line may
// take memory or time without bound: texts are limited in each step, loops in
// sum, and templates cannot call each other.
const (
	// maxFormatted bounds a text that a template makes in bytes.
	maxFormatted = 4 << 20
	// maxIterations bounds the loops of one execution.
	maxIterations = 100_000
)

var (
	errTooLong       = fmt.Errorf("formatted text is longer than %d bytes", maxFormatted)
	errTooMany       = fmt.Errorf("template loops more than %d times", maxIterations)
	errNoDefinitions = errors.New("templates cannot use other templates")
)

// bounded returns the text, or an error if it is too long.
func bounded(s string) (string, error) {
	if len(s) > maxFormatted {
		return "", errTooLong
	}
	return s, nil
}

// limitedBuffer refuses to grow beyond maxFormatted.
type limitedBuffer struct{ bytes.Buffer }

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxFormatted {
		return 0, errTooLong
	}
	return b.Buffer.Write(p)
}

// iterateFunc is called on what a loop runs over.
const iterateFunc = "__iterate__"

// iterate counts the iterations that a loop over v will have.
func (f *formatter) iterate(v any) (any, error) {
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Map, reflect.Slice, reflect.Array, reflect.String:
		f.iterations += r.Len()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if n := r.Int(); n > maxIterations {
			return nil, errTooMany
		} else if n > 0 {
			f.iterations += int(n)
		}
	case reflect.Invalid:
	default:
		return nil, fmt.Errorf("range can't iterate over %v", v)
	}
	if f.iterations > maxIterations {
		return nil, errTooMany
	}
	return v, nil
}

// boundTemplate passes what loops run over through iterate and refuses calls of
// other templates.
func boundTemplate(n parse.Node) error {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return nil
		}
		for _, x := range n.Nodes {
			if err := boundTemplate(x); err != nil {
				return err
			}
		}
	case *parse.RangeNode:
		call := &parse.CommandNode{NodeType: parse.NodeCommand, Pos: n.Pos,
			Args: []parse.Node{parse.NewIdentifier(iterateFunc).SetPos(n.Pos)}}
		n.Pipe.Cmds = append(n.Pipe.Cmds, call)
		return boundBranch(&n.BranchNode)
	case *parse.IfNode:
		return boundBranch(&n.BranchNode)
	case *parse.WithNode:
		return boundBranch(&n.BranchNode)
	case *parse.TemplateNode:
		return errNoDefinitions
	}
	return nil
}

func boundBranch(b *parse.BranchNode) error {
	if err := boundTemplate(b.List); err != nil {
		return err
	}
	return boundTemplate(b.ElseList)
}

// builtinFuncs replace text/template's own where these can make long texts.
var builtinFuncs = template.FuncMap{
	"print":    func(a ...any) (string, error) { return bounded(fmt.Sprint(a...)) },
	"println":  func(a ...any) (string, error) { return bounded(fmt.Sprintln(a...)) },
	"printf":   func(f string, a ...any) (string, error) { return bounded(fmt.Sprintf(f, a...)) },
	"html":     func(a ...any) (string, error) { return bounded(template.HTMLEscaper(a...)) },
	"js":       func(a ...any) (string, error) { return bounded(template.JSEscaper(a...)) },
	"urlquery": func(a ...any) (string, error) { return bounded(template.URLQueryEscaper(a...)) },
}

func replace(s, old, repl string, n int) (string, error) {
	if len(s)+strings.Count(s, old)*len(repl) > maxFormatted {
		return "", errTooLong
	}
	return strings.Replace(s, old, repl, n), nil
}

// compileFor compiles an expression and says whether replacing its matches in s
// may make a text that is too long.
func compileFor(re, s, repl string) (*regexp.Regexp, error) {
	r, err := regexp.Compile(re)
	if err != nil {
		return nil, err
	}
	matches := 0
	if len(repl) > 0 {
		matches = len(r.FindAllStringIndex(s, -1))
	}
	if matches*len(repl)+(strings.Count(repl, "$")+1)*len(s) > maxFormatted {
		return nil, errTooLong
	}
	return r, nil
}

func regexReplaceAll(re, s, repl string) (string, error) {
	r, err := compileFor(re, s, repl)
	if err != nil {
		return "", err
	}
	return r.ReplaceAllString(s, repl), nil
}

func regexReplaceAllLiteral(re, s, repl string) (string, error) {
	r, err := compileFor(re, s, repl)
	if err != nil {
		return "", err
	}
	return r.ReplaceAllLiteralString(s, repl), nil
}
