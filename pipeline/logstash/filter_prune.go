package logstash

import (
	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash/internal/onig"
)

// pruneFilter removes top-level fields by lists of expressions on names and values.
type pruneFilter struct {
	interpolate              bool
	whiteNames, blackNames   []pruneRule
	whiteValues, blackValues []pruneRule
}

// pruneRule is an expression, of the field key when it is on values.
type pruneRule struct {
	key   *Template
	text  *Template
	match *onig.Matcher // nil when it is made for each event
}

func newPrune(s *Settings, _ *Env) (any, error) {
	f := &pruneFilter{interpolate: s.Bool("interpolate", false)}
	names := func(setting string, def ...string) []pruneRule {
		var rules []pruneRule
		for _, text := range stringsOr(s, setting, def...) {
			rules = append(rules, f.rule(s, setting, "", text))
		}
		return rules
	}
	values := func(setting string) []pruneRule {
		var rules []pruneRule
		for _, p := range s.Hash(setting) {
			rules = append(rules, f.rule(s, setting, p.Key, Text(p.Value)))
		}
		return rules
	}
	f.whiteNames = names("whitelist_names")
	f.blackNames = names("blacklist_names", `%\{[^}]+\}`)
	f.whiteValues, f.blackValues = values("whitelist_values"), values("blacklist_values")
	return Func(f.filter), nil
}

func (f *pruneFilter) rule(s *Settings, setting, key, text string) pruneRule {
	if f.interpolate {
		return pruneRule{key: s.Compile(setting, key), text: s.Compile(setting, text)}
	}
	literal := &Template{source: key, parts: []templatePart{{text: key}}}
	return pruneRule{key: literal, match: regexOf(s, setting, text)}
}

// matcher is the rule's expression for an event; nil if the event makes none of it.
func (r *pruneRule) matcher(e *pipeline.Event) *onig.Matcher {
	if r.text == nil {
		return r.match
	}
	re, err := onig.Compile(r.text.Expand(e), onig.Options{})
	if err != nil {
		return nil
	}
	return re.Matcher()
}

func (f *pruneFilter) filter(e *pipeline.Event) bool {
	names := fieldNames(e)
	remove := map[string]bool{}
	f.names(e, names, f.whiteNames, func(name string, hit bool) {
		if !hit {
			remove[name] = true
		}
	})
	f.names(e, names, f.blackNames, func(name string, hit bool) {
		if hit {
			remove[name] = true
		}
	})
	f.values(e, f.whiteValues, false, remove)
	f.values(e, f.blackValues, true, remove)
	for name := range remove {
		if name == timestampField {
			mustRef(name).Delete(e)
		}
		delete(e.Fields, name)
	}
	return true
}

func (f *pruneFilter) names(e *pipeline.Event, names []string, rules []pruneRule, tell func(name string, hit bool)) {
	if len(rules) == 0 {
		return
	}
	matchers := make([]*onig.Matcher, len(rules))
	for i := range rules {
		matchers[i] = rules[i].matcher(e)
	}
	for _, name := range names {
		hit := false
		for _, m := range matchers {
			hit = hit || found(m, name)
		}
		tell(name, hit)
	}
}

// values removes fields whose text matches, or does not; of lists only those elements.
func (f *pruneFilter) values(e *pipeline.Event, rules []pruneRule, unwanted bool, remove map[string]bool) {
	for i := range rules {
		key := rules[i].key.Expand(e)
		v, ok := fieldOf(e, key)
		if !ok || v == nil || v == false {
			continue
		}
		m := rules[i].matcher(e)
		list, isList := v.([]any)
		if !isList {
			if found(m, Text(v)) == unwanted {
				remove[key] = true
			}
			continue
		}
		kept := make([]any, 0, len(list))
		for _, x := range list {
			if found(m, Text(x)) != unwanted {
				kept = append(kept, x)
			}
		}
		switch len(kept) {
		case 0:
			remove[key] = true
		case len(list):
		default:
			e.Fields[key] = kept
		}
	}
}
