package config

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"
)

// The readers of Loki's values. Each tells what is wrong and then returns false.

func boolean(r *lokiReader, key string, n *yaml.Node) (v, ok bool) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" || n.Decode(&v) != nil {
		r.problem(n, key, "", "expected true or false, found %q", n.Value)
		return false, false
	}
	return v, true
}

// whole reads a number that is not negative.
func whole(r *lokiReader, key string, n *yaml.Node) (int, bool) {
	v, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || v < 0 {
		r.problem(n, key, "", "expected a whole number, 0 or more, found %q", n.Value)
		return 0, false
	}
	return v, true
}

// megabytes reads a number of mebibytes, Loki's MB, as bytes.
func megabytes(r *lokiReader, key string, n *yaml.Node) (int, bool) {
	v, err := strconv.ParseFloat(n.Value, 64)
	if n.Kind != yaml.ScalarNode || err != nil || math.IsNaN(v) || v < 0 || v > 1<<40 {
		r.problem(n, key, "such as 8", "expected a number of megabytes, found %q", n.Value)
		return 0, false
	}
	return int(v * (1 << 20)), true
}

var lokiUnits = []struct {
	name   string
	factor uint64
}{
	{"eb", 1 << 60}, {"pb", 1 << 50}, {"tb", 1 << 40}, {"gb", 1 << 30}, {"mb", 1 << 20}, {"kb", 1 << 10},
	{"e", 1 << 60}, {"p", 1 << 50}, {"t", 1 << 40}, {"g", 1 << 30}, {"m", 1 << 20}, {"k", 1 << 10}, {"b", 1}, {"", 1},
}

// parseLokiSize reads Loki's sizes: a whole number with a unit of a power of 1024,
// in any case, "256KB".
func parseLokiSize(s string) (int64, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	for _, u := range lokiUnits {
		number, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		v, err := strconv.ParseUint(strings.TrimSpace(number), 10, 63)
		if err != nil || v > math.MaxInt64/u.factor {
			return 0, false
		}
		return int64(v * u.factor), true
	}
	return 0, false
}

func size(r *lokiReader, key string, n *yaml.Node) (int64, bool) {
	v, ok := parseLokiSize(n.Value)
	if n.Kind != yaml.ScalarNode || !ok {
		r.problem(n, key, `such as 256KB`, "expected a size, found %q", n.Value)
		return 0, false
	}
	return v, true
}

// duration reads "30d" and "1h30m".
func duration(r *lokiReader, key string, n *yaml.Node) (time.Duration, bool) {
	if n.Kind == yaml.ScalarNode {
		if d, err := model.ParseDuration(n.Value); err == nil {
			return time.Duration(d), true
		}
		if d, err := time.ParseDuration(n.Value); err == nil && d >= 0 {
			return d, true
		}
	}
	r.problem(n, key, `such as 30d`, "expected a duration, found %q", n.Value)
	return 0, false
}

// texts reads a list, or one text with commas.
func texts(r *lokiReader, key string, n *yaml.Node) ([]string, bool) {
	out := []string{}
	switch {
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null":
	case n.Kind == yaml.ScalarNode:
		for _, s := range strings.Split(n.Value, ",") {
			out = append(out, strings.TrimSpace(s))
		}
	case n.Kind == yaml.SequenceNode:
		for _, x := range n.Content {
			if x = target(x); x.Kind != yaml.ScalarNode {
				r.problem(x, key, "", "expected a text")
				return nil, false
			}
			out = append(out, x.Value)
		}
	default:
		r.problem(n, key, "", "expected a list of texts")
		return nil, false
	}
	return out, true
}
