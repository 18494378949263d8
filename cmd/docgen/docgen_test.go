package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestPagesSayWhatTheCodeSays(t *testing.T) {
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		t.Run(filepath.Base(p.file), func(t *testing.T) {
			want, err := p.generate(root)
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(root, p.file))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != want {
				t.Errorf("%s differs from the code; run make generate", p.file)
			}
		})
	}
}

func TestParseDesc(t *testing.T) {
	m, err := parseDesc(`Desc{fqName: "a_total", help: "Says \"b\".", constLabels: {store="logs"}, variableLabels: {reason,code}}`)
	if err != nil || m.name != "a_total" || m.help != `Says "b".` || len(m.labels) != 3 || m.labels[0] != "store" || m.labels[2] != "code" {
		t.Errorf("got %+v, %v", m, err)
	}
	if _, err := parseDesc("Desc{}"); err == nil {
		t.Error("a description without a name was read")
	}
}
