package elastic

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/internal/esapi"
)

// indexLabel is the label of streams that has their index.
const indexLabel = "index"

// RetentionRule says how long entries of the streams that all matchers select are
// kept. Of rules that select a stream the one with the highest priority holds.
type RetentionRule struct {
	Matchers []*labels.Matcher
	Period   time.Duration
	Priority int
}

// policy is what a lifecycle policy does: entries go at an age, 0 meaning never. The
// phases before concern shards only.
type policy struct{ age time.Duration }

type policyDocument struct {
	Policy struct {
		Phases map[string]struct {
			MinAge  string                     `json:"min_age"`
			Actions map[string]json.RawMessage `json:"actions"`
		} `json:"phases"`
	} `json:"policy"`
}

// parsePolicy reads a policy. An entry's age stands for its index's, which counts from
// the rollover on: so the hot phase's rollover by age comes on top.
func parsePolicy(raw []byte) (policy, error) {
	var d policyDocument
	if err := json.Unmarshal(raw, &d); err != nil {
		return policy{}, esapi.Illegal("cannot read the policy: " + err.Error())
	}
	if len(d.Policy.Phases) == 0 {
		return policy{}, nil
	}
	for name := range d.Policy.Phases {
		if !slices.Contains([]string{"hot", "warm", "cold", "frozen", "delete"}, name) {
			return policy{}, esapi.Illegal("Timeseries lifecycle does not support phase [" + name + "]")
		}
	}
	last, ok := d.Policy.Phases["delete"]
	if !ok {
		return policy{}, nil
	}
	var p policy
	for _, text := range []string{last.MinAge, rolloverAge(d.Policy.Phases["hot"].Actions["rollover"])} {
		if text == "" {
			continue
		}
		age, err := parseDuration(text)
		if err != nil {
			return policy{}, err
		}
		p.age += age
	}
	if p.age == 0 {
		return policy{}, esapi.Illegal("the phase [delete] needs a [min_age] of more than 0, or the phase [hot] a rollover with [max_age]: entries would go as they come")
	}
	return p, nil
}

func rolloverAge(raw json.RawMessage) string {
	var r struct {
		MaxAge string `json:"max_age"`
	}
	_ = json.Unmarshal(raw, &r) // other conditions do not matter
	return r.MaxAge
}

func (s *state) addPolicy(name string, raw []byte) (err error) {
	s.policies[name], err = parsePolicy(raw)
	return err
}

// period returns how long an effect keeps entries, 0 if it says nothing.
func (s *state) period(e effect) time.Duration {
	if e.retention > 0 {
		return e.retention
	}
	return s.policies[e.policy].age
}

// retention returns the rules: of indices and data streams by name first, then of
// templates by their priority. A template hides those after it for what it matches,
// also if it says nothing about retention.
func (s *state) retention() []RetentionRule {
	var rules []RetentionRule
	add := func(period time.Duration, ms ...*labels.Matcher) {
		rules = append(rules, RetentionRule{Matchers: ms, Period: period})
	}
	for name, i := range s.indices {
		if period := s.period(i.effect); period > 0 {
			add(period, labels.MustNewMatcher(labels.MatchEqual, indexLabel, name))
		}
	}
	for name, st := range s.streams {
		if st.retention > 0 {
			add(st.retention, labels.MustNewMatcher(labels.MatchEqual, indexLabel, name))
		}
	}
	slices.SortFunc(rules, func(a, b RetentionRule) int { return strings.Compare(a.Matchers[0].Value, b.Matchers[0].Value) })
	var silent []string // patterns of templates that say nothing
	for _, t := range s.templates {
		period := s.period(t.effect)
		if period == 0 {
			silent = append(silent, t.patterns...)
			continue
		}
		ms := []*labels.Matcher{labels.MustNewMatcher(labels.MatchRegexp, indexLabel, regex(t.patterns))}
		if len(silent) > 0 {
			ms = append(ms, labels.MustNewMatcher(labels.MatchNotRegexp, indexLabel, regex(silent)))
		}
		// A pattern may match the empty text, the index of what did not come as a document.
		add(period, append(ms, labels.MustNewMatcher(labels.MatchNotEqual, indexLabel, ""))...)
	}
	for i := range rules {
		rules[i].Priority = len(rules) - i
	}
	return rules
}

// regex is an expression of the names that match one of the patterns.
func regex(patterns []string) string {
	out := make([]string, len(patterns))
	for i, p := range patterns {
		out[i] = strings.ReplaceAll(regexp.QuoteMeta(p), `\*`, ".*")
	}
	return strings.Join(out, "|")
}
