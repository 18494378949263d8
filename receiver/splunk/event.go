package splunk

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/receiver/internal/door"
)

// event is one event with what is said about it.
type event struct {
	time                            json.RawMessage
	host, source, sourcetype, index string
	event                           json.RawMessage
	fields                          json.RawMessage
}

// postEvents takes JSON objects one after the other. Those before one that is wrong are
// stored, and the answer names its number, as Splunk does.
func (r *Receiver) postEvents(w http.ResponseWriter, req *http.Request) {
	body, err := httpx.Body(req, int64(r.cfg.MaxBody), int64(r.cfg.MaxUnpacked))
	if err != nil {
		writeError(w, err)
		return
	}
	// Metadata in the URL holds for events that have none.
	query := req.URL.Query()
	common := event{host: query.Get("host"), source: query.Get("source"), sourcetype: query.Get("sourcetype"), index: query.Get("index")}
	b, err := r.decode(body, common)
	r.push(w, req, b, err)
}

// decode returns the events before the first that is wrong, and what is wrong with it.
func (r *Receiver) decode(body []byte, common event) (*door.Batch, error) {
	var b door.Batch
	if err := door.CheckDepth(body); err != nil {
		return &b, &failure{http.StatusBadRequest, "Invalid data format", 6, 0}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	var repeats door.Repeats
	for number := 0; ; number++ {
		var fields map[string]json.RawMessage
		err := d.Decode(&fields)
		if errors.Is(err, io.EOF) {
			return &b, nil
		}
		if err != nil || fields == nil {
			return &b, &failure{http.StatusBadRequest, "Invalid data format", 6, number}
		}
		e, err := newEvent(fields, common)
		if err == nil {
			err = r.add(&e, &repeats, &b)
		}
		var f *failure
		if errors.As(err, &f) {
			copied := *f
			copied.event = number
			return &b, &copied
		}
	}
}

var (
	errFormat  = &failure{http.StatusBadRequest, "Invalid data format", 6, 0}
	errNoEvent = &failure{http.StatusBadRequest, "Event field is required", 12, 0}
	errBlank   = &failure{http.StatusBadRequest, "Event field cannot be blank", 13, 0}
	errFields  = &failure{http.StatusBadRequest, "Error in handling indexed fields", 15, 0}
)

func newEvent(fields map[string]json.RawMessage, common event) (event, error) {
	e := common
	e.time, e.event, e.fields = fields["time"], fields["event"], fields["fields"]
	for name, to := range map[string]*string{"host": &e.host, "source": &e.source, "sourcetype": &e.sourcetype, "index": &e.index} {
		raw, ok := fields[name]
		if !ok || string(raw) == "null" {
			continue
		}
		if err := json.Unmarshal(raw, to); err != nil {
			return e, errFormat
		}
	}
	switch text := string(e.event); text {
	case "":
		return e, errNoEvent
	case `""`, "null":
		return e, errBlank
	}
	return e, nil
}

func (r *Receiver) labels(e *event) model.Labels {
	ls := make([]model.Label, 0, 5+len(r.static))
	ls = append(ls, model.Label{Name: "job", Value: r.cfg.Job}, model.Label{Name: "host", Value: e.host}, model.Label{Name: "source", Value: e.source},
		model.Label{Name: "sourcetype", Value: e.sourcetype}, model.Label{Name: "index", Value: e.index})
	return model.NewLabels(append(ls, r.static...)...)
}

func (r *Receiver) add(e *event, repeats *door.Repeats, to *door.Batch) error {
	fields, err := indexed(e.fields)
	if err != nil {
		return err
	}
	line, own := text(e.event)
	metadata := model.NewLabels(append(fields, own...)...)
	labels := r.labels(e)
	at, err := r.time(e.time, func(ns int64) int64 { return repeats.At(ns, line, labels.String()+metadata.String()) })
	if err != nil {
		return err
	}
	to.Add(labels, model.LogEntry{Time: at, Line: line, Metadata: metadata})
	return nil
}

// time reads seconds since the epoch, a number or a text, with or without a fraction.
// Whole seconds are told apart by arrival; finer times stay as they are, so that a
// request that comes again makes the same entries.
func (r *Receiver) time(raw json.RawMessage, precise func(ns int64) int64) (int64, error) {
	s := strings.Trim(string(raw), `"`)
	if s == "" || s == "null" {
		return r.ticks.Arrival(r.now()), nil
	}
	ns, unit, ok := door.UnixTime(s)
	if !ok {
		return 0, errFormat
	}
	if unit >= 1e9 {
		return r.ticks.Within(ns, unit), nil
	}
	return precise(ns), nil
}

// indexed are the fields beside the event: texts, numbers and lists of these.
func indexed(raw json.RawMessage) ([]model.Label, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	fields, err := door.Object(raw)
	if err != nil {
		return nil, errFields
	}
	for _, v := range fields {
		if _, nested := v.(map[string]any); nested {
			return nil, errFields
		}
	}
	ls, ok := door.Flatten(fields)
	if !ok {
		return nil, errFields
	}
	return ls, nil
}

// text is an event's line: a text itself, anything else as JSON. What Docker's driver
// sends, {"line", "source", "tag", "attrs"}, is its line with the rest as fields.
func text(raw json.RawMessage) (string, []model.Label) {
	switch raw[0] {
	case '"':
		var s string
		if json.Unmarshal(raw, &s) == nil {
			return strings.TrimRight(s, "\r\n"), nil
		}
	case '{':
		if !bytes.Contains(raw, []byte(`"line"`)) {
			break
		}
		o, err := door.Object(raw)
		if source := o["source"]; err != nil || source != "stdout" && source != "stderr" {
			break
		}
		o["stream"] = o["source"]
		delete(o, "source")
		return door.Line(o, []string{"line"})
	}
	return string(raw), nil
}
