package dashboards

import "fmt"

// Colours of flot's named regions.
var regionColors = map[string]string{
	"background6": "rgba(150, 150, 150, 0.4)", "gray": "rgba(150, 150, 150, 0.4)", "red": "rgba(234, 112, 112, 0.6)", "green": "rgba(11, 237, 50, 0.6)",
	"blue": "rgba(11, 125, 238, 0.6)", "yellow": "rgba(235, 138, 14, 0.6)",
}

// timeRegions turns the regions of flot's graphs (office hours, weekends) into
// annotations of the dashboard that show in that panel only, as Grafana 10 does.
func (m *migrator) timeRegions(tree object) {
	for _, p := range m.regions {
		for i, r := range objects(p, "timeRegions") {
			color := regionColors[text(r, "colorMode")]
			if color == "" {
				color = orText(orText(text(r, "fillColor"), text(r, "lineColor")), regionColors["gray"])
			}
			region := object{"mode": "simple"}
			for _, key := range []string{"from", "to", "fromDayOfWeek", "toDayOfWeek", "timezone"} {
				if r[key] != nil {
					region[key] = r[key]
				}
			}
			if region["timezone"] == nil {
				region["timezone"] = "utc" // flot's regions were written in UTC
			}
			annotations := ensure(tree, "annotations")
			annotations["list"] = append(list(annotations, "list"), object{
				"name": fmt.Sprintf("%s, region %d", orText(text(p, "title"), "panel "+scalar(p["id"])), i+1), "enable": true, "hide": true,
				"datasource": object{"type": "datasource", "uid": "grafana"}, "iconColor": color,
				"filter": object{"exclude": false, "ids": []any{p["id"]}},
				"target": object{"queryType": "timeRegions", "refId": "Anno", "timeRegion": region},
			})
		}
		delete(p, "timeRegions")
	}
}
