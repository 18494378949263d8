package dashboards

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// merger writes a changed JSON value into the text that it was read from: what did not
// change keeps its bytes, keys keep their order, and what is new is indented like the rest.
type merger struct {
	source []byte
	unit   string // of indentation; "" writes everything on one line
	wholly bool   // panels that changed are written without regard to their migration
	out    bytes.Buffer
}

// place is where a value is written.
type place struct {
	depth  int
	lead   string // the line break and white space that its closing bracket stands after
	inline bool   // on the line where it begins
}

// mergeText returns old with the value changed. migrated, unless it is nil, is what the old
// text was shown as: where changed is as it was shown, the old text stays, so that the
// migration of an old dashboard is not written into its file.
func mergeText(source []byte, old *textNode, migrated, changed any, wholly bool) []byte {
	m := &merger{source: source, wholly: wholly, unit: indentOf(source)}
	newline := "\n"
	if bytes.Contains(source, []byte("\r\n")) {
		newline = "\r\n"
	}
	m.out.Write(source[:old.start])
	m.value(changed, old, migrated, place{lead: newline, inline: m.unit == ""})
	m.out.Write(source[old.end:])
	return m.out.Bytes()
}

// indentOf is how one level is indented: the least that a line is indented more than the
// one before; "" if none is.
func indentOf(source []byte) string {
	unit, before := "", ""
	for line := range bytes.Lines(source) {
		trimmed := bytes.TrimLeft(line, " \t")
		if len(bytes.TrimSpace(trimmed)) == 0 {
			continue
		}
		indent := string(line[:len(line)-len(trimmed)])
		if more, ok := strings.CutPrefix(indent, before); ok && more != "" && (unit == "" || len(more) < len(unit)) {
			unit = more
		}
		before = indent
	}
	return unit
}

func (m *merger) value(changed any, old *textNode, migrated any, at place) {
	if old != nil && (sameJSON(changed, old.value) || migrated != nil && sameJSON(changed, migrated)) {
		m.out.Write(m.source[old.start:old.end])
		return
	}
	if old != nil && !bytes.ContainsRune(m.source[old.start:old.end], '\n') && old.end-old.start > 2 {
		at.inline = true
	}
	switch v := changed.(type) {
	case object:
		if old == nil || old.fields == nil {
			old = &textNode{}
		}
		m.object(v, old, migrated, at)
	case []any:
		if old == nil {
			old = &textNode{}
		}
		m.array(v, old, migrated, at)
	default:
		m.out.Write(marshal(changed))
	}
}

// member is one key of an object as it will be written.
type member struct {
	key      string
	changed  any
	old      *textNode
	migrated any
}

func (m *merger) object(changed object, old *textNode, migrated any, at place) {
	shown, known := migrated.(object)
	var members []member
	for _, key := range old.order {
		v, present := changed[key]
		was, wasShown := shown[key]
		switch {
		case present:
			members = append(members, member{key, v, old.fields[key], was})
		case known && !wasShown: // the migration dropped it, nobody else did
			members = append(members, member{key, old.fields[key].value, old.fields[key], nil})
		}
	}
	sorted := slices.IsSorted(old.order)
	var added []string
	for key, v := range changed {
		was, wasShown := shown[key]
		if _, there := old.fields[key]; !there && !(wasShown && sameJSON(v, was)) {
			added = append(added, key)
		}
	}
	slices.Sort(added)
	for _, key := range added {
		i := len(members)
		if sorted {
			i, _ = slices.BinarySearchFunc(members, key, func(x member, key string) int { return strings.Compare(x.key, key) })
		}
		members = slices.Insert(members, i, member{key: key, changed: changed[key]})
	}
	m.list("{}", len(members), at, old, func(i int, inner place) {
		m.out.Write(marshal(members[i].key))
		m.out.WriteByte(':')
		if m.unit != "" {
			m.out.WriteByte(' ')
		}
		m.value(members[i].changed, members[i].old, members[i].migrated, inner)
	})
}

func (m *merger) array(changed []any, old *textNode, migrated any, at place) {
	shown, _ := migrated.([]any)
	if len(shown) != len(old.items) {
		shown = nil // the migration moved things: their places say nothing
	}
	byName := map[string]int{}
	for i, item := range old.items {
		name := nameOf(item.value, i)
		if shown != nil {
			name = nameOf(shown[i], i)
		}
		byName[name] = i
	}
	used := map[int]bool{}
	m.list("[]", len(changed), at, old, func(i int, inner place) {
		j, found := byName[nameOf(changed[i], i)]
		if !found || used[j] {
			m.value(changed[i], nil, nil, inner)
			return
		}
		used[j] = true
		var was any
		if shown != nil {
			was = shown[j]
		}
		if m.wholly && at.depth == 1 && was != nil && !sameJSON(changed[i], was) {
			was = nil
		}
		m.value(changed[i], old.items[j], was, inner)
	})
}

// nameOf tells the elements of a list apart, so that one that moved is still known.
func nameOf(v any, index int) string {
	if o, ok := v.(object); ok {
		for _, key := range []string{"id", "name", "refId", "uid"} {
			switch id := o[key].(type) {
			case json.Number, string:
				return fmt.Sprintf("%s %v", key, id)
			}
		}
	}
	return fmt.Sprint("at ", index)
}

// list writes n elements between two brackets, as those of old were laid out.
func (m *merger) list(brackets string, n int, at place, old *textNode, item func(i int, inner place)) {
	inner := place{depth: at.depth + 1, lead: at.lead + m.unit, inline: at.inline}
	closing := at.lead
	if text := m.source[old.start:old.end]; len(text) > 2 && !at.inline {
		inside := text[1 : len(text)-1]
		if lead := inside[:len(inside)-len(bytes.TrimLeft(inside, " \t\r\n"))]; bytes.ContainsRune(lead, '\n') {
			inner.lead, closing = string(lead), string(inside[len(bytes.TrimRight(inside, " \t\r\n")):])
		}
	}
	m.out.WriteByte(brackets[0])
	for i := range n {
		switch {
		case i > 0 && at.inline && m.unit != "":
			m.out.WriteString(", ")
		case i > 0:
			m.out.WriteByte(',')
		}
		if !at.inline {
			m.out.WriteString(inner.lead)
		}
		item(i, inner)
	}
	if n > 0 && !at.inline {
		m.out.WriteString(closing)
	}
	m.out.WriteByte(brackets[1])
}
