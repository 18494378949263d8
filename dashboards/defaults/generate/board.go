package main

import "slices"

type object = map[string]any

// board collects a dashboard's panels and lays them out from left to right, in rows of
// 24 columns as Grafana counts them.
type board struct {
	uid, title, description string
	tags                    []string
	from, refresh           string
	variables, panels       []object
	links                   []object

	x, y, height, id int
}

func newBoard(uid, title, description string, tags ...string) *board {
	return &board{uid: uid, title: title, description: description, tags: tags, from: "now-1h", refresh: "30s"}
}

// place puts a panel w columns wide and h rows high where the last one ended, or on a
// new line when it does not fit.
func (b *board) place(p object, w, h int) {
	if b.x+w > 24 {
		b.line()
	}
	b.id++
	p["id"] = b.id
	p["gridPos"] = object{"x": b.x, "y": b.y, "w": w, "h": h}
	b.x += w
	b.height = max(b.height, h)
	b.panels = append(b.panels, p)
}

func (b *board) line() {
	b.x, b.y, b.height = 0, b.y+b.height, 0
}

// row begins a section with a heading.
func (b *board) row(title string) {
	if b.x > 0 {
		b.line()
	}
	b.place(object{"type": "row", "title": title, "collapsed": false, "panels": []any{}}, 24, 1)
	b.line()
}

// linkTo adds a menu of the dashboards with a tag.
func (b *board) linkTo(title, tag string) {
	b.links = append(b.links, object{
		"title": title, "type": "dashboards", "tags": []string{tag}, "asDropdown": true, "includeVars": false, "keepTime": true,
		"targetBlank": false, "icon": "external link", "tooltip": "", "url": "",
	})
}

func (b *board) document() object {
	return object{
		"uid": b.uid, "title": b.title, "description": b.description, "tags": slices.Sorted(slices.Values(b.tags)),
		"schemaVersion": 41, "version": 1, "editable": true, "graphTooltip": 1, "id": nil, "preload": false, "fiscalYearStartMonth": 0,
		"timezone": "", "weekStart": "", "refresh": b.refresh, "time": object{"from": b.from, "to": "now"}, "timepicker": object{},
		"annotations": object{"list": []object{
			{"builtIn": 1, "datasource": object{"type": "grafana", "uid": "-- Grafana --"}, "enable": true, "hide": true,
				"iconColor": "rgba(0, 211, 255, 1)", "name": "Annotations & Alerts", "type": "dashboard"},
			{"datasource": object{"type": "grafana", "uid": "-- Grafana --"}, "enable": true, "hide": false, "iconColor": "blue", "name": "Deploys",
				"target": object{"type": "tags", "tags": []string{"deploy"}, "matchAny": true, "limit": 100}, "type": "tags"},
		}},
		"links": orEmpty(b.links), "templating": object{"list": orEmpty(b.variables)}, "panels": b.panels,
	}
}

func orEmpty(list []object) []object {
	if list == nil {
		return []object{}
	}
	return list
}
