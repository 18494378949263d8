package strictyaml

import (
	"errors"
	"strings"
)

// KeyError says that a key's value is wrong for a reason that only its package
// knows. Validate methods return them, several by errors.Join, with keys as that
// package's Config names them; whoever nests the Config adds the rest with
// Prefix, and Document.Locate finds the place in the file.
type KeyError struct {
	Key  string // dotted path, "retention", "scrape.jobs[2].name"
	Err  error
	Hint string // optional
}

func (e *KeyError) Error() string {
	if e.Hint != "" {
		return e.Key + ": " + e.Err.Error() + " (" + e.Hint + ")"
	}
	return e.Key + ": " + e.Err.Error()
}

func (e *KeyError) Unwrap() error { return e.Err }

// Prefix puts key before the keys of all KeyErrors in err, "jobs" before "[2].name"
// giving "jobs[2].name"; what is none becomes one for key itself. Prefix of nil is
// nil.
func Prefix(key string, err error) error {
	var out []error
	for _, e := range flatten(err) {
		path := join(key, e.Key)
		if strings.HasPrefix(e.Key, "[") {
			path = key + e.Key
		}
		out = append(out, &KeyError{Key: path, Err: e.Err, Hint: e.Hint})
	}
	return errors.Join(out...)
}

// flatten returns the KeyErrors of an error tree; the Key of what is none is "".
func flatten(err error) []*KeyError {
	if err == nil {
		return nil
	}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		var out []*KeyError
		for _, e := range several.Unwrap() {
			out = append(out, flatten(e)...)
		}
		return out
	}
	if e, ok := errors.AsType[*KeyError](err); ok {
		return []*KeyError{e}
	}
	return []*KeyError{{Err: err}}
}

// Locate returns err with the places of the keys that its KeyErrors name, as an
// *Error. A key that the file does not hold is placed at its nearest parent. It
// returns nil for nil.
func (d *Document) Locate(err error) error {
	keyErrors := flatten(err)
	if len(keyErrors) == 0 {
		return nil
	}
	problems := make([]Problem, len(keyErrors))
	for i, e := range keyErrors {
		at := d.position(e.Key)
		problems[i] = Problem{File: d.file, Line: at.line, Column: at.column, Key: e.Key, Message: e.Err.Error(), Hint: e.Hint}
	}
	return newError(problems)
}

func (d *Document) position(key string) position {
	for key != "" {
		if at, ok := d.keys[key]; ok {
			return at
		}
		key = key[:max(strings.LastIndexAny(key, ".["), 0)]
	}
	return d.start
}

// Place is where a key is, or its nearest parent that the file holds.
func (d *Document) Place(key string) (line, column int) {
	at := d.position(key)
	return at.line, at.column
}
