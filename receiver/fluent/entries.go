package fluent

import (
	"time"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/receiver/internal/door"
)

// lines are the names of the field that is an entry's line.
var lines = []string{"log", "message", "msg", "MESSAGE"}

// mapper makes entries of events.
type mapper struct {
	job    string
	keys   []labelKey
	static []model.Label
	ticks  door.Ticks
}

// add puts a message's events into the batch. A chunk that is sent again makes the same
// entries again, which the store knows.
func (m *mapper) add(msg *message, to *door.Batch) {
	var repeats door.Repeats
	for i, e := range msg.events {
		labels := m.labels(msg.tag, e.record)
		line, metadata := m.entry(&e)
		var at int64
		switch {
		case !e.whole:
			at = repeats.At(e.time.UnixNano(), line, labels.String()+metadata.String())
		case msg.chunk != "":
			at = e.time.Unix()*int64(time.Second) + door.Spread(msg.chunk, i)
		default:
			at = m.ticks.At(e.time)
		}
		to.Add(labels, model.LogEntry{Time: at, Line: line, Metadata: metadata})
	}
}

func (m *mapper) entry(e *event) (string, model.Labels) {
	extra, ok := door.Flatten(e.metadata)
	if !ok {
		extra = nil
	}
	return door.Line(e.record, lines, extra...)
}

func (m *mapper) labels(tag string, record map[string]any) model.Labels {
	ls := make([]model.Label, 0, 2+len(m.keys)+len(m.static))
	ls = append(ls, model.Label{Name: "job", Value: m.job}, model.Label{Name: "tag", Value: tag})
	for _, k := range m.keys {
		ls = append(ls, model.Label{Name: k.name, Value: k.find(record)})
	}
	return model.NewLabels(append(ls, m.static...)...)
}

// labelKey is a label that a record's field gives.
type labelKey struct {
	name string
	path []string
}

func (k labelKey) find(record map[string]any) string {
	for _, p := range k.path[:len(k.path)-1] {
		record, _ = record[p].(map[string]any)
	}
	switch v := record[k.path[len(k.path)-1]].(type) {
	case map[string]any, []any:
		return ""
	default:
		return door.Text(v)
	}
}
