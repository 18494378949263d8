package main

import (
	"math"
	"strconv"
)

var bars = []rune("▁▂▃▄▅▆▇█")

// summary is the least, mean, greatest and last value, without what is no number.
func summary(points []point) (least, mean, most, last float64) {
	least, most, last = math.NaN(), math.NaN(), math.NaN()
	sum, n := 0.0, 0
	for _, p := range points {
		v, err := strconv.ParseFloat(p.text, 64)
		if err != nil || math.IsNaN(v) {
			continue
		}
		if n == 0 {
			least, most = v, v
		}
		least, most, last = min(least, v), max(most, v), v
		sum += v
		n++
	}
	return least, sum / float64(n), most, last
}

// sparkline draws a bar for each point between the least and the greatest; a gap where
// there is no number.
func sparkline(points []point) string {
	least, _, most, _ := summary(points)
	out := make([]rune, 0, len(points))
	for _, p := range points {
		v, err := strconv.ParseFloat(p.text, 64)
		switch {
		case err != nil || math.IsNaN(v):
			out = append(out, ' ')
		case most == least || math.IsInf(most-least, 0):
			out = append(out, bars[3])
		default:
			out = append(out, bars[int((v-least)/(most-least)*float64(len(bars)-1)+0.5)])
		}
	}
	return string(out)
}

// number writes four significant digits, all digits of whole numbers below a million.
func number(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e6 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

func short(text string) string {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return number(v)
}
