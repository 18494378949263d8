package elastic

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/internal/httpx"
)

type handler = func(w http.ResponseWriter, r *http.Request) error

// bulk serves _bulk.
func (rc *Receiver) bulk(w http.ResponseWriter, r *http.Request) error {
	begin := rc.now()
	d, err := readDefaults(r)
	if err != nil {
		return err
	}
	memory := rc.flight.share()
	defer memory.release()
	body, err := rc.body(r, memory)
	if err != nil {
		return err
	}
	items, err := decode(body, d, memory)
	if err != nil {
		return err
	}
	b := rc.newBatch(r.Context(), len(items))
	b.store(items)
	return rc.answerBulk(w, r, b, items, begin)
}

// readDefaults reads what path and parameters say for all actions. refresh and the
// like are checked and need nothing: what is acknowledged can be found.
func readDefaults(r *http.Request) (defaults, error) {
	q := r.URL.Query()
	d := defaults{index: r.PathValue("index"), pipeline: q.Get("pipeline")}
	switch v := q.Get("refresh"); v {
	case "", "true", "false", "wait_for":
	default:
		return d, esapi.Illegal("Unknown value for refresh: [" + v + "].")
	}
	var err error
	if d.requireAlias, err = esapi.Flag(r, "require_alias"); err != nil {
		return d, err
	}
	d.requireData, err = esapi.Flag(r, "require_data_stream")
	return d, err
}

// body reads the request's body, unpacked.
func (rc *Receiver) body(r *http.Request, memory *share) ([]byte, error) {
	if err := esapi.CheckContentType(r); err != nil {
		return nil, err
	}
	in, err := httpx.Unpacked(r, rc.cfg.MaxBody, rc.cfg.MaxDecompressed)
	if err != nil {
		return nil, bodyError(err)
	}
	defer in.Close()
	announced := r.ContentLength
	if r.Header.Get("Content-Encoding") != "" {
		announced = 0
	}
	b, err := memory.readAll(in, announced)
	return b, bodyError(err)
}

// bodyError puts what went wrong with a body in Elasticsearch's shape.
func bodyError(err error) error {
	var e *httpx.Error
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &e):
		return &esapi.Error{Status: e.Status, Type: "illegal_argument_exception", Reason: e.Message}
	case errors.As(err, &over):
		return &esapi.Error{Status: http.StatusRequestEntityTooLarge, Type: "illegal_argument_exception",
			Reason: fmt.Sprintf("the body is larger than %d bytes as sent", over.Limit)}
	}
	return err
}

// answerBulk answers for all items. If nothing was stored and something may be later,
// the status says so too, for clients that do not look at items; the items are there
// in any case, for clients that look at nothing else.
func (rc *Receiver) answerBulk(w http.ResponseWriter, r *http.Request, b *batch, items []item, begin time.Time) error {
	filter := esapi.ParseFilter(r.URL.Query().Get("filter_path"))
	root := filter.Root()
	place, wanted := root.Child("items")
	out := newItemWriter(place)
	var later *esapi.Error
	errored := false
	for i := range items {
		it := &items[i]
		if it.err != nil {
			errored = true
			if later == nil && retryable(it.err.Status) {
				later = it.err
			}
		}
		if !wanted {
			continue
		}
		if _, err := out.item(it); err != nil {
			return err
		}
	}
	head, err := filter.Apply(fmt.Appendf(nil, `{"errors":%t,"took":%d}`, errored, rc.now().Sub(begin).Milliseconds()))
	if err != nil {
		return err
	}
	members := [][]byte{head[1 : len(head)-1]}
	if wanted && (filter == nil || out.out.Len() > 0) {
		members = append(members, []byte(`"items":[`+out.out.String()+`]`))
	}
	status := http.StatusOK
	if later != nil && b.stored == 0 {
		status = later.Status
		esapi.SetRetryAfter(w, later.RetryAfter)
		whole, err := json.Marshal(later.Body())
		if err != nil {
			return err
		}
		members = append(members, whole[1:len(whole)-1])
	}
	members = slices.DeleteFunc(members, func(m []byte) bool { return len(m) == 0 })
	esapi.WriteBytes(w, r, status, slices.Concat([]byte("{"), bytes.Join(members, []byte(",")), []byte("}")))
	return nil
}

func retryable(status int) bool { return status == http.StatusTooManyRequests || status >= 500 }
