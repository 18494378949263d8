package strictyaml

import (
	"encoding"
	"fmt"
	"reflect"
	"time"

	"gopkg.in/yaml.v3"
)

var durationType = reflect.TypeFor[time.Duration]()

// isScalar reports whether v takes a single word of the file.
func isScalar(v reflect.Value) bool {
	if v.CanAddr() && v.Addr().Type().Implements(textUnmarshaler) {
		return true
	}
	switch v.Kind() {
	case reflect.String, reflect.Bool, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true
	}
	return false
}

// expectation names what v takes, for messages.
func expectation(v reflect.Value) string {
	switch v.Addr().Interface().(type) {
	case *time.Duration, *Duration:
		return `a duration such as "30s" or "15d"`
	case *Bytes:
		return `a size such as "512MB" or "2GiB"`
	case encoding.TextUnmarshaler:
		return "a text"
	}
	switch v.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number, not negative"
	}
	return "a whole number"
}

// setScalar sets v, which must be addressable, or says why it cannot.
func setScalar(n *yaml.Node, v reflect.Value) (message, hint string) {
	wrong := func() string { return fmt.Sprintf("expected %s, found %s", expectation(v), describe(n)) }
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := u.UnmarshalText([]byte(n.Value)); err != nil {
			return err.Error(), ""
		}
		return "", ""
	}
	if v.Type() == durationType {
		dur, err := parseDuration(n.Value)
		if err != nil {
			return err.Error(), ""
		}
		v.SetInt(int64(dur))
		return "", ""
	}
	tag := n.ShortTag()
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.Value) // true and 5 too, as they are written
	case reflect.Bool:
		// YAML 1.1 knew yes, no, on and off too, and people's files are full of them. The
		// library decodes them into a bool if they are not quoted.
		var b bool
		if tag != "!!bool" && n.Style != 0 || n.Decode(&b) != nil {
			return wrong(), ""
		}
		v.SetBool(b)
	case reflect.Float32, reflect.Float64:
		var f float64
		if (tag != "!!float" && tag != "!!int") || n.Decode(&f) != nil || v.OverflowFloat(f) {
			return wrong(), ""
		}
		v.SetFloat(f)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		var u uint64
		if tag != "!!int" || n.Decode(&u) != nil || v.OverflowUint(u) {
			return wrong(), ""
		}
		v.SetUint(u)
	default:
		var i int64
		if tag != "!!int" || n.Decode(&i) != nil || v.OverflowInt(i) {
			return wrong(), ""
		}
		v.SetInt(i)
	}
	return "", ""
}
