package ruby

import (
	"math"
	"strings"
	"time"
)

// binary is an operator between two values.
func (in *interp) binary(op string, a, b any) any {
	switch op {
	case "==":
		return equal(a, b)
	case "===":
		return in.caseEqual(a, b)
	case "=~":
		return in.matches(a, b)
	case "<=>":
		if c, ok := compare(a, b); ok {
			return int64(c)
		}
		return nil
	case "<", "<=", ">", ">=":
		return in.ordered(op, a, b)
	}
	switch x := a.(type) {
	case int64:
		return in.intBinary(op, x, b)
	case float64:
		if y, ok := toFloat(b); ok {
			return in.floatBinary(op, x, y)
		}
		in.raisef("TypeError", "%s can't be coerced into Float", typeName(b))
	case string:
		return in.textBinary(op, x, b)
	case *Array:
		return in.listBinary(op, x, b)
	case time.Time:
		return in.timeBinary(op, x, b)
	case bool:
		switch op {
		case "&":
			return x && truthy(b)
		case "|":
			return x || truthy(b)
		case "^":
			return x != truthy(b)
		}
	}
	in.undefined(a, op)
	return nil
}

func (in *interp) ordered(op string, a, b any) any {
	c, ok := compare(a, b)
	if !ok {
		if a == nil {
			in.undefined(a, op)
		}
		in.raisef("ArgumentError", "comparison of %s with %s failed", typeName(a), inspect(b))
	}
	switch op {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}

func (in *interp) intBinary(op string, x int64, b any) any {
	y, ok := b.(int64)
	if !ok {
		if f, ok := b.(float64); ok {
			return in.floatBinary(op, float64(x), f)
		}
		in.raisef("TypeError", "%s can't be coerced into Integer", typeName(b))
	}
	switch op {
	case "+":
		if s := x + y; (s > x) == (y > 0) {
			return s
		}
		return float64(x) + float64(y)
	case "-":
		if s := x - y; (s < x) == (y > 0) {
			return s
		}
		return float64(x) - float64(y)
	case "*":
		if p := x * y; x == 0 || p/x == y && !(x == -1 && y == math.MinInt64) {
			return p
		}
		return float64(x) * float64(y)
	case "/", "%":
		if y == 0 {
			in.raise("ZeroDivisionError", "divided by 0")
		}
		if op == "%" {
			return floorMod(x, y)
		}
		return floorDiv(x, y)
	case "**":
		return power(x, y)
	case "&":
		return x & y
	case "|":
		return x | y
	case "^":
		return x ^ y
	case "<<":
		return shift(x, y)
	case ">>":
		return shift(x, -y)
	}
	in.undefined(x, op)
	return nil
}

func floorDiv(x, y int64) int64 {
	q := x / y
	if x%y != 0 && (x < 0) != (y < 0) {
		q--
	}
	return q
}

func floorMod(x, y int64) int64 {
	if y == -1 {
		return 0
	}
	m := x % y
	if m != 0 && (m < 0) != (y < 0) {
		m += y
	}
	return m
}

func power(x, y int64) any {
	f := math.Pow(float64(x), float64(y))
	if y < 0 || math.Abs(f) >= 1<<62 {
		return f
	}
	p := int64(1)
	for ; y > 0; y >>= 1 {
		if y&1 == 1 {
			p *= x
		}
		x *= x
	}
	return p
}

func shift(x, y int64) any {
	switch {
	case y <= -64:
		return x >> 63
	case y < 0:
		return x >> -y
	case y >= 63 || x > math.MaxInt64>>y || x < math.MinInt64>>y:
		return float64(x) * math.Pow(2, float64(y))
	}
	return x << y
}

func (in *interp) floatBinary(op string, x, y float64) any {
	switch op {
	case "+":
		return x + y
	case "-":
		return x - y
	case "*":
		return x * y
	case "/":
		return x / y
	case "**":
		return math.Pow(x, y)
	case "%":
		m := math.Mod(x, y)
		if m != 0 && (m < 0) != (y < 0) {
			m += y
		}
		return m
	}
	in.undefined(x, op)
	return nil
}

func (in *interp) textBinary(op, x string, b any) any {
	switch op {
	case "+":
		return in.text(x + in.textArg([]any{b}, 0))
	case "<<":
		if n, ok := b.(int64); ok {
			return in.text(x + string(rune(n)))
		}
		return in.text(x + in.textArg([]any{b}, 0))
	case "*":
		n := in.intArg([]any{b}, 0)
		if n < 0 {
			in.raise("ArgumentError", "argument must be non-negative")
		}
		if len(x)*n > maxText {
			panic(limit{})
		}
		return strings.Repeat(x, n)
	case "%":
		return in.format(x, in.items(b))
	}
	in.undefined(x, op)
	return nil
}

func (in *interp) listBinary(op string, x *Array, b any) any {
	if op == "<<" {
		in.grow(x, b)
		return x
	}
	if op == "*" {
		if s, ok := b.(string); ok {
			return in.join(x.Items, s, 0)
		}
		out := &Array{}
		for range in.intArg([]any{b}, 0) {
			in.grow(out, x.Items...)
		}
		return out
	}
	y, ok := b.(*Array)
	if !ok {
		in.raisef("TypeError", "no implicit conversion of %s into Array", typeName(b))
	}
	out := &Array{}
	switch op {
	case "+":
		in.grow(out, x.Items...)
		in.grow(out, y.Items...)
	case "-":
		in.grow(out, in.filter(x.Items, func(v any) bool { return !in.contains(y.Items, v) })...)
	case "&":
		in.grow(out, in.unique(in.filter(x.Items, func(v any) bool { return in.contains(y.Items, v) }))...)
	case "|":
		in.grow(out, in.unique(append(append([]any{}, x.Items...), y.Items...))...)
	default:
		in.undefined(x, op)
	}
	return out
}

func (in *interp) timeBinary(op string, x time.Time, b any) any {
	if y, ok := b.(time.Time); ok && op == "-" {
		return x.Sub(y).Seconds()
	}
	seconds, ok := toFloat(b)
	if !ok || math.IsNaN(seconds) || math.Abs(seconds) > 1e10 {
		in.raisef("TypeError", "can't convert %s into an exact number", typeName(b))
	}
	if op == "-" {
		seconds = -seconds
	} else if op != "+" {
		in.undefined(x, op)
	}
	whole := math.Trunc(seconds)
	return x.Add(time.Duration(whole)*time.Second + time.Duration((seconds-whole)*1e9))
}

// grow adds to a list within bounds.
func (in *interp) grow(a *Array, items ...any) {
	if len(a.Items)+len(items) > maxItems {
		panic(limit{})
	}
	in.spend(len(items) / 8)
	for _, v := range items {
		in.self.grown += ownSize(v)
	}
	a.Items = append(a.Items, items...)
}
