package ruby

import (
	"slices"
)

// changing is a method that gives a list new elements; it returns nil when told so and
// nothing changed.
func changing(nilIfSame bool, of func(in *interp, items []any, args []any, b *proc) []any) method {
	return func(in *interp, r any, args []any, b *proc) any {
		a, ok := r.(*Array)
		if !ok {
			in.undefined(r, "!")
		}
		before := len(a.Items)
		a.Items = of(in, slices.Clone(a.Items), args, b)
		if nilIfSame && len(a.Items) == before {
			return nil
		}
		return a
	}
}

func listChange() map[string]method {
	return alias(merge(listEnds(), map[string]method{
		"select!": changing(true, func(in *interp, items, args []any, b *proc) []any { return in.filter(items, in.test(args, b)) }),
		"reject!": changing(true, func(in *interp, items, args []any, b *proc) []any {
			test := in.test(args, b)
			return in.filter(items, func(v any) bool { return !test(v) })
		}),
		"delete_if": changing(false, func(in *interp, items, args []any, b *proc) []any {
			test := in.test(args, b)
			return in.filter(items, func(v any) bool { return !test(v) })
		}),
		"keep_if": changing(false, func(in *interp, items, args []any, b *proc) []any { return in.filter(items, in.test(args, b)) }),
		"compact!": changing(true, func(in *interp, items, _ []any, _ *proc) []any {
			return in.filter(items, func(v any) bool { return v != nil })
		}),
		"uniq!": changing(true, func(in *interp, items, _ []any, _ *proc) []any { return in.unique(items) }),
		"map!": changing(false, func(in *interp, items, _ []any, b *proc) []any {
			in.needBlock(b, "map!")
			for i, v := range items {
				items[i] = in.run(b, []any{v})
			}
			return items
		}),
		"sort!": changing(false, func(in *interp, items, _ []any, b *proc) []any {
			return in.sorted(items, func(x, y any) int { return in.compareBy(b, x, y) })
		}),
		"reverse!": changing(false, func(_ *interp, items, _ []any, _ *proc) []any { slices.Reverse(items); return items }),
		"clear":    changing(false, func(*interp, []any, []any, *proc) []any { return nil }),
	}), "filter! select! collect! map!")
}

// listEnds add and take elements at places.
func listEnds() map[string]method {
	return alias(map[string]method{
		"push": func(in *interp, r any, args []any, _ *proc) any { in.grow(r.(*Array), args...); return r },
		"pop": func(_ *interp, r any, _ []any, _ *proc) any {
			a := r.(*Array)
			if len(a.Items) == 0 {
				return nil
			}
			v := a.Items[len(a.Items)-1]
			a.Items = a.Items[:len(a.Items)-1]
			return v
		},
		"shift": func(_ *interp, r any, _ []any, _ *proc) any {
			a := r.(*Array)
			if len(a.Items) == 0 {
				return nil
			}
			v := a.Items[0]
			a.Items = a.Items[1:]
			return v
		},
		"unshift": changing(false, func(in *interp, items, args []any, _ *proc) []any {
			out := &Array{}
			in.grow(out, args...)
			in.grow(out, items...)
			return out.Items
		}),
		"concat": func(in *interp, r any, args []any, _ *proc) any {
			for _, v := range args {
				in.grow(r.(*Array), slices.Clone(in.items(v))...)
			}
			return r
		},
		"insert": changing(false, func(in *interp, items, args []any, _ *proc) []any {
			at := in.intArg(args, 0)
			if at < 0 {
				at += len(items) + 1
			}
			if at < 0 || at > len(items) || len(items)+len(args) > maxItems {
				in.raisef("IndexError", "index %s out of bounds", toS(args[0]))
			}
			return slices.Insert(items, at, args[1:]...)
		}),
		"delete": func(in *interp, r any, args []any, _ *proc) any {
			a := r.(*Array)
			before := len(a.Items)
			a.Items = in.filter(a.Items, func(v any) bool { return !equal(v, in.arg(args, 0)) })
			if len(a.Items) == before {
				return nil
			}
			return args[0]
		},
		"delete_at": func(in *interp, r any, args []any, _ *proc) any {
			a, i := r.(*Array), in.intArg(args, 0)
			if i < 0 {
				i += len(a.Items)
			}
			if i < 0 || i >= len(a.Items) {
				return nil
			}
			v := a.Items[i]
			a.Items = slices.Delete(slices.Clone(a.Items), i, i+1)
			return v
		},
	}, "append push << push prepend unshift")
}

func listShape() map[string]method {
	return map[string]method{
		"reverse": pick(func(_ *interp, items []any) any {
			out := slices.Clone(items)
			slices.Reverse(out)
			return &Array{out}
		}),
		"uniq": func(in *interp, r any, _ []any, b *proc) any {
			if b == nil {
				return &Array{in.unique(in.elements(r))}
			}
			seen := map[string]bool{}
			return &Array{in.filter(slices.Clone(in.elements(r)), func(v any) bool {
				k := inspect(in.run(b, []any{v}))
				known := seen[k]
				seen[k] = true
				return !known
			})}
		},
		"compact": pick(func(in *interp, items []any) any {
			return &Array{in.filter(items, func(v any) bool { return v != nil })}
		}),
		"flatten": func(in *interp, r any, args []any, _ *proc) any {
			out := &Array{}
			in.flatten(out, in.elements(r), in.intOr(args, 0, maxDepth+10), 0)
			return out
		},
		"zip": func(in *interp, r any, args []any, _ *proc) any {
			out := &Array{}
			for i, v := range in.elements(r) {
				row := &Array{[]any{v}}
				for _, other := range args {
					row.Items = append(row.Items, in.index(in.elements(other), []any{int64(i)}))
				}
				in.grow(out, row)
			}
			return out
		},
		"transpose": pick(func(in *interp, items []any) any {
			out := &Array{}
			for _, row := range items {
				for i, v := range in.items(row) {
					if i == len(out.Items) {
						in.grow(out, &Array{})
					}
					in.grow(out.Items[i].(*Array), v)
				}
			}
			return out
		}),
		"product": func(in *interp, r any, args []any, _ *proc) any {
			out := &Array{}
			for _, x := range in.elements(r) {
				for _, y := range in.items(in.arg(args, 0)) {
					in.grow(out, &Array{[]any{x, y}})
				}
			}
			return out
		},
		"rotate": func(in *interp, r any, args []any, _ *proc) any {
			items := in.elements(r)
			if len(items) == 0 {
				return &Array{}
			}
			n := int(floorMod(int64(in.intOr(args, 0, 1)), int64(len(items))))
			return &Array{append(slices.Clone(items[n:]), items[:n]...)}
		},
		"to_ary": pick(func(_ *interp, items []any) any { return &Array{items} }),
	}
}

func (in *interp) flatten(out *Array, items []any, levels, depth int) {
	if depth > maxDepth {
		panic(limit{})
	}
	for _, v := range items {
		if a, ok := v.(*Array); ok && levels > 0 {
			in.flatten(out, a.Items, levels-1, depth+1)
			continue
		}
		in.grow(out, v)
	}
}

func rangeMethods(list map[string]method) map[string]method {
	return merge(list, map[string]method{
		"include?": func(in *interp, r any, args []any, _ *proc) any { return in.within(r.(*Range), in.arg(args, 0)) },
		"cover?":   func(in *interp, r any, args []any, _ *proc) any { return in.within(r.(*Range), in.arg(args, 0)) },
		"begin":    func(_ *interp, r any, _ []any, _ *proc) any { return r.(*Range).From },
		"end":      func(_ *interp, r any, _ []any, _ *proc) any { return r.(*Range).To },
		"step": func(in *interp, r any, args []any, b *proc) any {
			in.needBlock(b, "step")
			n := in.intArg(args, 0)
			for i, v := range in.elements(r) {
				if n > 0 && i%n == 0 {
					in.run(b, []any{v})
				}
			}
			return r
		},
	})
}
