package main

import (
	_ "embed"
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/common/model"

	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/internal/strictyaml"
)

//go:embed configuration.md
var configurationHead string

// configurationPage is one table of keys for each section of pharos.yml.
func configurationPage(root string, _ *process) (string, error) {
	w := &configWriter{comments: newComments(root)}
	w.b.WriteString(configurationHead)
	w.section("", "", reflect.ValueOf(config.Default()).Elem())
	return w.b.String(), errors.Join(append(w.errs, w.comments.errs...)...)
}

type configWriter struct {
	b        strings.Builder
	comments *comments
	errs     []error
}

// key is one line of a section's table.
type key struct {
	name, meaning string
	value         reflect.Value
}

// section writes the keys of v, a struct, and then the sections within it. path is
// "" for the file itself.
func (w *configWriter) section(path, intro string, v reflect.Value) {
	heading := "Top level"
	if path != "" {
		heading = "`" + path + "`"
	}
	fmt.Fprintf(&w.b, "\n## %s\n", heading)
	if intro != "" {
		fmt.Fprintf(&w.b, "%s\n", intro)
	}
	var plain, nested []key
	for _, k := range w.keys(path, v) {
		if isSection(k.value.Type()) {
			nested = append(nested, k)
		} else {
			plain = append(plain, k)
		}
	}
	if len(plain) > 0 {
		w.b.WriteString("\n| key | type | default | meaning |\n|---|---|---|---|\n")
	}
	for _, k := range plain {
		if k.meaning == "" {
			w.errs = append(w.errs, fmt.Errorf("%s has no comment", join(path, k.name)))
		}
		fmt.Fprintf(&w.b, "| `%s` | %s | %s | %s |\n", k.name, typeName(k.value.Type()), defaultText(k.value), strings.ReplaceAll(k.meaning, "|", "\\|"))
	}
	for _, k := range plain {
		// A map's entries are sections under names of the reader's choice.
		if t := k.value.Type(); t.Kind() == reflect.Map && isSection(t.Elem()) {
			w.section(join(path, k.name)+".<name>", "", everybody(v, t.Elem()))
		}
	}
	for _, k := range nested {
		w.section(join(path, k.name), k.meaning, k.value)
	}
}

// everybody is what holds for the entries of a map of v that set nothing: what is
// inline in v, if it is of their type.
func everybody(v reflect.Value, entry reflect.Type) reflect.Value {
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Type == entry && strings.HasSuffix(f.Tag.Get("yaml"), ",inline") {
			return v.Field(i)
		}
	}
	return reflect.New(entry).Elem()
}

// keys lists the keys of a struct, those of inline structs in their place.
func (w *configWriter) keys(path string, v reflect.Value) []key {
	var out []key
	docs := w.comments.of(v.Type())
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case !f.IsExported() || name == "-":
		case option == "inline":
			out = append(out, w.keys(path, v.Field(i))...)
		case name == "":
			w.errs = append(w.errs, fmt.Errorf("field %s of %s has no yaml tag", f.Name, path))
		default:
			meaning := docs.field(f.Name)
			if meaning == "" && isSection(f.Type) {
				meaning = w.comments.of(f.Type).intro()
			}
			out = append(out, key{name, sentence(name, meaning), v.Field(i)})
		}
	}
	return out
}

// sentence leaves out "`key` is" where the key stands beside its meaning.
func sentence(name, comment string) string {
	for _, verb := range []string{"is", "are"} {
		if rest, ok := strings.CutPrefix(comment, "`"+name+"` "+verb+" "); ok && rest != "" {
			return strings.ToUpper(rest[:1]) + rest[1:]
		}
	}
	return comment
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

var textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

// isSection says whether a type is written as keys below its own.
func isSection(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && !reflect.PointerTo(t).Implements(textUnmarshaler)
}

// typeName is how people call what they write.
func typeName(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[time.Duration](), reflect.TypeFor[model.Duration](), reflect.TypeFor[strictyaml.Duration]():
		return "duration"
	case reflect.TypeFor[strictyaml.Bytes](), reflect.TypeFor[units.Base2Bytes]():
		return "size"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "text"
	case reflect.Slice:
		return "list of " + plural(typeName(t.Elem()))
	case reflect.Map:
		return "map of names to " + plural(typeName(t.Elem()))
	case reflect.Int, reflect.Int64:
		return "number"
	case reflect.Struct:
		if t.PkgPath() == "net/netip" {
			return "address range"
		}
		return "section"
	}
	panic("BUG: docgen does not know how people call a " + t.String())
}

func plural(name string) string {
	if name == "text" {
		return "texts"
	}
	return name + "s"
}

// defaultText is a value as it would be written in the file.
func defaultText(v reflect.Value) string {
	switch d := v.Interface().(type) {
	case time.Duration:
		return "`" + model.Duration(d).String() + "`"
	case fmt.Stringer: // durations and sizes
		return "`" + d.String() + "`"
	}
	switch v.Kind() {
	case reflect.Map:
		if v.Len() == 0 {
			return "none"
		}
		return "`" + strings.TrimPrefix(fmt.Sprintf("%v", v.Interface()), "map") + "`" // by name
	case reflect.Slice:
		if v.Len() == 0 {
			return "none"
		}
		var items []string
		for i := range v.Len() {
			items = append(items, fmt.Sprint(v.Index(i).Interface()))
		}
		return "`[" + strings.Join(items, ", ") + "]`"
	case reflect.String:
		if v.Len() == 0 {
			return "none"
		}
	}
	return fmt.Sprintf("`%v`", v.Interface())
}

// inCode marks the Go names in a comment that are keys of the same struct.
func inCode(text string, keyOf map[string]string) string {
	return goName.ReplaceAllStringFunc(text, func(word string) string {
		if key, ok := keyOf[word]; ok {
			return "`" + key + "`"
		}
		return word
	})
}

var goName = regexp.MustCompile(`\b[A-Z][A-Za-z0-9]*\b`)
