package config

import (
	"errors"
	"regexp"
	"strings"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// keyed turns errors whose text begins with "section.key: " into ones that carry
// the key, so that the loader finds its line.
func keyed(err error) error {
	if err == nil {
		return nil
	}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		var out []error
		for _, e := range several.Unwrap() {
			out = append(out, keyed(e))
		}
		return errors.Join(out...)
	}
	key, message, found := strings.Cut(err.Error(), ": ")
	if !found || strings.ContainsAny(key, " /") || !strings.Contains(key, ".") {
		return err
	}
	return &strictyaml.KeyError{Key: key, Err: errors.New(message)}
}

var firstName = regexp.MustCompile(`^([a-z][a-z0-9_]*):? (.*)$`)

// named turns errors whose text begins with the name of a key ("max_streams is -1",
// "query_timeout: must be positive") into ones that carry the key.
func named(err error) error {
	if err == nil {
		return nil
	}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		var out []error
		for _, e := range several.Unwrap() {
			out = append(out, named(e))
		}
		return errors.Join(out...)
	}
	if m := firstName.FindStringSubmatch(err.Error()); m != nil {
		return &strictyaml.KeyError{Key: m[1], Err: errors.New(m[2])}
	}
	return err
}
