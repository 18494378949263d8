package simulator

import (
	"encoding/json"
	"strconv"

	"github.com/pharosd/pharos/model"
)

// lokiEncoder speaks Loki's push API in JSON.
type lokiEncoder struct{}

type lokiStream struct {
	Stream map[string]string `json:"stream"`
	Values [][]any           `json:"values"`
}

func (lokiEncoder) encode(cfg Config, batch []record) (string, string, []byte) {
	byLabels := map[string]*lokiStream{}
	var streams []*lokiStream
	for _, r := range batch {
		key := labelsKey(r.labels)
		st := byLabels[key]
		if st == nil {
			st = &lokiStream{Stream: r.labels}
			byLabels[key] = st
			streams = append(streams, st)
		}
		entry := []any{strconv.FormatInt(r.time.UnixNano(), 10), r.line}
		if r.span.IsSampled() {
			entry = append(entry, map[string]string{"trace_id": r.span.TraceID().String()})
		}
		st.Values = append(st.Values, entry)
	}
	body, err := json.Marshal(map[string]any{"streams": streams})
	if err != nil {
		panic("BUG: a push cannot be encoded: " + err.Error())
	}
	return cfg.Pharos + "/loki/api/v1/push", "application/json", body
}

func labelsKey(m map[string]string) string {
	ls := make([]model.Label, 0, len(m))
	for k, v := range m {
		ls = append(ls, model.Label{Name: k, Value: v})
	}
	return model.NewLabels(ls...).String()
}
