package esapi

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Filter is the parameter filter_path: which parts of an answer the client wants.
// Paths are names joined by dots; * stands for any part of a name, ** for any number
// of names; a path that begins with - is left out. Lists do not count as a level.
// The nil Filter wants everything.
type Filter struct{ include, exclude [][]string }

// maxFilterPaths bounds the work for one answer.
const maxFilterPaths = 64

// ParseFilter reads the parameter; what is beyond 64 paths is ignored.
func ParseFilter(s string) *Filter {
	var f Filter
	for i, path := range strings.SplitN(s, ",", maxFilterPaths+1) {
		path = strings.TrimSpace(path)
		if path == "" || i == maxFilterPaths {
			continue
		}
		if out, ok := strings.CutPrefix(path, "-"); ok {
			f.exclude = append(f.exclude, strings.Split(out, "."))
		} else {
			f.include = append(f.include, strings.Split(path, "."))
		}
	}
	if f.include == nil && f.exclude == nil {
		return nil
	}
	return &f
}

// Place is a place in an answer.
type Place struct {
	all              bool // wanted whole, but for what is excluded below
	include, exclude [][]string
}

// Root is the place of the whole answer.
func (f *Filter) Root() Place {
	if f == nil {
		return Place{all: true}
	}
	return Place{all: f.include == nil, include: f.include, exclude: f.exclude}
}

// Whole says that everything from here on is wanted.
func (p Place) Whole() bool { return p.all && p.exclude == nil }

// Wanted says that a value that has no parts is wanted here.
func (p Place) Wanted() bool { return p.all }

// Child returns the place below name; ok is false if nothing of it is wanted.
func (p Place) Child(name string) (_ Place, ok bool) {
	exclude, whole := advance(p.exclude, name)
	if whole {
		return Place{}, false
	}
	if p.all {
		return Place{all: true, exclude: exclude}, true
	}
	include, whole := advance(p.include, name)
	return Place{all: whole, include: include, exclude: exclude}, whole || include != nil
}

// advance returns what is left of paths below name, and whether one of them ends
// there.
func advance(paths [][]string, name string) (rest [][]string, ends bool) {
	for _, path := range paths {
		r, e := step(path, name)
		rest, ends = append(rest, r...), ends || e
	}
	return rest, ends
}

func step(path []string, name string) (rest [][]string, ends bool) {
	if path[0] == "**" {
		if len(path) == 1 {
			return nil, true
		}
		rest = append(rest, path)
		more, ends := step(path[1:], name)
		return append(rest, more...), ends
	}
	if !Match(path[0], name) {
		return nil, false
	}
	if len(path) == 1 {
		return nil, true
	}
	return [][]string{path[1:]}, false
}

// Apply returns the parts of an answer that are wanted, {} if there are none.
func (f *Filter) Apply(b []byte) ([]byte, error) {
	if f == nil {
		return b, nil
	}
	var out bytes.Buffer
	kept, err := pick(b, f.Root(), &out)
	if err == nil && !kept {
		return []byte("{}"), nil
	}
	return out.Bytes(), err
}

// pick writes what is wanted of the value b; kept says whether that is anything.
func pick(b []byte, p Place, out *bytes.Buffer) (kept bool, err error) {
	b = bytes.TrimLeft(b, " \t\r\n")
	if p.Whole() || len(b) == 0 || b[0] != '{' && b[0] != '[' {
		if p.Wanted() {
			out.Write(b)
		}
		return p.Wanted(), nil
	}
	begin := out.Len()
	out.WriteByte(b[0])
	err = eachPart(b, func(name string, value json.RawMessage) error {
		below := p
		if b[0] == '{' {
			var ok bool
			if below, ok = p.Child(name); !ok {
				return nil
			}
		}
		at := out.Len()
		if kept {
			out.WriteByte(',')
		}
		if b[0] == '{' {
			key, err := json.Marshal(name)
			if err != nil {
				return err
			}
			out.Write(key)
			out.WriteByte(':')
		}
		ok, err := pick(value, below, out)
		if !ok {
			out.Truncate(at)
		}
		kept = kept || ok
		return err
	})
	if !kept && !p.all {
		out.Truncate(begin)
		return false, err
	}
	out.WriteByte(b[0] + 2)
	return true, err
}

// eachPart calls f with the members of an object or the elements of a list.
func eachPart(b []byte, f func(name string, value json.RawMessage) error) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	open, err := dec.Token()
	if err != nil {
		return err
	}
	for dec.More() {
		var name string
		if open == json.Delim('{') {
			token, err := dec.Token()
			if err != nil {
				return err
			}
			name, _ = token.(string)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return err
		}
		if err := f(name, value); err != nil {
			return err
		}
	}
	return nil
}
