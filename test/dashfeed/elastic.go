package dashfeed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// docField is what a field of a document holds.
type docField int

const (
	docWord docField = iota
	docNumber
	docTime
)

// elastic notes the fields that a query groups by and counts.
func (f *Feed) elastic(target json.RawMessage) {
	type aggregation struct {
		Type  string `json:"type"`
		Field string `json:"field"`
	}
	var q struct {
		Metrics    []aggregation `json:"metrics"`
		BucketAggs []aggregation `json:"bucketAggs"`
	}
	if json.Unmarshal(target, &q) != nil {
		f.Unread = append(f.Unread, string(target))
		return
	}
	f.documents["@timestamp"], f.documents["message"] = docTime, docWord
	for _, b := range q.BucketAggs {
		name := strings.TrimSuffix(b.Field, ".keyword")
		switch {
		case name == "":
		case b.Type == "date_histogram":
			f.documents[name] = docTime
		case b.Type == "histogram":
			f.documents[name] = docNumber
		default:
			f.documents[name] = docWord
		}
	}
	for _, m := range q.Metrics {
		name := strings.TrimSuffix(m.Field, ".keyword")
		if _, taken := f.documents[name]; name != "" && !taken && m.Type != "cardinality" {
			f.documents[name] = docNumber
		} else if name != "" && !taken {
			f.documents[name] = docWord
		}
	}
}

// bulk is a body of Elasticsearch's bulk API with documents over a time.
func (f *Feed) bulk(from, until time.Time) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for i := range linesPerStream {
		doc := map[string]any{}
		for name, kind := range f.documents {
			switch kind {
			case docTime:
				doc[name] = from.Add(until.Sub(from) * time.Duration(i) / linesPerStream).UTC().Format(time.RFC3339Nano)
			case docNumber:
				doc[name] = 100 + 37*i%900
			case docWord:
				doc[name] = fmt.Sprintf("%s-%d", f.value(name), i%3)
			}
		}
		b.WriteString(`{"create":{"_index":"proof"}}` + "\n")
		if err := enc.Encode(doc); err != nil {
			panic("BUG: a document cannot be encoded: " + err.Error())
		}
	}
	return b.Bytes()
}
