package ruby

import (
	"slices"
)

// test is what any?, all?, count and others go by: a block, a pattern or truth.
func (in *interp) test(args []any, b *proc) func(v any) bool {
	switch {
	case b != nil:
		return func(v any) bool { return truthy(in.run(b, []any{v})) }
	case len(args) > 0:
		return func(v any) bool { return in.caseEqual(args[0], v) }
	}
	return truthy
}

// enumerable are the methods that lists, hashes and ranges share.
func enumerable() map[string]method {
	withItems := func(of func(in *interp, items []any, args []any, b *proc) any) method {
		return func(in *interp, r any, args []any, b *proc) any { return of(in, in.elements(r), args, b) }
	}
	m := map[string]method{
		"each": func(in *interp, r any, _ []any, b *proc) any {
			in.needBlock(b, "each")
			in.each(r, func(v any) bool { in.run(b, []any{v}); return true })
			return r
		},
		"each_with_index": func(in *interp, r any, _ []any, b *proc) any {
			in.needBlock(b, "each_with_index")
			for i, v := range slices.Clone(in.elements(r)) {
				in.run(b, []any{v, int64(i)})
			}
			return r
		},
		"each_with_object": withItems(func(in *interp, items []any, args []any, b *proc) any {
			in.needBlock(b, "each_with_object")
			for _, v := range slices.Clone(items) {
				in.run(b, []any{v, in.arg(args, 0)})
			}
			return args[0]
		}),
		"map": withItems(func(in *interp, items []any, _ []any, b *proc) any {
			in.needBlock(b, "map")
			out := &Array{}
			for _, v := range slices.Clone(items) {
				in.grow(out, in.run(b, []any{v}))
			}
			return out
		}),
		"flat_map": withItems(func(in *interp, items []any, _ []any, b *proc) any {
			in.needBlock(b, "flat_map")
			out := &Array{}
			for _, v := range slices.Clone(items) {
				x := in.run(b, []any{v})
				if a, ok := x.(*Array); ok {
					in.grow(out, a.Items...)
				} else {
					in.grow(out, x)
				}
			}
			return out
		}),
		"filter_map": withItems(func(in *interp, items []any, _ []any, b *proc) any {
			in.needBlock(b, "filter_map")
			out := &Array{}
			for _, v := range slices.Clone(items) {
				if x := in.run(b, []any{v}); truthy(x) {
					in.grow(out, x)
				}
			}
			return out
		}),
		"select": withItems(func(in *interp, items []any, args []any, b *proc) any {
			return &Array{in.filter(slices.Clone(items), in.test(args, b))}
		}),
		"reject": withItems(func(in *interp, items []any, args []any, b *proc) any {
			test := in.test(args, b)
			return &Array{in.filter(slices.Clone(items), func(v any) bool { return !test(v) })}
		}),
		"grep": withItems(func(in *interp, items []any, args []any, _ *proc) any {
			return &Array{in.filter(items, func(v any) bool { return in.caseEqual(in.arg(args, 0), v) })}
		}),
		"find": withItems(func(in *interp, items []any, args []any, b *proc) any {
			test := in.test(args, b)
			for _, v := range slices.Clone(items) {
				if test(v) {
					return v
				}
			}
			return nil
		}),
		"find_index": withItems(func(in *interp, items []any, args []any, b *proc) any {
			test := in.test(args, b)
			for i, v := range slices.Clone(items) {
				if test(v) {
					return int64(i)
				}
			}
			return nil
		}),
		"any?": withItems(func(in *interp, items []any, args []any, b *proc) any {
			return slices.ContainsFunc(slices.Clone(items), in.test(args, b))
		}),
		"all?": withItems(func(in *interp, items []any, args []any, b *proc) any {
			test := in.test(args, b)
			return !slices.ContainsFunc(slices.Clone(items), func(v any) bool { return !test(v) })
		}),
		"none?": withItems(func(in *interp, items []any, args []any, b *proc) any {
			return !slices.ContainsFunc(slices.Clone(items), in.test(args, b))
		}),
		"one?": withItems(func(in *interp, items []any, args []any, b *proc) any {
			return len(in.filter(items, in.test(args, b))) == 1
		}),
		"count": withItems(func(in *interp, items []any, args []any, b *proc) any {
			if b == nil && len(args) == 0 {
				return int64(len(items))
			}
			return int64(len(in.filter(items, in.test(args, b))))
		}),
		"include?": withItems(func(in *interp, items []any, args []any, _ *proc) any { return in.contains(items, in.arg(args, 0)) }),
		"to_a":     withItems(func(_ *interp, items []any, _ []any, _ *proc) any { return &Array{slices.Clone(items)} }),
	}
	return alias(m, "collect map filter select find_all select detect find member? include? index find_index collect_concat flat_map entries to_a each_entry each")
}

func enumerableFolds() map[string]method {
	m := map[string]method{
		"sum": func(in *interp, r any, args []any, b *proc) any {
			var total any = int64(0)
			if len(args) > 0 {
				total = args[0]
			}
			for _, v := range slices.Clone(in.elements(r)) {
				if b != nil {
					v = in.run(b, []any{v})
				}
				total = in.binary("+", total, v)
			}
			return total
		},
		"inject": foldList,
		"min":    extreme(-1, false),
		"max":    extreme(1, false),
		"min_by": extreme(-1, true),
		"max_by": extreme(1, true),
		"sort": func(in *interp, r any, _ []any, b *proc) any {
			return &Array{in.sorted(in.elements(r), func(x, y any) int { return in.compareBy(b, x, y) })}
		},
		"sort_by": func(in *interp, r any, _ []any, b *proc) any {
			in.needBlock(b, "sort_by")
			items := in.elements(r)
			pairs := make([]any, len(items))
			for i, v := range items {
				pairs[i] = &Array{[]any{in.run(b, []any{v}), v}}
			}
			pairs = in.sorted(pairs, func(x, y any) int { return in.mustCompare(x.(*Array).Items[0], y.(*Array).Items[0]) })
			for i, p := range pairs {
				pairs[i] = p.(*Array).Items[1]
			}
			return &Array{pairs}
		},
		"group_by": func(in *interp, r any, _ []any, b *proc) any {
			in.needBlock(b, "group_by")
			h := NewHash()
			for _, v := range slices.Clone(in.elements(r)) {
				k := in.key(in.run(b, []any{v}))
				old, _ := h.Get(k)
				a, ok := old.(*Array)
				if !ok {
					a = &Array{}
					h.Set(k, a)
				}
				in.grow(a, v)
			}
			return h
		},
		"partition": func(in *interp, r any, args []any, b *proc) any {
			yes, no := &Array{}, &Array{}
			test := in.test(args, b)
			for _, v := range slices.Clone(in.elements(r)) {
				if test(v) {
					in.grow(yes, v)
				} else {
					in.grow(no, v)
				}
			}
			return &Array{[]any{yes, no}}
		},
		"tally": pick(func(in *interp, items []any) any {
			h := NewHash()
			for _, v := range items {
				n, _ := h.Get(in.key(v))
				count, _ := n.(int64)
				h.Set(in.key(v), count+1)
			}
			return h
		}),
		"to_h": func(in *interp, r any, _ []any, b *proc) any {
			h := NewHash()
			for _, v := range slices.Clone(in.elements(r)) {
				if b != nil {
					v = in.run(b, []any{v})
				}
				pair, ok := v.(*Array)
				if !ok || len(pair.Items) != 2 {
					in.raisef("TypeError", "wrong element type %s (expected array of two)", typeName(v))
				}
				h.Set(in.key(pair.Items[0]), pair.Items[1])
			}
			return h
		},
		"each_slice": func(in *interp, r any, args []any, b *proc) any {
			n := in.intArg(args, 0)
			if n <= 0 {
				in.raise("ArgumentError", "invalid slice size")
			}
			out := &Array{}
			for part := range slices.Chunk(slices.Clone(in.elements(r)), n) {
				in.grow(out, &Array{part})
			}
			if b == nil {
				return out
			}
			for _, v := range out.Items {
				in.run(b, []any{v})
			}
			return r
		},
		"each_cons": func(in *interp, r any, args []any, b *proc) any {
			n, items := in.intArg(args, 0), in.elements(r)
			in.needBlock(b, "each_cons")
			for i := 0; n > 0 && i+n <= len(items); i++ {
				in.run(b, []any{&Array{slices.Clone(items[i : i+n])}})
			}
			return r
		},
	}
	return alias(m, "reduce inject")
}

// foldList is inject: with a first value, a block or the name of an operator.
func foldList(in *interp, r any, args []any, b *proc) any {
	items := slices.Clone(in.elements(r))
	op := ""
	if n := len(args); n > 0 && b == nil {
		op = in.textArg(args, n-1)
		args = args[:n-1]
	}
	var total any
	if len(args) > 0 {
		total = args[0]
	} else if len(items) > 0 {
		total, items = items[0], items[1:]
	}
	for _, v := range items {
		if b != nil {
			total = in.run(b, []any{total, v})
		} else {
			total = in.binary(op, total, v)
		}
	}
	return total
}

func extreme(sign int, by bool) method {
	return func(in *interp, r any, args []any, b *proc) any {
		items := in.elements(r)
		if len(args) > 0 {
			sorted := in.sorted(items, func(x, y any) int { return -sign * in.mustCompare(x, y) })
			return &Array{sorted[:min(max(in.intArg(args, 0), 0), len(sorted))]}
		}
		var best, bestKey any
		for i, v := range slices.Clone(items) {
			key := v
			if by {
				in.needBlock(b, "min_by")
				key = in.run(b, []any{v})
			}
			if i == 0 || !by && b != nil && in.compareBy(b, v, best)*sign > 0 || (by || b == nil) && in.mustCompare(key, bestKey)*sign > 0 {
				best, bestKey = v, key
			}
		}
		return best
	}
}

func (in *interp) mustCompare(a, b any) int {
	in.spend(1)
	c, ok := compare(a, b)
	if !ok {
		in.raisef("ArgumentError", "comparison of %s with %s failed", typeName(a), inspect(b))
	}
	return c
}

func (in *interp) compareBy(b *proc, x, y any) int {
	if b == nil {
		return in.mustCompare(x, y)
	}
	n, ok := in.run(b, []any{x, y}).(int64)
	if !ok {
		in.raisef("ArgumentError", "comparison of %s with %s failed", typeName(x), typeName(y))
	}
	return int(n)
}

func (in *interp) sorted(items []any, by func(x, y any) int) []any {
	out := slices.Clone(items)
	slices.SortStableFunc(out, by)
	return out
}
