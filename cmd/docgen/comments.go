package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
)

const module = "github.com/pharosd/pharos"

// comments reads what the source says about structs and their fields.
type comments struct {
	root string
	// files are the parsed files of a package, by its import path.
	files map[string][]*ast.File
	errs  []error
}

func newComments(root string) *comments {
	return &comments{root: root, files: map[string][]*ast.File{}}
}

// structDocs is what the source says about one struct.
type structDocs struct {
	name, doc string
	fields    []fieldDoc
}

type fieldDoc struct{ name, doc string }

// of returns the comments of a struct type of this module.
func (c *comments) of(t reflect.Type) structDocs {
	docs := structDocs{name: t.Name()}
	if !strings.HasPrefix(t.PkgPath(), module) {
		return docs
	}
	for _, f := range c.parse(t.PkgPath()) {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			for _, s := range g.Specs {
				spec := s.(*ast.TypeSpec)
				if body, ok := spec.Type.(*ast.StructType); ok && spec.Name.Name == t.Name() {
					docs.doc = flat(g.Doc)
					docs.read(body)
				}
			}
		}
	}
	return docs
}

// parse reads a package's files once.
func (c *comments) parse(path string) []*ast.File {
	if files, ok := c.files[path]; ok {
		return files
	}
	dir := filepath.Join(c.root, filepath.FromSlash(strings.TrimPrefix(path, module)))
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		panic("BUG: pattern: " + err.Error())
	}
	fset := token.NewFileSet()
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			c.errs = append(c.errs, fmt.Errorf("read comments: %w", err))
			continue
		}
		c.files[path] = append(c.files[path], f)
	}
	return c.files[path]
}

func (d *structDocs) read(body *ast.StructType) {
	keyOf := map[string]string{}
	for _, f := range body.Fields.List {
		if f.Tag == nil {
			continue
		}
		tag := reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("yaml")
		key, _, _ := strings.Cut(tag, ",")
		for _, n := range f.Names {
			if key != "" {
				keyOf[n.Name] = key
			}
		}
	}
	for _, f := range body.Fields.List {
		text := flat(f.Doc)
		if text == "" {
			text = flat(f.Comment)
		}
		for _, n := range f.Names {
			d.fields = append(d.fields, fieldDoc{n.Name, inCode(text, keyOf)})
			// "A and B bound ..." above A is about B too.
			if previous := len(d.fields) - 2; text == "" && previous >= 0 && strings.Contains(d.fields[previous].doc, "`"+keyOf[n.Name]+"`") {
				d.fields[previous+1].doc = d.fields[previous].doc
			}
		}
	}
}

// field returns what a field's comment says, with the names of fields as keys.
func (d structDocs) field(name string) string {
	for _, f := range d.fields {
		if f.name == name {
			return f.doc
		}
	}
	return ""
}

// intro is the struct's own comment, when no field has one for the section.
func (d structDocs) intro() string { return d.doc }

// flat is a comment as one paragraph.
func flat(g *ast.CommentGroup) string {
	if g == nil {
		return ""
	}
	return strings.Join(strings.Fields(g.Text()), " ")
}
