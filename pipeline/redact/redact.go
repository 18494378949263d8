// Package redact takes out of texts what must not be kept: e-mail addresses, card
// numbers, tokens and passwords, and what expressions of the operator's match. Each
// find is masked, or hashed so that equal values stay equal.
//
// It errs on the side of taking out too much. It does not know tenants, stores or
// protocols: package ingest runs it on what comes in, before anything is written.
package redact

import (
	"errors"
	"fmt"
	"strings"

	"github.com/grafana/regexp"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// Bounds of one set of rules.
const (
	MaxRules      = 64
	maxName       = 40
	maxExpression = 4 << 10
)

// Kinds of rules.
const (
	Email      = "email"
	Card       = "card"
	Token      = "token"
	Expression = "expression"
)

// What is done with a find.
const (
	Mask = "mask"
	Hash = "hash"
)

// Config is what is taken out of a tenant's logs and spans.
type Config struct {
	// Rules run one after the other, each on what the ones before it left.
	Rules []Rule `yaml:"rules"`
	// Labels are names of stream labels that rules look at too. Others are left alone.
	Labels []string `yaml:"labels"`
}

// Rule is one kind of thing to take out.
type Rule struct {
	// Type is email, card (13 to 19 digits, alone or in groups, with a valid check
	// digit), token (bearer and API tokens, JSON web tokens, private keys, passwords in
	// URLs, and values of names such as password or api_key) or expression.
	Type string `yaml:"type"`
	// Name is in the mask and in metrics. Default: the type.
	Name string `yaml:"name"`
	// Expression is for type expression, in RE2 syntax. With groups, only what these
	// match is taken out, else the whole match.
	Expression string `yaml:"expression"`
	// Action is mask, which puts [redacted:NAME], or hash, which puts [NAME:HASH] with
	// 12 digits that are the same for the same value of the same tenant. Default: mask.
	Action string `yaml:"action"`
}

// Hashes reports whether a rule hashes, which needs a key.
func (c Config) Hashes() bool {
	for _, r := range c.Rules {
		if r.Action == Hash {
			return true
		}
	}
	return false
}

// Validate says what is wrong with the rules, all at once.
func (c Config) Validate() error {
	var errs []error
	bad := func(key, hint, format string, args ...any) {
		errs = append(errs, &strictyaml.KeyError{Key: key, Err: fmt.Errorf(format, args...), Hint: hint})
	}
	if len(c.Rules) > MaxRules {
		bad("rules", "", "%d rules, want %d at most", len(c.Rules), MaxRules)
		return errors.Join(errs...)
	}
	seen := map[string]bool{}
	for i, r := range c.Rules {
		at := fmt.Sprintf("rules[%d]", i)
		types := []string{Email, Card, Token, Expression}
		switch r.Type {
		case Email, Card, Token:
			if r.Expression != "" {
				bad(at+".expression", "remove it, or the type is expression", "the type %s has no expression", r.Type)
			}
		case Expression:
			if _, err := compileExpression(r.Expression); err != nil {
				bad(at+".expression", "expressions are RE2: no look-around, no back references", "%w", err)
			}
			if r.Name == "" {
				bad(at+".name", "it is in the mask and in metrics", "an expression needs a name")
			}
		default:
			bad(at+".type", strictyaml.Suggest(r.Type, types), "expected one of %s, found %q", strings.Join(types, ", "), r.Type)
		}
		if r.Name != "" && !validName(r.Name) {
			bad(at+".name", "lower-case letters, digits, - and _", "%q is no name of a rule", r.Name)
		}
		if r.Action != "" && r.Action != Mask && r.Action != Hash {
			bad(at+".action", strictyaml.Suggest(r.Action, []string{Mask, Hash}), "expected mask or hash, found %q", r.Action)
		}
		if name := r.name(); seen[name] && name != "" {
			bad(at+".name", "give one of them another name", "a second rule %q", name)
		}
		seen[r.name()] = true
	}
	return errors.Join(errs...)
}

func (r Rule) name() string {
	if r.Name == "" && r.Type != Expression {
		return r.Type
	}
	return r.Name
}

// validName bounds names: they are in masks, which must not look like finds.
func validName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '-' && c != '_') {
			return false
		}
	}
	return len(s) > 0 && len(s) <= maxName
}

func compileExpression(text string) (*regexp.Regexp, error) {
	switch {
	case text == "":
		return nil, errors.New("the rule needs an expression")
	case len(text) > maxExpression:
		return nil, fmt.Errorf("the expression has %d bytes, want %d at most", len(text), maxExpression)
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, err
	}
	if re.MatchString("") {
		return nil, errors.New("the expression matches the empty text")
	}
	return re, nil
}
