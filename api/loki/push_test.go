package loki

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// pushHandler takes Loki's JSON push format, which is all that these tests need
// of a receiver.
func pushHandler(sink ingest.LogSink) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Streams []struct {
				Stream map[string]string
				Values [][]json.RawMessage
			}
		}
		err := json.NewDecoder(r.Body).Decode(&body)
		var streams []model.LogStream
		for _, s := range body.Streams {
			st := model.LogStream{Labels: labelsOf(s.Stream)}
			for _, v := range s.Values {
				e, verr := entryOf(v)
				if verr != nil {
					err = verr
				}
				st.Entries = append(st.Entries, e)
			}
			streams = append(streams, st)
		}
		if err == nil {
			err = sink.PushLogs(r.Context(), tenant.Default, streams)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

func labelsOf(m map[string]string) model.Labels {
	var ls []model.Label
	for k, v := range m {
		ls = append(ls, model.Label{Name: k, Value: v})
	}
	return model.NewLabels(ls...)
}

func entryOf(v []json.RawMessage) (model.LogEntry, error) {
	var e model.LogEntry
	var ts string
	if len(v) < 2 {
		return e, fmt.Errorf("entry has %d values", len(v))
	}
	if err := json.Unmarshal(v[0], &ts); err != nil {
		return e, err
	}
	if err := json.Unmarshal(v[1], &e.Line); err != nil {
		return e, err
	}
	if len(v) > 2 {
		var meta map[string]string
		if err := json.Unmarshal(v[2], &meta); err != nil {
			return e, err
		}
		e.Metadata = labelsOf(meta)
	}
	var err error
	e.Time, err = strconv.ParseInt(ts, 10, 64)
	return e, err
}
