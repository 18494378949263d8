package dashboards

import (
	"math"
	"slices"
)

const maxLayoutDepth = 8

// v2Layout flattens the layouts of schema v2 into panels on Grafana's grid, as
// Grafana itself does: rows and tabs become row panels, a grid that fills itself
// becomes a grid with places.
type v2Layout struct {
	c         *v2
	elements  object
	variables []any
	out       []any
	y         int
	// inside is the collapsed row that panels go to, nil for the dashboard itself.
	inside object
}

// layout appends what a layout shows at the current y; prefix is the title of the rows
// and tabs around it.
func (l *v2Layout) layout(in object, prefix string, depth int) {
	if depth > maxLayoutDepth {
		l.c.note("rows and tabs are nested deeper than %d: what is below is left out", maxLayoutDepth)
		return
	}
	spec := child(in, "spec")
	switch kind := text(in, "kind"); kind {
	case "GridLayout":
		l.grid(objects(spec, "items"))
	case "AutoGridLayout", "ResponsiveGridLayout":
		l.autoGrid(spec)
	case "RowsLayout":
		for _, r := range objects(spec, "rows") {
			l.row(child(r, "spec"), prefix, depth)
		}
	case "TabsLayout":
		if len(objects(spec, "tabs")) > 0 {
			l.c.note("tabs are shown as rows, one below the other")
		}
		for _, t := range objects(spec, "tabs") {
			l.row(child(t, "spec"), prefix, depth)
		}
	case "":
	default:
		l.c.note("layout %q is not supported: its panels are placed in two columns", kind)
	}
}

// row appends a row or a tab. Its panels lie inside it when it is collapsed and has no
// rows of its own, for which the classic model has no place.
func (l *v2Layout) row(spec object, prefix string, depth int) {
	l.sectionVariables(spec)
	if spec["conditionalRendering"] != nil {
		l.c.note("conditions on when rows and panels show are not evaluated: all are shown")
	}
	title := text(spec, "title")
	if prefix != "" {
		title = prefix + " / " + title
	}
	inner := child(spec, "layout")
	nested := slices.Contains([]string{"RowsLayout", "TabsLayout"}, text(inner, "kind"))
	if flag(spec, "hideHeader") || nested && text(child(spec, "repeat"), "value") == "" {
		l.layout(inner, orText(title, prefix), depth+1)
		return
	}
	header := object{
		"type": "row", "title": title, "collapsed": flag(spec, "collapse") && !nested, "panels": []any{},
		"gridPos": object{"x": 0, "y": l.y, "w": gridColumns, "h": 1},
	}
	setText(header, "repeat", text(child(spec, "repeat"), "value"))
	l.out = append(l.out, header)
	l.y++
	if flag(header, "collapsed") {
		l.inside = header
	}
	l.layout(inner, title, depth+1)
	l.inside = nil
}

func (l *v2Layout) grid(items []object) {
	top, bottom := l.y, l.y
	for _, item := range items {
		spec := child(item, "spec")
		if text(item, "kind") == "GridLayoutRow" { // v2alpha1: a row inside the grid
			l.y = max(bottom, top+int(clampNumber(spec, "y", 0, 100_000)))
			l.gridRow(spec)
			bottom = max(bottom, l.y)
			continue
		}
		pos := object{"x": int(clampNumber(spec, "x", 0, gridColumns-1)), "y": top + int(clampNumber(spec, "y", 0, 100_000)),
			"w": int(clampNumber(spec, "width", 12, gridColumns)), "h": int(clampNumber(spec, "height", 8, 1000))}
		if l.place(spec, pos) {
			bottom = max(bottom, pos["y"].(int)+pos["h"].(int))
		}
	}
	l.y = bottom
}

func (l *v2Layout) gridRow(spec object) {
	row := object{"title": spec["title"], "collapse": spec["collapsed"], "repeat": spec["repeat"],
		"layout": object{"kind": "GridLayout", "spec": object{"items": list(spec, "elements")}}}
	l.row(row, "", maxLayoutDepth-1)
}

// Pixels of the row heights that have a name.
var v2RowHeights = map[string]float64{"short": 168, "standard": 320, "tall": 512}

// autoGrid gives places to a grid that fills itself: maxColumnCount panels side by
// side, as wide as they all fit.
func (l *v2Layout) autoGrid(spec object) {
	columns := int(max(1, min(clampNumber(spec, "maxColumnCount", 3, gridColumns), gridColumns)))
	width := gridColumns / columns
	pixels := v2RowHeights[orText(text(spec, "rowHeightMode"), "standard")]
	if pixels == 0 {
		pixels = clampNumber(spec, "rowHeight", 320, 10_000)
	}
	height := max(minPanelHeight, int(math.Round(pixels/cellPixels)))
	n := 0
	for _, item := range objects(spec, "items") {
		one := child(item, "spec")
		pos := object{"x": n % columns * width, "y": l.y + n/columns*height, "w": width, "h": height}
		if one["conditionalRendering"] != nil {
			l.c.note("conditions on when rows and panels show are not evaluated: all are shown")
		}
		if value := text(child(one, "repeat"), "value"); value != "" {
			repeat := object{"value": value, "direction": "h", "maxPerRow": columns}
			one = object{"element": one["element"], "repeat": repeat}
		}
		if l.place(one, pos) {
			n++
		}
	}
	l.y += (n + columns - 1) / columns * height
}

// place appends the element that a layout item names; it reports whether it did.
func (l *v2Layout) place(item, pos object) bool {
	name := text(child(item, "element"), "name")
	element := child(l.elements, name)
	switch {
	case element == nil:
		l.c.note("the layout names element %q, which does not exist", name)
		return false
	case l.c.placed[name]:
		l.c.note("element %q is placed twice: it is shown once", name)
		return false
	}
	l.c.placed[name] = true
	panel := l.c.panel(name, element)
	panel["gridPos"] = pos
	if repeat := child(item, "repeat"); text(repeat, "value") != "" {
		panel["repeat"] = text(repeat, "value")
		setText(panel, "repeatDirection", text(repeat, "direction"))
		if n, ok := toNumber(repeat["maxPerRow"]); ok {
			panel["maxPerRow"] = n
		}
	}
	if l.inside != nil {
		l.inside["panels"] = append(list(l.inside, "panels"), panel)
	} else {
		l.out = append(l.out, panel)
	}
	return true
}

// rest appends the elements that no layout shows: nothing of a document is lost.
func (l *v2Layout) rest() {
	n := 0
	for _, name := range sortedKeys(l.elements) {
		if l.c.placed[name] || child(l.elements, name) == nil {
			continue
		}
		l.c.note("element %q has no place in the layout: it is shown at the end", name)
		l.place(object{"element": object{"name": name}}, object{"x": n % 2 * 12, "y": l.y + n/2*8, "w": 12, "h": 8})
		n++
	}
}

// sectionVariables adds variables that only a row or a tab has to the dashboard's.
func (l *v2Layout) sectionVariables(spec object) {
	for _, v := range objects(spec, "variables") {
		one := l.c.variable(v)
		name := text(one, "name")
		if slices.ContainsFunc(l.variables, func(o any) bool { return text(o.(object), "name") == name }) {
			l.c.note("variable %q of a row has the name of another: the other's values are used", name)
			continue
		}
		l.c.note("variable %q belongs to one row: here it belongs to the dashboard", name)
		l.variables = append(l.variables, one)
	}
}

func clampNumber(o object, key string, fallback, highest float64) float64 {
	return max(0, min(number(o, key, fallback), highest))
}
