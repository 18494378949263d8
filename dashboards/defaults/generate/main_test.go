package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
)

func TestGeneratedFilesAreUpToDate(t *testing.T) {
	for folder, list := range boards() {
		for _, b := range list {
			want, err := render(b)
			require.NoError(t, err)
			got, err := os.ReadFile(filepath.Join("..", folder, b.uid+".json"))
			require.NoError(t, err, "go generate ./dashboards")
			require.Equal(t, string(want), string(got), "go generate ./dashboards")
		}
	}
}

func TestPanelsDoNotOverlap(t *testing.T) {
	for _, list := range boards() {
		for _, b := range list {
			taken := map[[2]int]string{}
			for _, p := range b.panels {
				g := p["gridPos"].(object)
				require.LessOrEqual(t, g["x"].(int)+g["w"].(int), 24, p["title"])
				for x := g["x"].(int); x < g["x"].(int)+g["w"].(int); x++ {
					for y := g["y"].(int); y < g["y"].(int)+g["h"].(int); y++ {
						require.Empty(t, taken[[2]int{x, y}], "%s: %s", b.uid, p["title"])
						taken[[2]int{x, y}] = p["title"].(string)
					}
				}
			}
		}
	}
}

func TestQueriesParse(t *testing.T) {
	p := parser.NewParser(parser.Options{})
	for _, list := range boards() {
		for _, b := range list {
			for _, panel := range b.panels {
				targets, _ := panel["targets"].([]object)
				for _, target := range targets {
					if target["datasource"].(object)["type"] != "prometheus" {
						continue
					}
					_, err := p.ParseExpr(plain(target["expr"].(string)))
					require.NoError(t, err, "%s: %s", b.uid, panel["title"])
				}
			}
		}
	}
}
