package lokipush

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	jsoniter "github.com/json-iterator/go"

	"github.com/pharosd/pharos/model"
)

// decodeJSON reads {"streams": [{"stream": {...}, "values": [["<ns>", "<line>",
// {<metadata>}], ...]}]}. It uses the reader that Loki uses, so that what is and
// is not accepted, and the texts of errors, are the same.
func decodeJSON(b []byte) ([]pushedStream, error) {
	return readStreams(b, func(it *jsoniter.Iterator) pushedStream {
		var s pushedStream
		it.ReadObjectCB(func(it *jsoniter.Iterator, key string) bool {
			switch key {
			case "stream":
				s.labels = model.NewLabels(readLabels(it)...).String()
			case "values":
				it.ReadArrayCB(func(it *jsoniter.Iterator) bool {
					s.entries = append(s.entries, readEntry(it))
					return it.Error == nil
				})
			default:
				it.Skip()
			}
			return it.Error == nil
		})
		return s
	})
}

// decodeLegacyJSON reads {"streams": [{"labels": "{...}", "entries": [{"ts":
// "<RFC 3339>", "line": "..."}]}]}.
func decodeLegacyJSON(b []byte) ([]pushedStream, error) {
	return readStreams(b, func(it *jsoniter.Iterator) pushedStream {
		var s pushedStream
		it.ReadObjectCB(func(it *jsoniter.Iterator, key string) bool {
			switch key {
			case "labels":
				s.labels = it.ReadString()
			case "entries":
				it.ReadArrayCB(func(it *jsoniter.Iterator) bool {
					s.entries = append(s.entries, readLegacyEntry(it))
					return it.Error == nil
				})
			default:
				it.Skip()
			}
			return it.Error == nil
		})
		return s
	})
}

func readStreams(b []byte, read func(*jsoniter.Iterator) pushedStream) ([]pushedStream, error) {
	it := jsoniter.ParseBytes(jsoniter.ConfigDefault, b)
	if it.WhatIsNext() != jsoniter.ObjectValue {
		return nil, errors.New("push request: expect an object with the field streams")
	}
	var out []pushedStream
	it.ReadObjectCB(func(it *jsoniter.Iterator, key string) bool {
		if key != "streams" {
			it.Skip()
			return it.Error == nil
		}
		it.ReadArrayCB(func(it *jsoniter.Iterator) bool {
			out = append(out, read(it))
			return it.Error == nil
		})
		return it.Error == nil
	})
	return out, it.Error
}

// readLabels reads an object of texts. Numbers are taken as they are written.
func readLabels(it *jsoniter.Iterator) []model.Label {
	var out []model.Label
	it.ReadObjectCB(func(it *jsoniter.Iterator, name string) bool {
		l := model.Label{Name: name}
		switch it.WhatIsNext() {
		case jsoniter.NumberValue:
			l.Value = it.ReadNumber().String()
		default:
			l.Value = it.ReadString()
		}
		out = append(out, l)
		return it.Error == nil
	})
	return out
}

func readEntry(it *jsoniter.Iterator) model.LogEntry {
	var e model.LogEntry
	n := 0
	it.ReadArrayCB(func(it *jsoniter.Iterator) bool {
		switch n {
		case 0:
			ts, err := strconv.ParseInt(it.ReadString(), 10, 64)
			if err != nil && it.Error == nil {
				it.ReportError("error reading entry timestamp", err.Error())
			}
			e.Time = ts
		case 1:
			e.Line = it.ReadString()
		case 2:
			e.Metadata = model.NewLabels(readLabels(it)...)
		default:
			it.ReportError("error reading entry", "array must have at least 2 and up to 3 values")
		}
		n++
		return it.Error == nil
	})
	if n < 2 && it.Error == nil {
		it.ReportError("error reading entry", "array must have at least 2 and up to 3 values")
	}
	return e
}

func readLegacyEntry(it *jsoniter.Iterator) model.LogEntry {
	var e model.LogEntry
	it.ReadObjectCB(func(it *jsoniter.Iterator, key string) bool {
		switch key {
		case "ts", "timestamp":
			ts, err := time.Parse(time.RFC3339Nano, it.ReadString())
			if err != nil && it.Error == nil {
				it.ReportError("error reading entry timestamp", fmt.Sprint(err))
			}
			e.Time = ts.UnixNano()
		case "line":
			e.Line = it.ReadString()
		default:
			it.Skip()
		}
		return it.Error == nil
	})
	return e
}
