package xmldom

import (
	"strings"
	"testing"
)

func TestBounds(t *testing.T) {
	for text, want := range map[string]string{
		strings.Repeat("<a>", 300):             "nest deeper",
		"<a>" + strings.Repeat("<b/>", 60_000): "more than 50000 nodes",
		"<a></b>":                              "not where it should be",
		"<a/><b/>":                             "more than one outermost element",
		"<a>":                                  "has no end",
		"text":                                 "text outside",
		"":                                     "there is no element",
		"<a>&nope;</a>":                        "entity",
		"<a " + strings.Repeat("x='1' ", 60_000) + "/>": "more than 50000 nodes",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
}

func TestPaths(t *testing.T) {
	doc, err := Parse(`<r xmlns:p="urn:p"><p:a id="1">x<!-- c --> y</p:a><b>2</b><b>3.5</b></r>`)
	if err != nil {
		t.Fatal(err)
	}
	for expr, want := range map[string]string{
		"//b/text()": "2|3.5", "//b[2]": "<b>3.5</b>", "/r/p:a/@id": "1", "sum(//b)": "5.5", "count(//b)": "2.0", "string(//b)": "2",
		"//b = 2": "true", "//b = 9": "", "//nope": "", "//p:a": `<p:a id="1">x<!-- c --> y</p:a>`, "//b/preceding-sibling::*/@id": "1", "name(//*[@id])": "p:a",
	} {
		p, err := CompilePath(expr, nil)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		got, err := p.Strings(doc)
		if err != nil || strings.Join(got, "|") != want {
			t.Errorf("%s: %q, %v, want %q", expr, got, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`<?xml version="1.0"?><a xmlns="urn:x" y='1'><b>t &amp; u</b><![CDATA[<>]]><c/></a>`, "//b")
	f.Add(`<a><b`, "/a/@y")
	f.Add(`<x:a xmlns:x="u"><x:a/></x:a>`, "//x:a[1]")
	f.Fuzz(func(t *testing.T, text, expr string) {
		doc, err := Parse(text)
		if p, err := CompilePath(expr, nil); err == nil && len(text) < 2000 && len(expr) < 60 {
			_, _ = p.Strings(doc)
		}
		if err == nil {
			Simple{ForceArray: true}.Value(doc.Root())
			again, err := Parse(doc.XML())
			if err != nil || again.XML() != doc.XML() {
				t.Fatalf("%q is written as %q: %v", text, doc.XML(), err)
			}
		}
	})
}
