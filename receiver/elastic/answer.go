package elastic

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/pharosd/pharos/internal/esapi"
)

// shards is what answers say of where a document went: one place, no copies.
const shards = `{"total":1,"successful":1,"failed":0}`

// itemFields are the members of an answered item, in their order.
var itemFields = [...]string{"_index", "_id", "_version", "result", "_shards", "_seq_no", "_primary_term", "status", "error"}

const (
	fieldIndex = iota
	fieldID
	fieldVersion
	fieldResult
	fieldShards
	fieldSeq
	fieldTerm
	fieldStatus
	fieldError
)

// itemWriter writes answered items with the members that the client wants.
type itemWriter struct {
	out    bytes.Buffer
	places [len(opNames)][len(itemFields)]*esapi.Place
	begun  bool // the item has a member
}

// newItemWriter takes the place of the items in the answer.
func newItemWriter(items esapi.Place) *itemWriter {
	w := &itemWriter{}
	for o, name := range opNames {
		below, ok := items.Child(name)
		if !ok {
			continue
		}
		for f, name := range itemFields {
			if p, ok := below.Child(name); ok {
				w.places[o][f] = &p
			}
		}
	}
	return w
}

// item writes one item; kept is false if the client wants nothing of it.
func (w *itemWriter) item(it *item) (kept bool, err error) {
	at := w.out.Len()
	if at > 0 {
		w.out.WriteByte(',')
	}
	w.out.WriteString(`{"`)
	w.out.WriteString(it.op.String())
	w.out.WriteString(`":{`)
	w.begun = false
	w.text(it, fieldIndex, it.index)
	if it.id != "" {
		w.text(it, fieldID, it.id)
	}
	status := http.StatusCreated
	if it.err == nil {
		w.raw(it, fieldVersion, `1`)
		w.raw(it, fieldResult, `"created"`)
		err = w.object(it, fieldShards, []byte(shards))
		w.number(it, fieldSeq, it.seq)
		w.raw(it, fieldTerm, `1`)
	} else {
		status = it.err.Status
	}
	w.number(it, fieldStatus, int64(status))
	if it.err != nil {
		var b []byte
		if b, err = json.Marshal(it.err.Cause()); err == nil {
			err = w.object(it, fieldError, b)
		}
	}
	if !w.begun {
		w.out.Truncate(at)
		return false, err
	}
	w.out.WriteString("}}")
	return true, err
}

// name writes a member's name, if its value is wanted.
func (w *itemWriter) name(it *item, field int) bool {
	p := w.places[it.op][field]
	if p == nil || !p.Wanted() {
		return false
	}
	w.member(field)
	return true
}

func (w *itemWriter) member(field int) {
	if w.begun {
		w.out.WriteByte(',')
	}
	w.begun = true
	w.out.WriteByte('"')
	w.out.WriteString(itemFields[field])
	w.out.WriteString(`":`)
}

func (w *itemWriter) raw(it *item, field int, value string) {
	if w.name(it, field) {
		w.out.WriteString(value)
	}
}

func (w *itemWriter) number(it *item, field int, n int64) {
	if w.name(it, field) {
		w.out.Write(strconv.AppendInt(w.out.AvailableBuffer(), n, 10))
	}
}

func (w *itemWriter) text(it *item, field int, s string) {
	if !w.name(it, field) {
		return
	}
	if plain(s) {
		w.out.WriteByte('"')
		w.out.WriteString(s)
		w.out.WriteByte('"')
		return
	}
	b, _ := json.Marshal(s) // a text can always be encoded
	w.out.Write(b)
}

// object writes a member that has members of its own.
func (w *itemWriter) object(it *item, field int, b []byte) error {
	p := w.places[it.op][field]
	if p == nil {
		return nil
	}
	picked, kept, err := p.Pick(b)
	if kept {
		w.member(field)
		w.out.Write(picked)
	}
	return err
}

// plain says whether a text is the same in JSON.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
