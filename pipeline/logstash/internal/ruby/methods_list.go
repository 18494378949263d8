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

func listMethods() map[string]method {
	return merge(enumerable(), enumerableFolds(), listAccess(), listChange(), listShape())
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
		key := in.key(in.arg(args, 0))
		old, has := x.Get(key)
		in.self.grown += ownSize(v) - ownSize(old)
		if !has {
			in.self.grown += ownSize(key) + itemSize
		}
		x.Set(key, v)
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
