package strictyaml

import (
	"fmt"
	"reflect"
	"strings"
)

// fields are the keys of a struct; index is as reflect.Value.FieldByIndex takes.
type fields struct {
	names []string
	index map[string][]int
}

func fieldsOf(t reflect.Type) fields {
	f := fields{index: map[string][]int{}}
	f.add(t, nil)
	return f
}

func (f *fields) add(t reflect.Type, parent []int) {
	for i := range t.NumField() {
		field := t.Field(i)
		if !field.IsExported() {
			continue
		}
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		index := append(append([]int(nil), parent...), i)
		switch {
		case name == "-":
			continue
		case options == "inline":
			inner := field.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			if inner.Kind() != reflect.Struct {
				panic(fmt.Sprintf("BUG: %s.%s is inline but no struct", t, field.Name))
			}
			f.add(inner, index)
			continue
		case name == "":
			name = strings.ToLower(field.Name)
		}
		if _, ok := f.index[name]; ok {
			panic(fmt.Sprintf("BUG: %s has two fields for the key %q", t, name))
		}
		f.index[name] = index
		f.names = append(f.names, name)
	}
}

// fieldByIndex is reflect's, but makes inline pointers instead of panicking.
func fieldByIndex(v reflect.Value, index []int) reflect.Value {
	for _, i := range index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v
}
