package dashboards

import (
	"slices"
	"strings"
)

// variableCircles returns the variables whose queries need each other, each circle as
// a, b, a: none of them can be first. A variable that names itself reads what is chosen. The page finds them by itself while it loads them.
func variableCircles(tree object) [][]string {
	refs := map[string][]string{}
	for _, v := range objects(child(tree, "templating"), "list") {
		if name := text(v, "name"); refs[name] == nil {
			refs[name] = referencedVariables(variableTexts(v))
		}
	}
	const visiting, done = 1, 2
	var circles [][]string
	state := map[string]int{}
	var path []string
	var visit func(name string)
	visit = func(name string) {
		if _, exists := refs[name]; !exists || state[name] == done {
			return
		}
		if state[name] == visiting {
			i := slices.Index(path, name)
			circles = append(circles, append(slices.Clone(path[i:]), name))
			return
		}
		state[name] = visiting
		path = append(path, name)
		for _, other := range refs[name] {
			if other != name { // it reads its own choice, as Grafana lets it
				visit(other)
			}
		}
		path = path[:len(path)-1]
		state[name] = done
	}
	for _, v := range objects(child(tree, "templating"), "list") {
		visit(text(v, "name"))
	}
	return circles
}

// variableTexts is what of a variable may refer to others.
func variableTexts(v object) string {
	texts := []string{text(v, "regex"), text(child(v, "datasource"), "uid"), text(v, "query")}
	for _, key := range []string{"query", "label", "stream", "metric"} {
		texts = append(texts, text(child(v, "query"), key))
	}
	return strings.Join(texts, "\n")
}
