package strictyaml

import (
	"fmt"
	"reflect"

	"gopkg.in/yaml.v3"
)

// UnknownKey is the message of a problem that is nothing but a key that v has no field
// for: some files are kept although they have such keys.
const UnknownKey = "unknown key"

// DecodeNode decodes a part of a file that Parse returned into v, a pointer to a
// struct, map or slice. key is the dotted path to the part, for messages. It returns
// what is wrong in the file's order.
func DecodeNode(file, key string, n *yaml.Node, v any) []Problem {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		panic(fmt.Sprintf("BUG: strictyaml decodes into a pointer, not %T", v))
	}
	d := &decoder{doc: &Document{file: file, start: position{n.Line, n.Column}, keys: map[string]position{}}}
	d.value(key, n, target.Elem(), 0)
	if len(d.problems) == 0 {
		return nil
	}
	return newError(d.problems).Problems
}

// NewError returns the problems as an *Error in the file's order, nil if there are none.
func NewError(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	return newError(problems)
}
