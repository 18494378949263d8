package door

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// MaxJSONDepth bounds how deep documents of strangers may nest.
const MaxJSONDepth = 64

// ErrTooDeep says that a document nests deeper than MaxJSONDepth. Test with errors.Is.
var ErrTooDeep = errors.New("the JSON document nests too deep")

// CheckDepth looks at the brackets of JSON text, or of several documents one after the
// other, before it is decoded.
func CheckDepth(b []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > MaxJSONDepth {
				return ErrTooDeep
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// NewDecoder reads documents one after the other; numbers stay as they are written.
func NewDecoder(b []byte) *json.Decoder {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	return d
}

// Object decodes text that is one JSON object and nothing else.
func Object(b []byte) (map[string]any, error) {
	if err := CheckDepth(b); err != nil {
		return nil, err
	}
	d := NewDecoder(b)
	var out map[string]any
	if err := d.Decode(&out); err != nil {
		return nil, err
	}
	if out == nil {
		return nil, errors.New("null is no object")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	return out, nil
}
