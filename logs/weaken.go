package logs

// Weaken returns a filter that matches at least what f matches and has none of the
// parts that an engine cannot do. can gets the leaves of f (every filter but And, Or
// and Not) and returns what to ask instead, which must match at least as much, and
// whether that is the same. exact is false if anything was changed: then the
// entries that are found must be tested with a Matcher of f.
func Weaken(f Filter, can func(leaf Filter) (instead Filter, same bool)) (weak Filter, exact bool) {
	w := weakener{can: can, exact: true}
	return w.weaken(f, true), w.exact
}

type weakener struct {
	can   func(Filter) (Filter, bool)
	exact bool
}

// weaken returns a filter that matches at least what f does, or at most with !up.
func (w *weakener) weaken(f Filter, up bool) Filter {
	switch f := f.(type) {
	case nil:
		return nil
	case And:
		return And(w.all(f, up))
	case Or:
		return Or(w.all(f, up))
	case Not:
		return Not{w.weaken(f.Filter, !up)}
	}
	instead, same := w.can(f)
	if same {
		return f
	}
	w.exact = false
	if up {
		return instead
	}
	return Or{} // nothing is surely at most
}

func (w *weakener) all(fs []Filter, up bool) []Filter {
	out := make([]Filter, len(fs))
	for i, f := range fs {
		out[i] = w.weaken(f, up)
	}
	return out
}
