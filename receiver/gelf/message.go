package gelf

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/receiver/internal/door"
)

// mapper makes entries of messages.
type mapper struct {
	job    string
	static []model.Label
	ticks  door.Ticks
	now    func() time.Time
}

// severities are syslog's, whose numbers GELF has.
var severities = [...]string{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"}

// add decodes a message and puts its entry into the batch.
func (m *mapper) add(b []byte, to *door.Batch) error {
	fields, err := door.Object(b)
	if err != nil {
		return fmt.Errorf("%w: %w", errMalformed, err)
	}
	short := door.Text(fields["short_message"])
	if short == "" {
		// Graylog takes "message" in its place.
		short = door.Text(fields["message"])
		delete(fields, "message")
	}
	line := door.Text(fields["full_message"])
	if line == "" {
		line, short = short, ""
	}
	if line == "" {
		return fmt.Errorf("%w: it has no short_message", errMalformed)
	}
	at := m.time(fields)
	labels := m.labels(fields)
	for _, name := range []string{"version", "short_message", "full_message", "timestamp", "host", "level", "facility"} {
		delete(fields, name)
	}
	own := make(map[string]any, len(fields))
	for name, v := range fields {
		own[strings.TrimPrefix(name, "_")] = v
	}
	metadata, ok := door.Flatten(own)
	if !ok {
		// More than metadata can have: the message itself has everything.
		line, metadata = string(b), nil
	}
	metadata = append(metadata, model.Label{Name: "short_message", Value: short})
	to.Add(labels, model.LogEntry{Time: at, Line: line, Metadata: model.NewLabels(metadata...)})
	return nil
}

// skew is how far in the future a message's time may lie to be believed.
const skew = 5 * time.Minute

func (m *mapper) time(fields map[string]any) int64 {
	now := m.now()
	ns, unit, ok := door.UnixTime(door.Text(fields["timestamp"]))
	if !ok || ns == 0 || ns > now.Add(skew).UnixNano() {
		return m.ticks.Arrival(now)
	}
	return m.ticks.Within(ns, unit)
}

func (m *mapper) labels(fields map[string]any) model.Labels {
	ls := make([]model.Label, 0, 4+len(m.static))
	ls = append(ls, model.Label{Name: "job", Value: m.job}, model.Label{Name: "host", Value: door.Text(fields["host"])},
		model.Label{Name: "facility", Value: door.Text(fields["facility"])})
	switch level := fields["level"].(type) {
	case json.Number:
		if n, err := strconv.Atoi(level.String()); err == nil && n >= 0 && n < len(severities) {
			ls = append(ls, model.Label{Name: "level", Value: severities[n]})
		}
	case string:
		if n, err := strconv.Atoi(level); err == nil && n >= 0 && n < len(severities) {
			ls = append(ls, model.Label{Name: "level", Value: severities[n]})
		}
	}
	return model.NewLabels(append(ls, m.static...)...)
}
