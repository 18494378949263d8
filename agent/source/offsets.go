package source

import (
	"encoding/json"

	"github.com/pharosd/pharos/agent/feed"
)

// offsets is the state of a source that numbers its pieces.
type offsets struct {
	Low  int64      `json:"low"`
	Done [][2]int64 `json:"done,omitempty"`
}

func encodeOffsets(r feed.Ranges) []byte {
	b, err := json.Marshal(offsets(r))
	if err != nil {
		panic("BUG: offsets cannot be encoded: " + err.Error())
	}
	return b
}

func decodeOffsets(b []byte) (feed.Ranges, bool) {
	var o offsets
	if len(b) == 0 || json.Unmarshal(b, &o) != nil {
		return feed.Ranges{}, false
	}
	r := feed.Ranges{Low: o.Low}
	for _, d := range o.Done {
		r.Add(d[0], d[1])
	}
	return r, true
}
