package datadog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/receiver/internal/door"
)

// mapper makes entries of the logs of one request.
type mapper struct {
	receiver *Receiver
	common   map[string]string // what the URL says, for logs that do not
	to       *door.Batch
	repeats  door.Repeats
}

// json takes an array of logs, or logs one after the other.
func (m *mapper) json(body []byte) error {
	if err := door.CheckDepth(body); err != nil {
		return err
	}
	d := door.NewDecoder(body)
	if len(bytes.TrimSpace(body)) == 0 {
		return errors.New("the body is empty")
	}
	for {
		var v any
		err := d.Decode(&v)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("decode JSON: %w", err)
		}
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, v := range list {
			switch v := v.(type) {
			case map[string]any:
				m.add(v)
			case string:
				m.add(map[string]any{"message": v})
			default:
				return errors.New("a log is neither an object nor a text")
			}
		}
	}
}

// levels are Datadog's names of a status.
var levels = []string{"emergency", "alert", "critical", "error", "warning", "notice", "info", "debug", "trace", "ok",
	"emerg", "crit", "err", "warn", "fatal"}

// add makes an entry of a log. Attributes that Datadog reserves become labels, tags and
// all others metadata.
func (m *mapper) add(log map[string]any) {
	r := m.receiver
	take := func(names ...string) string {
		for _, name := range names {
			if s := door.Text(log[name]); s != "" {
				delete(log, name)
				return s
			}
		}
		return m.common[names[0]]
	}
	at := m.time(log)
	source, service, host := take("ddsource", "source"), take("service"), take("hostname", "host")
	fields, env := tags(take("ddtags"))
	ls := make([]model.Label, 0, 6+len(r.static))
	ls = append(ls, model.Label{Name: "job", Value: r.cfg.Job}, model.Label{Name: "source", Value: source}, model.Label{Name: "service", Value: service},
		model.Label{Name: "host", Value: host}, model.Label{Name: "env", Value: env})
	if status := strings.ToLower(take("status", "severity", "level")); slices.Contains(levels, status) {
		ls = append(ls, model.Label{Name: "level", Value: status})
	} else if status != "" {
		fields = append(fields, model.Label{Name: "status", Value: status})
	}
	labels := model.NewLabels(append(ls, r.static...)...)
	line, metadata := door.Line(log, []string{"message", "msg", "log"}, fields...)
	if at == 0 {
		at = r.ticks.Arrival(r.now())
	} else {
		at = m.repeats.At(at, line, labels.String()+metadata.String())
	}
	m.to.Add(labels, model.LogEntry{Time: at, Line: line, Metadata: metadata})
}

// tags reads "env:prod,team:shop": a tag that comes several times has all its values.
func tags(s string) (fields []model.Label, env string) {
	values := map[string]string{}
	for t := range strings.SplitSeq(s, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(t), ":")
		if name == "" {
			continue
		}
		if !ok {
			value = "true"
		}
		if values[name] != "" {
			value = values[name] + "," + value
		}
		values[name] = value
	}
	env = values["env"]
	delete(values, "env")
	return door.Static(values), env
}

// dates are the attributes that may be a log's time, in Datadog's order.
var dates = []string{"date", "@timestamp", "timestamp", "_timestamp", "Timestamp", "eventTime", "published_date"}

// time returns a log's time, which leaves its attributes, 0 if it has none.
func (m *mapper) time(log map[string]any) int64 {
	for _, name := range dates {
		switch v := log[name].(type) {
		case json.Number:
			if ms, err := strconv.ParseFloat(v.String(), 64); err == nil && ms > 0 && ms < 9e15 {
				delete(log, name)
				return int64(ms) * int64(time.Millisecond)
			}
		case string:
			t, err := time.Parse(time.RFC3339Nano, v)
			if ms, bad := strconv.ParseInt(v, 10, 64); bad == nil && ms > 0 && ms < 9e12 {
				t, err = time.UnixMilli(ms), nil
			}
			if err == nil {
				delete(log, name)
				return t.UnixNano()
			}
		}
	}
	return 0
}
