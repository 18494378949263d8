package dashboards

import (
	"math"
	"slices"
	"strings"
)

// Grafana's grid: 24 columns; a cell is 30 pixels high with 8 between two. Before
// schemaVersion 16 a dashboard had rows of 12 columns and heights in pixels.
const (
	gridColumns    = 24
	rowColumns     = 12
	cellPixels     = 30 + 8
	defaultHeight  = 250
	minPanelHeight = 3
)

// rows turns rows of panels into a flat list of panels with grid positions. As in
// Grafana, row panels appear only if a row showed a title, was collapsed or
// repeats.
func (m *migrator) rows(tree object) {
	rows := slices.DeleteFunc(objects(tree, "rows"), func(r object) bool {
		return r["repeatIteration"] != nil && text(r, "repeat") == "" // a copy that a repetition made
	})
	delete(tree, "rows")
	if len(rows) == 0 {
		return
	}
	show := false
	for _, r := range rows {
		show = show || flag(r, "collapse") || flag(r, "showTitle") || text(r, "repeat") != ""
	}
	y, out := bottomOf(tree), list(tree, "panels")
	for _, r := range rows {
		rowHeight := gridHeight(r["height"])
		var header object
		if show {
			header = object{
				"type": "row", "title": text(r, "title"), "collapsed": flag(r, "collapse"), "panels": []any{},
				"gridPos": object{"x": 0, "y": y, "w": gridColumns, "h": 1},
			}
			setText(header, "repeat", text(r, "repeat"))
			out = append(out, header)
			y++
		}
		panels, bottom := layoutRow(objects(r, "panels"), y, rowHeight)
		if header != nil && flag(r, "collapse") {
			header["panels"] = panels
			continue
		}
		out = append(out, panels...)
		y = bottom
	}
	tree["panels"] = out
}

// layoutRow places panels from left to right and breaks lines where they do not
// fit; it returns where the next row begins.
func layoutRow(panels []object, y, rowHeight int) ([]any, int) {
	out := []any{}
	x, lineHeight := 0, 0
	for _, p := range panels {
		w := int(math.Floor(number(p, "span", 4) * gridColumns / rowColumns))
		w = max(1, min(w, gridColumns))
		h := rowHeight
		if p["height"] != nil {
			h = gridHeight(p["height"])
		}
		if x+w > gridColumns {
			x, y, lineHeight = 0, y+lineHeight, 0
		}
		p["gridPos"] = object{"x": x, "y": y, "w": w, "h": h}
		delete(p, "span")
		out = append(out, p)
		x, lineHeight = x+w, max(lineHeight, h)
	}
	return out, y + lineHeight
}

// gridHeight turns a height in pixels (250, "250", "250px") into grid rows.
func gridHeight(v any) int {
	pixels := float64(defaultHeight)
	if s, ok := v.(string); ok {
		v = strings.TrimSuffix(strings.TrimSpace(s), "px")
	}
	if n, ok := toNumber(v); ok && n > 0 {
		pixels = min(n, 10_000)
	}
	return max(minPanelHeight, int(math.Ceil(pixels/cellPixels)))
}

// placePanels brings grid positions into the grid, as whole cells, and gives
// panels without one a place below all others.
func placePanels(tree object) {
	bottom := bottomOf(tree)
	for _, p := range objects(tree, "panels") {
		if child(p, "gridPos") == nil {
			p["gridPos"] = object{"x": 0, "y": bottom, "w": gridColumns / 2, "h": 8}
			bottom += 8
		}
		clampPosition(p)
		for _, inner := range objects(p, "panels") {
			clampPosition(inner)
		}
	}
}

func clampPosition(p object) {
	pos := ensure(p, "gridPos")
	w := max(1, min(int(number(pos, "w", gridColumns/2)), gridColumns))
	pos["w"] = w
	pos["x"] = max(0, min(int(number(pos, "x", 0)), gridColumns-w))
	pos["h"] = max(1, min(int(number(pos, "h", 8)), 1000))
	pos["y"] = max(0, min(int(number(pos, "y", 0)), 1_000_000))
}

// bottomOf returns the first grid row below all panels.
func bottomOf(tree object) int {
	bottom := 0
	for _, p := range objects(tree, "panels") {
		if pos := child(p, "gridPos"); pos != nil {
			bottom = max(bottom, int(number(pos, "y", 0)+number(pos, "h", 0)))
		}
	}
	return bottom
}

// assignIDs gives each panel a number of its own: the UI's links name panels by
// it. Numbers that are taken twice or missing are replaced by free ones.
func assignIDs(tree object) {
	var all []object
	for _, p := range objects(tree, "panels") {
		all = append(append(all, p), objects(p, "panels")...)
	}
	taken, highest := map[float64]bool{}, 0.0
	for _, p := range all {
		highest = max(highest, number(p, "id", 0))
	}
	for _, p := range all {
		id := number(p, "id", 0)
		if id < 1 || taken[id] {
			highest++
			id = highest
			p["id"] = id
		}
		taken[id] = true
	}
}
