package dashboards

import "strings"

// heatmap gives the flot heatmap's settings their places of today.
func (m *migrator) heatmap(p object) {
	if child(p, "options") != nil || child(p, "yAxis") == nil && child(p, "color") == nil {
		return
	}
	axis, cards := child(p, "yAxis"), child(p, "cards")
	unit := orText(text(axis, "format"), "short")
	calculate := text(p, "dataFormat") != "tsbuckets"
	yAxis := object{"unit": unit, "decimals": axis["decimals"], "reverse": flag(p, "reverseYBuckets"), "axisPlacement": "left"}
	if axis["show"] == false {
		yAxis["axisPlacement"] = "hidden"
	}
	options := object{
		"calculate": calculate,
		"color":     heatmapColor(child(p, "color")),
		"cellGap":   max(1, number(cards, "cardPadding", 2)),
		"rowsFrame": object{"layout": heatmapLayout(text(p, "yBucketBound"))},
		"yAxis":     yAxis,
		"legend":    object{"show": flag(child(p, "legend"), "show")},
		"tooltip":   object{"show": flag(child(p, "tooltip"), "show"), "yHistogram": flag(child(p, "tooltip"), "showHistogram")},
		"showValue": "never",
	}
	for _, key := range []string{"min", "max"} {
		if v, ok := toNumber(axis[key]); ok {
			yAxis[key] = v
		}
	}
	if r, ok := toNumber(cards["cardRound"]); ok {
		options["cellRadius"] = r
	}
	if d, ok := toNumber(p["tooltipDecimals"]); ok {
		options["cellValues"] = object{"decimals": d}
	}
	if calculate {
		options["calculation"] = heatmapCalculation(p, axis)
	}
	p["options"] = options
	ensure(ensure(p, "fieldConfig"), "defaults")["unit"] = unit
}

// heatmapColor reads flot's two ways to colour: a scheme, or one colour whose opacity
// grows with the count.
func heatmapColor(color object) object {
	out := object{"mode": "scheme", "scheme": strings.TrimPrefix(text(color, "colorScheme"), "interpolate"), "steps": 128, "reverse": false}
	if text(color, "mode") == "opacity" {
		out = object{"mode": "opacity", "fill": orText(text(color, "cardColor"), "dark-orange"), "scale": "exponential", "exponent": number(color, "exponent", 0.5)}
		if text(color, "colorScale") == "linear" {
			out["scale"] = "linear"
		}
	}
	for _, key := range []string{"min", "max"} {
		if v, ok := toNumber(color[key]); ok {
			out[key] = v
		}
	}
	return out
}

// heatmapLayout says whether a bucket's name is its upper or its lower bound.
func heatmapLayout(bound string) string {
	switch bound {
	case "upper":
		return "le"
	case "lower":
		return "ge"
	case "middle":
		return "unknown"
	}
	return "auto"
}

// heatmapCalculation reads how wide cells are, by a size or by how many there are; an
// axis with a base is split within each power of it.
func heatmapCalculation(p, axis object) object {
	out := object{}
	for _, side := range []string{"x", "y"} {
		for _, way := range [][2]string{{"Number", "count"}, {"Size", "size"}} {
			if v := p[side+"Bucket"+way[0]]; v != nil && scalar(v) != "" {
				out[side+"Buckets"] = object{"mode": way[1], "value": scalar(v)}
			}
		}
	}
	if base := number(axis, "logBase", 1); base > 1 {
		buckets := object{"mode": "count", "scale": object{"type": "log", "log": base}}
		if split, ok := toNumber(axis["splitFactor"]); ok && split > 0 {
			buckets["value"] = scalar(axis["splitFactor"])
		}
		out["yBuckets"] = buckets
	}
	return out
}
