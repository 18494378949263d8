package ruby

import (
	"math"
	"strconv"
)

// number is a method of numbers that needs nothing but the number.
func ofFloat(of func(f float64) any) method {
	return func(_ *interp, r any, _ []any, _ *proc) any {
		f, _ := toFloat(r)
		return of(f)
	}
}

func numberMethods() map[string]method {
	return alias(merge(numberRounding(), map[string]method{
		"to_f": ofFloat(func(f float64) any { return f }),
		"abs": func(_ *interp, r any, _ []any, _ *proc) any {
			if n, ok := r.(int64); ok {
				return max(n, -n)
			}
			return math.Abs(r.(float64))
		},
		"-@": func(in *interp, r any, _ []any, _ *proc) any { return in.binary("*", r, int64(-1)) },
		"nonzero?": func(_ *interp, r any, _ []any, _ *proc) any {
			if f, _ := toFloat(r); f == 0 {
				return nil
			}
			return r
		},
		"zero?":     ofFloat(func(f float64) any { return f == 0 }),
		"positive?": ofFloat(func(f float64) any { return f > 0 }),
		"negative?": ofFloat(func(f float64) any { return f < 0 }),
		"nan?":      ofFloat(func(f float64) any { return math.IsNaN(f) }),
		"finite?":   ofFloat(func(f float64) any { return !math.IsNaN(f) && !math.IsInf(f, 0) }),
		"even?":     ofFloat(func(f float64) any { return math.Mod(f, 2) == 0 }),
		"odd?":      ofFloat(func(f float64) any { return math.Mod(f, 2) != 0 }),
		"infinite?": ofFloat(func(f float64) any {
			if math.IsInf(f, 0) {
				return int64(1)
			}
			return nil
		}),
		"integer?": func(_ *interp, r any, _ []any, _ *proc) any { _, ok := r.(int64); return ok },
		"to_s": func(in *interp, r any, args []any, _ *proc) any {
			n, ok := r.(int64)
			base := in.intOr(args, 0, 10)
			if !ok || base < 2 || base > 36 {
				return toS(r)
			}
			return strconv.FormatInt(n, base)
		},
		"chr":  func(in *interp, r any, _ []any, _ *proc) any { return string(rune(in.intArg([]any{r}, 0))) },
		"succ": func(in *interp, r any, _ []any, _ *proc) any { return in.binary("+", r, int64(1)) },
		"pred": func(in *interp, r any, _ []any, _ *proc) any { return in.binary("-", r, int64(1)) },
		"times": func(in *interp, r any, _ []any, b *proc) any {
			in.needBlock(b, "times")
			for i := range int64(in.intArg([]any{r}, 0)) {
				in.run(b, []any{i})
			}
			return r
		},
		"upto":   steps(1),
		"downto": steps(-1),
		"step": func(in *interp, r any, args []any, b *proc) any {
			in.needBlock(b, "step")
			by := in.intOr(args, 1, 1)
			for i := in.intArg([]any{r}, 0); by > 0 && i <= in.intArg(args, 0) || by < 0 && i >= in.intArg(args, 0); i += by {
				in.run(b, []any{int64(i)})
			}
			return r
		},
		"divmod": func(in *interp, r any, args []any, _ *proc) any {
			q := in.binary("/", r, in.arg(args, 0))
			if f, ok := q.(float64); ok {
				q = math.Floor(f)
			}
			return &Array{[]any{q, in.binary("%", r, args[0])}}
		},
		"div": func(in *interp, r any, args []any, _ *proc) any {
			return whole(in, math.Floor, in.binary("/", r, in.arg(args, 0)))
		},
		"modulo": func(in *interp, r any, args []any, _ *proc) any { return in.binary("%", r, in.arg(args, 0)) },
		"fdiv": func(in *interp, r any, args []any, _ *proc) any {
			f, _ := toFloat(r)
			return in.binary("/", f, in.arg(args, 0))
		},
		"pow": func(in *interp, r any, args []any, _ *proc) any { return in.binary("**", r, in.arg(args, 0)) },
		"digits": func(in *interp, r any, _ []any, _ *proc) any {
			out := &Array{}
			for n := int64(in.intArg([]any{r}, 0)); ; n /= 10 {
				out.Items = append(out.Items, n%10)
				if n < 10 {
					return out
				}
			}
		},
	}), "next succ magnitude abs")
}

func steps(by int64) method {
	return func(in *interp, r any, args []any, b *proc) any {
		in.needBlock(b, "upto")
		end := int64(in.intArg(args, 0))
		for i := int64(in.intArg([]any{r}, 0)); by > 0 && i <= end || by < 0 && i >= end; i += by {
			in.run(b, []any{i})
		}
		return r
	}
}

// whole makes a whole number of what of makes of a number.
func whole(in *interp, of func(float64) float64, v any) any {
	if n, ok := v.(int64); ok {
		return n
	}
	f, _ := toFloat(v)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		in.raise("FloatDomainError", toS(f))
	}
	if f = of(f); math.Abs(f) >= 1<<63 {
		return f
	}
	return int64(f)
}

func numberRounding() map[string]method {
	round := func(of func(float64) float64) method {
		return func(in *interp, r any, args []any, _ *proc) any {
			digits := 0
			if len(args) > 0 {
				if _, ok := args[0].(int64); ok {
					digits = in.intArg(args, 0)
				}
			}
			if _, isInt := r.(int64); digits <= 0 || isInt {
				if digits < 0 {
					scale := math.Pow(10, float64(-digits))
					f, _ := toFloat(r)
					return whole(in, of, of(f/scale)*scale)
				}
				return whole(in, of, r)
			}
			f := r.(float64)
			scale := math.Pow(10, float64(min(digits, 18)))
			if math.IsInf(f*scale, 0) {
				return f
			}
			return of(f*scale) / scale
		}
	}
	return alias(map[string]method{
		"round":    round(math.Round),
		"floor":    round(math.Floor),
		"ceil":     round(math.Ceil),
		"truncate": round(math.Trunc),
		"to_i":     func(in *interp, r any, _ []any, _ *proc) any { return whole(in, math.Trunc, r) },
	}, "to_int to_i")
}
