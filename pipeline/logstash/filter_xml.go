package logstash

import (
	"strings"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash/internal/xmldom"
)

// maxXML bounds the text of one document.
const maxXML = 8 << 20

// xmlFilter takes what XPath expressions find in a document, or all of it.
type xmlFilter struct {
	source           Ref
	target           Ref
	paths            []xmlPath
	store            bool
	simple           xmldom.Simple
	removeNamespaces bool
}

type xmlPath struct {
	path *xmldom.Path
	to   Ref
}

func newXML(s *Settings, _ *Env) (any, error) {
	s.Required("source")
	f := &xmlFilter{
		source:           s.Ref("source", ""),
		target:           s.Ref("target", ""),
		store:            s.Bool("store_xml", true),
		removeNamespaces: s.Bool("remove_namespaces", false),
		simple: xmldom.Simple{
			ForceArray:    s.Bool("force_array", true),
			ForceContent:  s.Bool("force_content", false),
			SuppressEmpty: s.Bool("suppress_empty", true),
		},
	}
	s.Ignored("parse_options")
	if f.store && f.target.IsZero() {
		s.Errorf("store_xml", "storing the document needs a target; write one, or store_xml => false")
	}
	namespaces := map[string]string{}
	for _, p := range s.Hash("namespaces") {
		namespaces[p.Key] = Text(p.Value)
	}
	for _, p := range s.Hash("xpath") {
		path, err := xmldom.CompilePath(p.Key, namespaces)
		if err != nil {
			s.report.errorf(p.Pos, "", "xml: %v", err)
			continue
		}
		for _, to := range asList(p.Value) {
			f.paths = append(f.paths, xmlPath{path, s.ref("xpath", Text(to))})
		}
	}
	return Func(f.filter), nil
}

func (f *xmlFilter) filter(e *pipeline.Event) bool {
	const failed = "_xmlparsefailure"
	v, _ := f.source.Get(e)
	if v == nil || v == false {
		return false
	}
	if list, ok := v.([]any); ok && len(list) == 1 {
		v = list[0]
	}
	text, ok := v.(string)
	if !ok || len(text) > maxXML {
		Tag(e, failed)
		return false
	}
	if strings.TrimSpace(text) == "" {
		return false
	}
	doc, broken := xmldom.Parse(text)
	searched := doc
	if f.removeNamespaces {
		searched, _ = xmldom.Parse(text)
		searched.RemoveNamespaces()
	}
	matched, ok := f.find(searched, e)
	if !ok {
		Tag(e, failed)
		return false
	}
	if f.store {
		root := doc.Root()
		if broken != nil || root == nil || !f.target.Set(e, f.simple.Value(root)) {
			Tag(e, failed)
			return false
		}
		matched = true
	}
	return matched
}

// find runs the expressions, on what there is when the document breaks off, as libxml2
// does.
func (f *xmlFilter) find(doc *xmldom.Node, e *pipeline.Event) (matched, ok bool) {
	for _, p := range f.paths {
		found, err := p.path.Strings(doc)
		if err != nil {
			return matched, false
		}
		if len(found) == 0 {
			continue
		}
		matched = true
		if len(found) == 1 && !f.simple.ForceArray {
			p.to.Set(e, found[0])
			continue
		}
		list := make([]any, len(found))
		for i, text := range found {
			list[i] = text
		}
		p.to.Set(e, list)
	}
	return matched, true
}
