package esquery

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// movingFunction makes one number of a window.
type movingFunction func(window []float64) float64

func unweightedAvg(w []float64) float64 {
	if len(w) == 0 {
		return math.NaN()
	}
	return movingSum(w) / float64(len(w))
}

func movingSum(w []float64) float64 {
	sum := 0.0
	for _, v := range w {
		sum += v
	}
	return sum
}

func linearWeightedAvg(w []float64) float64 {
	sum, weight := 0.0, 1.0
	for i, v := range w {
		sum += v * float64(i+1)
		weight += float64(i + 1)
	}
	if len(w) == 0 {
		return math.NaN()
	}
	return sum / weight // Elasticsearch counts the weights from 1, too
}

func ewma(w []float64, alpha float64) float64 {
	if len(w) == 0 {
		return math.NaN()
	}
	avg := w[0]
	for _, v := range w[1:] {
		avg = v*alpha + avg*(1-alpha)
	}
	return avg
}

func holt(w []float64, alpha, beta float64) float64 {
	if len(w) == 0 {
		return math.NaN()
	}
	s, b := w[0], 0.0
	if len(w) > 1 {
		b = w[1] - w[0]
	}
	for i, v := range w {
		if i == 0 {
			continue
		}
		before := s
		s = alpha*v + (1-alpha)*(s+b)
		b = beta*(s-before) + (1-beta)*b
	}
	return s
}

func stdDev(w []float64) float64 {
	if len(w) == 0 {
		return math.NaN()
	}
	avg, sum := unweightedAvg(w), 0.0
	for _, v := range w {
		sum += (v - avg) * (v - avg)
	}
	return math.Sqrt(sum / float64(len(w)))
}

func extreme(better func(a, b float64) float64) movingFunction {
	return func(w []float64) float64 {
		if len(w) == 0 {
			return math.NaN()
		}
		out := w[0]
		for _, v := range w {
			out = better(out, v)
		}
		return out
	}
}

var movingFunctions = map[string]movingFunction{
	"unweightedAvg": unweightedAvg, "linearWeightedAvg": linearWeightedAvg, "sum": movingSum,
	"min": extreme(math.Min), "max": extreme(math.Max), "stdDev": stdDev,
	"ewma": func(w []float64) float64 { return ewma(w, 0.3) },
}

var movingCall = regexp.MustCompile(`^\s*(?:return\s+)?MovingFunctions\.(\w+)\(\s*values\s*((?:,[^;]*)?)\)\s*;?\s*$`)

// parseMoving reads the script of moving_fn: one of MovingFunctions over values.
func parseMoving(script string, params scope) (movingFunction, error) {
	bad := illegalf("the script [%s] is not supported by Pharos: [moving_fn] wants one of MovingFunctions.{max, min, sum, stdDev, unweightedAvg, linearWeightedAvg, ewma, holt}(values, ...)",
		clip(script))
	m := movingCall.FindStringSubmatch(script)
	if m == nil || len(script) > maxScript {
		return nil, bad
	}
	var args []float64
	if m[1] == "ewma" || m[1] == "holt" {
		for _, a := range strings.Split(m[2], ",")[1:] {
			a = strings.TrimSpace(a)
			f, err := strconv.ParseFloat(a, 64)
			if v, ok := params[strings.TrimPrefix(a, "params.")]; ok {
				f, err = v, nil
			}
			if err != nil {
				return nil, bad
			}
			args = append(args, f)
		}
	}
	switch {
	case m[1] == "ewma" && len(args) == 1:
		return func(w []float64) float64 { return ewma(w, args[0]) }, nil
	case m[1] == "holt" && len(args) == 2:
		return func(w []float64) float64 { return holt(w, args[0], args[1]) }, nil
	}
	f, ok := movingFunctions[m[1]]
	if !ok || args != nil {
		return nil, bad
	}
	return f, nil
}
