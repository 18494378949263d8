package ruby

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// pick is a method of lists that needs nothing but the elements.
func pick(of func(in *interp, items []any) any) method {
	return func(in *interp, r any, _ []any, _ *proc) any { return of(in, in.elements(r)) }
}

// elements are the elements of a list, or of what can be one.
func (in *interp) elements(v any) []any {
	if a, ok := v.(*Array); ok {
		return a.Items
	}
	return in.toArray(v)
}

// toArray are the pairs of a hash, or the members of a range.
func (in *interp) toArray(v any) []any {
	switch v := v.(type) {
	case *Hash:
		out := make([]any, 0, len(v.keys))
		for _, k := range v.keys {
			out = append(out, &Array{[]any{k, v.values[k]}})
		}
		in.spend(len(out) / 8)
		return out
	case *Range:
		a := &Array{}
		in.eachOf(v, func(x any) { in.grow(a, x) })
		return a.Items
	}
	return in.items(v)
}

// eachOf goes through a range of whole numbers or of characters.
func (in *interp) eachOf(r *Range, of func(v any)) {
	if from, ok := r.From.(string); ok {
		to := in.textArg([]any{r.To}, 0)
		if len(from) != 1 || len(to) != 1 {
			in.raise("TypeError", "only ranges of single characters or numbers can be gone through")
		}
		for c := from[0]; c < to[0] || c == to[0] && !r.Exclusive; c++ {
			of(string(c))
		}
		return
	}
	from, to := in.intArg([]any{r.From}, 0), maxItems
	if r.To != nil {
		to = in.intArg([]any{r.To}, 0)
	}
	if r.Exclusive {
		to--
	}
	for i := from; i <= to; i++ {
		in.spend(1)
		of(int64(i))
	}
}

// each goes through a list, a hash or a range until of returns false.
func (in *interp) each(v any, of func(item any) bool) {
	for _, x := range slices.Clone(in.elements(v)) {
		if !of(x) {
			return
		}
	}
}

func (in *interp) filter(items []any, keep func(v any) bool) []any {
	out := []any{}
	for _, v := range items {
		in.spend(1)
		if keep(v) {
			out = append(out, v)
		}
	}
	return out
}

func (in *interp) contains(items []any, v any) bool {
	in.spend(len(items) / 4)
	return slices.ContainsFunc(items, func(x any) bool { return equal(x, v) })
}

func (in *interp) unique(items []any) []any {
	out := []any{}
	seen := map[string]bool{}
	for _, v := range items {
		if key := typeName(v) + inspect(v); !seen[key] {
			seen[key] = true
			out = append(out, v)
		}
	}
	return out
}

func (in *interp) join(items []any, by string, depth int) string {
	if depth > maxDepth {
		panic(limit{})
	}
	var b strings.Builder
	for i, v := range items {
		if i > 0 {
			b.WriteString(by)
		}
		if a, ok := v.(*Array); ok {
			b.WriteString(in.join(a.Items, by, depth+1))
		} else {
			b.WriteString(toS(v))
		}
		if b.Len() > maxText {
			panic(limit{})
		}
	}
	return in.text(b.String())
}

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

func listMethods() map[string]method {
	return merge(enumerable(), enumerableFolds(), listAccess(), listChange(), listShape())
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

func listAccess() map[string]method {
	return alias(map[string]method{
		"length": pick(func(_ *interp, items []any) any { return int64(len(items)) }),
		"empty?": pick(func(_ *interp, items []any) any { return len(items) == 0 }),
		"first": func(in *interp, r any, args []any, _ *proc) any {
			items := in.elements(r)
			if len(args) > 0 {
				return &Array{slices.Clone(items[:min(max(in.intArg(args, 0), 0), len(items))])}
			}
			if len(items) == 0 {
				return nil
			}
			return items[0]
		},
		"last": func(in *interp, r any, args []any, _ *proc) any {
			items := in.elements(r)
			if len(args) > 0 {
				return &Array{slices.Clone(items[max(len(items)-max(in.intArg(args, 0), 0), 0):])}
			}
			if len(items) == 0 {
				return nil
			}
			return items[len(items)-1]
		},
		"[]": func(in *interp, r any, args []any, _ *proc) any { return in.index(in.elements(r), args) },
		"join": func(in *interp, r any, args []any, _ *proc) any {
			return in.join(in.elements(r), in.textOr(args, 0, ""), 0)
		},
		"dig": func(in *interp, r any, args []any, _ *proc) any { return in.dig(r, args) },
		"fetch": func(in *interp, r any, args []any, b *proc) any {
			items, i := in.elements(r), in.intArg(args, 0)
			if i < 0 {
				i += len(items)
			}
			switch {
			case i >= 0 && i < len(items):
				return items[i]
			case b != nil:
				return in.run(b, args[:1])
			case len(args) > 1:
				return args[1]
			}
			in.raisef("IndexError", "index %s outside of array bounds", toS(args[0]))
			return nil
		},
		"values_at": func(in *interp, r any, args []any, _ *proc) any {
			out := &Array{}
			for i := range args {
				in.grow(out, in.index(in.elements(r), args[i:i+1]))
			}
			return out
		},
		"take": func(in *interp, r any, args []any, _ *proc) any {
			items := in.elements(r)
			return &Array{slices.Clone(items[:min(max(in.intArg(args, 0), 0), len(items))])}
		},
		"drop": func(in *interp, r any, args []any, _ *proc) any {
			items := in.elements(r)
			return &Array{slices.Clone(items[min(max(in.intArg(args, 0), 0), len(items)):])}
		},
		"take_while": func(in *interp, r any, args []any, b *proc) any {
			items, test := slices.Clone(in.elements(r)), in.test(args, b)
			for i, v := range items {
				if !test(v) {
					return &Array{items[:i]}
				}
			}
			return &Array{items}
		},
		"drop_while": func(in *interp, r any, args []any, b *proc) any {
			items, test := slices.Clone(in.elements(r)), in.test(args, b)
			for i, v := range items {
				if !test(v) {
					return &Array{items[i:]}
				}
			}
			return &Array{}
		},
		"sample": pick(func(_ *interp, items []any) any {
			if len(items) == 0 {
				return nil
			}
			return items[rand.IntN(len(items))]
		}),
	}, "size length slice [] at []")
}

func (in *interp) textOr(args []any, i int, def string) string {
	if i >= len(args) || args[i] == nil {
		return def
	}
	return in.textArg(args, i)
}

// index is list[...].
func (in *interp) index(items []any, args []any) any {
	if r, ok := in.arg(args, 0).(*Range); ok {
		from, to, ok := in.bounds(r, len(items))
		if !ok {
			return nil
		}
		return &Array{slices.Clone(items[from:to])}
	}
	i := in.intArg(args, 0)
	if i < 0 {
		i += len(items)
	}
	if len(args) > 1 {
		n := in.intArg(args, 1)
		if i < 0 || i > len(items) || n < 0 {
			return nil
		}
		return &Array{slices.Clone(items[i:min(i+n, len(items))])}
	}
	if i < 0 || i >= len(items) {
		return nil
	}
	return items[i]
}

func (in *interp) dig(v any, path []any) any {
	for _, key := range path {
		if v == nil {
			return nil
		}
		v = in.method(v, "[]", []any{key}, nil)
	}
	return v
}

// setIndex is x[i] = v.
func (in *interp) setIndex(x any, args []any, v any) {
	switch x := x.(type) {
	case *Hash:
		x.Set(in.key(in.arg(args, 0)), v)
	case *Array:
		i := in.intArg(args, 0)
		if i < 0 {
			i += len(x.Items)
		}
		if i < 0 {
			in.raisef("IndexError", "index %d too small for array", i-len(x.Items))
		}
		for len(x.Items) <= i {
			in.grow(x, nil)
		}
		x.Items[i] = v
	case Event:
		in.setField(x, in.textArg(args, 0), v)
	default:
		in.undefined(x, "[]=")
	}
}

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
