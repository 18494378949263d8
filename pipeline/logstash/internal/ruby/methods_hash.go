package ruby

import "slices"

func hashMethods(list map[string]method) map[string]method {
	return alias(merge(list, hashAccess(), hashChange(), hashShape()), "has_key? key? include? key? member? key? has_value? value? size length store []= update merge! each_pair each filter select filter! select! keep_if select! delete_if reject!")
}

func hashAccess() map[string]method {
	return map[string]method{
		"[]": func(in *interp, r any, args []any, _ *proc) any {
			h := r.(*Hash)
			if v, ok := h.Get(in.key(in.arg(args, 0))); ok {
				return v
			}
			if p, ok := h.def.(*proc); ok {
				return in.run(p, []any{h, args[0]})
			}
			return h.def
		},
		"[]=": func(in *interp, r any, args []any, _ *proc) any {
			in.setIndex(r, args, in.arg(args, 1))
			return args[1]
		},
		"dig": func(in *interp, r any, args []any, _ *proc) any { return in.dig(r, args) },
		"fetch": func(in *interp, r any, args []any, b *proc) any {
			v, ok := r.(*Hash).Get(in.key(in.arg(args, 0)))
			switch {
			case ok:
				return v
			case b != nil:
				return in.run(b, args[:1])
			case len(args) > 1:
				return args[1]
			}
			in.raisef("KeyError", "key not found: %s", inspect(args[0]))
			return nil
		},
		"key?": func(in *interp, r any, args []any, _ *proc) any {
			_, ok := r.(*Hash).Get(in.key(in.arg(args, 0)))
			return ok
		},
		"value?": func(in *interp, r any, args []any, _ *proc) any {
			return in.contains(r.(*Hash).list(false), in.arg(args, 0))
		},
		"key": func(in *interp, r any, args []any, _ *proc) any {
			h := r.(*Hash)
			for _, k := range h.keys {
				if equal(h.values[k], in.arg(args, 0)) {
					return k
				}
			}
			return nil
		},
		"keys":   func(_ *interp, r any, _ []any, _ *proc) any { return &Array{r.(*Hash).list(true)} },
		"values": func(_ *interp, r any, _ []any, _ *proc) any { return &Array{r.(*Hash).list(false)} },
		"values_at": func(in *interp, r any, args []any, _ *proc) any {
			out := &Array{}
			for _, k := range args {
				v, _ := r.(*Hash).Get(in.key(k))
				out.Items = append(out.Items, v)
			}
			return out
		},
		"length": func(_ *interp, r any, _ []any, _ *proc) any { return int64(r.(*Hash).Len()) },
		"empty?": func(_ *interp, r any, _ []any, _ *proc) any { return r.(*Hash).Len() == 0 },
		"each_key": func(in *interp, r any, _ []any, b *proc) any {
			in.needBlock(b, "each_key")
			for _, k := range r.(*Hash).list(true) {
				in.run(b, []any{k})
			}
			return r
		},
		"each_value": func(in *interp, r any, _ []any, b *proc) any {
			in.needBlock(b, "each_value")
			for _, v := range r.(*Hash).list(false) {
				in.run(b, []any{v})
			}
			return r
		},
	}
}

// list are a hash's keys or values.
func (h *Hash) list(keys bool) []any {
	if keys {
		return slices.Clone(h.keys)
	}
	out := make([]any, 0, len(h.keys))
	for _, k := range h.keys {
		out = append(out, h.values[k])
	}
	return out
}

func (h *Hash) clone() *Hash {
	c := NewHash()
	for _, k := range h.keys {
		c.Set(k, h.values[k])
	}
	c.def = h.def
	return c
}

// where is a hash of the entries for which a block says what is wanted.
func (in *interp) where(h *Hash, b *proc, want bool) *Hash {
	in.needBlock(b, "select")
	out := NewHash()
	for _, k := range slices.Clone(h.keys) {
		if truthy(in.run(b, []any{k, h.values[k]})) == want {
			out.Set(k, h.values[k])
		}
	}
	return out
}

func hashChange() map[string]method {
	return map[string]method{
		"delete": func(in *interp, r any, args []any, _ *proc) any { return r.(*Hash).Delete(in.key(in.arg(args, 0))) },
		"clear":  func(_ *interp, r any, _ []any, _ *proc) any { *r.(*Hash) = *NewHash(); return r },
		"merge!": func(in *interp, r any, args []any, b *proc) any {
			in.mergeInto(r.(*Hash), args, b)
			return r
		},
		"select!":  func(in *interp, r any, _ []any, b *proc) any { return become(r, in.where(r.(*Hash), b, true)) },
		"reject!":  func(in *interp, r any, _ []any, b *proc) any { return become(r, in.where(r.(*Hash), b, false)) },
		"compact!": func(_ *interp, r any, _ []any, _ *proc) any { return become(r, compacted(r.(*Hash))) },
		"transform_values!": func(in *interp, r any, _ []any, b *proc) any {
			in.needBlock(b, "transform_values!")
			h := r.(*Hash)
			for _, k := range h.list(true) {
				h.Set(k, in.run(b, []any{h.values[k]}))
			}
			return h
		},
		"replace": func(in *interp, r any, args []any, _ *proc) any {
			h, ok := in.arg(args, 0).(*Hash)
			if !ok {
				in.raise("TypeError", "no implicit conversion into Hash")
			}
			return become(r, h.clone())
		},
		"shift": func(_ *interp, r any, _ []any, _ *proc) any {
			h := r.(*Hash)
			if h.Len() == 0 {
				return nil
			}
			k := h.keys[0]
			return &Array{[]any{k, h.Delete(k)}}
		},
	}
}

// become gives a hash the entries of another.
func become(r any, as *Hash) any {
	h := r.(*Hash)
	h.keys, h.values = as.keys, as.values
	return h
}

func compacted(h *Hash) *Hash {
	out := NewHash()
	for _, k := range h.keys {
		if h.values[k] != nil {
			out.Set(k, h.values[k])
		}
	}
	return out
}

func (in *interp) mergeInto(h *Hash, others []any, b *proc) {
	for _, x := range others {
		other, ok := x.(*Hash)
		if !ok {
			in.raisef("TypeError", "no implicit conversion of %s into Hash", typeName(x))
		}
		for _, k := range slices.Clone(other.keys) {
			in.spend(1)
			v := other.values[k]
			if old, has := h.Get(k); has && b != nil {
				v = in.run(b, []any{k, old, v})
			}
			in.self.grown += ownSize(v) + itemSize
			h.Set(k, v)
		}
	}
}

func hashShape() map[string]method {
	return map[string]method{
		"merge": func(in *interp, r any, args []any, b *proc) any {
			out := r.(*Hash).clone()
			in.mergeInto(out, args, b)
			return out
		},
		"select": func(in *interp, r any, _ []any, b *proc) any { return in.where(r.(*Hash), b, true) },
		"reject": func(in *interp, r any, _ []any, b *proc) any { return in.where(r.(*Hash), b, false) },
		"to_h": func(in *interp, r any, _ []any, b *proc) any {
			if b == nil {
				return r
			}
			out := NewHash()
			for _, pair := range in.elements(r) {
				p, ok := in.run(b, []any{pair}).(*Array)
				if !ok || len(p.Items) != 2 {
					in.raise("TypeError", "the block has to give lists of two")
				}
				out.Set(in.key(p.Items[0]), p.Items[1])
			}
			return out
		},
		"transform_values": func(in *interp, r any, _ []any, b *proc) any {
			in.needBlock(b, "transform_values")
			h, out := r.(*Hash), NewHash()
			for _, k := range h.list(true) {
				out.Set(k, in.run(b, []any{h.values[k]}))
			}
			return out
		},
		"transform_keys": func(in *interp, r any, _ []any, b *proc) any {
			in.needBlock(b, "transform_keys")
			h, out := r.(*Hash), NewHash()
			for _, k := range h.list(true) {
				out.Set(in.key(in.run(b, []any{k})), h.values[k])
			}
			return out
		},
		"invert": func(in *interp, r any, _ []any, _ *proc) any {
			h, out := r.(*Hash), NewHash()
			for _, k := range h.keys {
				out.Set(in.key(h.values[k]), k)
			}
			return out
		},
		"slice": func(in *interp, r any, args []any, _ *proc) any {
			out := NewHash()
			for _, k := range args {
				if v, ok := r.(*Hash).Get(in.key(k)); ok {
					out.Set(k, v)
				}
			}
			return out
		},
		"except": func(in *interp, r any, args []any, _ *proc) any {
			out := r.(*Hash).clone()
			for _, k := range args {
				out.Delete(in.key(k))
			}
			return out
		},
		"compact": func(_ *interp, r any, _ []any, _ *proc) any { return compacted(r.(*Hash)) },
	}
}
