package elastic

import (
	"bytes"
	"net/http"
	"net/url"
	"unsafe"

	"github.com/pharosd/pharos/internal/esapi"
)

// documentAnswer is the answer for one document.
type documentAnswer struct {
	Index   string `json:"_index"`
	ID      string `json:"_id"`
	Version int    `json:"_version"`
	Result  string `json:"result"`
	Shards  struct {
		Total      int `json:"total"`
		Successful int `json:"successful"`
		Failed     int `json:"failed"`
	} `json:"_shards"`
	SeqNo       int64 `json:"_seq_no"`
	PrimaryTerm int   `json:"_primary_term"`
}

// single serves the APIs of one document.
func (rc *Receiver) single(o op) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		d, err := readDefaults(r)
		if err != nil {
			return err
		}
		it := item{action: d.action()}
		it.op = o
		if it.id = r.PathValue("id"); it.id != "" {
			it.hasID = true
		}
		q := r.URL.Query()
		for _, name := range []string{"op_type", "if_seq_no", "if_primary_term", "version", "version_type"} {
			if !q.Has(name) {
				continue
			}
			if err := it.set(name, q.Get(name)); err != nil {
				return esapi.Illegal("the request " + err.Error())
			}
		}
		memory := rc.flight.share()
		defer memory.release()
		if o.hasSource() {
			body, err := rc.body(r, memory)
			if err != nil {
				return err
			}
			if body = bytes.TrimSpace(body); len(body) == 0 {
				return &esapi.Error{Status: http.StatusBadRequest, Type: "parse_exception", Reason: "request body is required"}
			}
			it.source = unsafe.String(unsafe.SliceData(body), len(body))
		}
		items := []item{it}
		rc.newBatch(r.Context(), 1).store(items)
		if items[0].err != nil {
			return items[0].err
		}
		a := documentAnswer{Index: items[0].index, ID: items[0].id, Version: 1, Result: "created", SeqNo: items[0].seq, PrimaryTerm: 1}
		a.Shards.Total, a.Shards.Successful = 1, 1
		w.Header().Set("Location", "/"+a.Index+"/_doc/"+url.PathEscape(a.ID))
		esapi.WriteJSON(w, r, http.StatusCreated, a)
		return nil
	}
}
