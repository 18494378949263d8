package redact

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Rules are compiled rules of one tenant. They may be used by several goroutines.
type Rules struct {
	cfg    Config
	rules  []rule
	labels map[string]bool
	key    []byte
}

// rule is one compiled rule.
type rule struct {
	name string
	mask string // what is put in place of a find; "" hashes it
	find finder
	// canonical is the text that is hashed for a find; nil: as it is.
	canonical func(string) string
	// secretNames takes the whole value of an attribute of a telling name.
	secretNames bool
}

// span is a part of a text, [from, to).
type span struct{ from, to int }

// finder appends what it finds in a text to spans, in order and without overlap.
type finder func(s string, spans []span) []span

// Compile compiles rules that Validate found nothing wrong with.
func Compile(cfg Config) (*Rules, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	r := &Rules{cfg: cfg, labels: map[string]bool{}}
	for _, name := range cfg.Labels {
		r.labels[name] = true
	}
	for _, c := range cfg.Rules {
		compiled := rule{name: c.name()}
		if c.Action != Hash {
			compiled.mask = "[redacted:" + compiled.name + "]"
		}
		switch c.Type {
		case Email:
			compiled.find, compiled.canonical = findEmails, strings.ToLower
		case Card:
			compiled.find, compiled.canonical = findCards, digitsOnly
		case Token:
			compiled.find, compiled.secretNames = newTokenFinder().find, true
		case Expression:
			re, err := compileExpression(c.Expression)
			if err != nil {
				return nil, err
			}
			compiled.find = newExpressionFinder(re)
		}
		r.rules = append(r.rules, compiled)
	}
	return r, nil
}

// WithKey are the same rules with a key for hashes.
func (r *Rules) WithKey(key []byte) *Rules {
	c := *r
	c.key = key
	return &c
}

// Config is what the rules were compiled from.
func (r *Rules) Config() Config { return r.cfg }

// Empty reports whether nothing is ever taken out.
func (r *Rules) Empty() bool { return len(r.rules) == 0 }

// Names are the rules' names, by the index that counts have.
func (r *Rules) Names() []string {
	names := make([]string, len(r.rules))
	for i := range r.rules {
		names[i] = r.rules[i].name
	}
	return names
}

// Label reports whether rules look at a stream label of this name.
func (r *Rules) Label(name string) bool { return r.labels[name] }

// Text returns a text without what the rules find. It adds the finds of each rule to
// counts, which has room for all rules.
func (r *Rules) Text(s string, counts []int) string {
	for i := range r.rules {
		if found := r.rules[i].find(s, nil); len(found) > 0 {
			counts[i] += len(found)
			s = r.replace(&r.rules[i], s, found)
		}
	}
	return s
}

// Value is Text for a value that has a name: of one such as "password" nothing is left.
func (r *Rules) Value(name, value string, counts []int) string {
	if value == "" {
		return value
	}
	for i := range r.rules {
		if r.rules[i].secretNames && secretName(name) {
			counts[i]++
			return r.replace(&r.rules[i], value, []span{{0, len(value)}})
		}
	}
	return r.Text(value, counts)
}

func (r *Rules) replace(rule *rule, s string, found []span) string {
	var b strings.Builder
	b.Grow(len(s) + len(found)*len(rule.mask))
	done := 0
	json := newJSONScan(s)
	for _, f := range found {
		b.WriteString(s[done:f.from])
		mask := rule.mask
		if mask == "" {
			mask = r.hash(rule, s[f.from:f.to])
		}
		if json.isBare(f.from) {
			// A number becomes a text.
			mask = `"` + mask + `"`
		}
		b.WriteString(mask)
		done = f.to
	}
	b.WriteString(s[done:])
	return b.String()
}

// hash is the first 48 bits of a keyed hash. Without the key nobody can try out which
// of all card numbers has it.
func (r *Rules) hash(rule *rule, value string) string {
	if rule.canonical != nil {
		value = rule.canonical(value)
	}
	mac := hmac.New(sha256.New, r.key)
	mac.Write([]byte(value))
	return "[" + rule.name + ":" + hex.EncodeToString(mac.Sum(nil)[:6]) + "]"
}
