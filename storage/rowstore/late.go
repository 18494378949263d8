package rowstore

// resolveMaybeEqual replaces MaybeEqual in f by what it means in a store whose rows
// from number since on carry LateColumn; distinct is false if it has no such rows.
func resolveMaybeEqual(f Filter, distinct bool, since uint64) Filter {
	switch f := f.(type) {
	case MaybeEqual:
		switch {
		case !distinct:
			return And{}
		case since == 0:
			return Exists{LateColumn}
		}
		return Or{Exists{LateColumn}, below(since)}
	case Not:
		return Not{resolveMaybeEqual(f.Filter, distinct, since)}
	case And:
		out := make(And, len(f))
		for i := range f {
			out[i] = resolveMaybeEqual(f[i], distinct, since)
		}
		return out
	case Or:
		out := make(Or, len(f))
		for i := range f {
			out[i] = resolveMaybeEqual(f[i], distinct, since)
		}
		return out
	}
	return f
}
