package pipeline

import "time"

// Event is one log event. Promtail's stages see a line with labels and values
// extracted from it; Logstash's filters see a document. An event belongs to whoever
// holds it: it is never shared between goroutines.
type Event struct {
	// Time is the event's own time (Logstash's @timestamp).
	Time time.Time
	// Line is the text that is stored. Logstash's filters do not look at it: their text
	// is the field "message".
	Line string
	// Labels become the stream's labels.
	Labels map[string]string
	// Metadata becomes structured metadata.
	Metadata map[string]string
	// Fields is what was extracted from the line, or the whole document without
	// @timestamp; with @metadata under that name. Values are string, bool, int64,
	// float64, nil, time.Time, []any and map[string]any of these, nothing else.
	Fields map[string]any
	// Tenant is whose event it is when a stage says so; "": that of the client or pipeline.
	Tenant string
	// Origins are the pieces of input that this event was made from: one, or several
	// when lines were joined. Whoever reads files knows from them what is done.
	Origins []Origin
}

// Origin is a piece of one input: [From, To) in the reader's own unit, for a file
// bytes. Source is a number that the reader gave.
type Origin struct {
	Source   uint64
	From, To int64
}

// Absorb makes e stand for other too: other ends here and MUST NOT be emitted or
// dropped any more.
func (e *Event) Absorb(other *Event) { e.Origins = append(e.Origins, other.Origins...) }

// Clone is a deep copy. The copy stands for no input: one event of those that a stage
// makes of one keeps the origins.
func (e *Event) Clone() *Event {
	c := *e
	c.Labels, c.Metadata, c.Origins = cloneStrings(e.Labels), cloneStrings(e.Metadata), nil
	if e.Fields != nil {
		c.Fields = CloneValue(e.Fields).(map[string]any)
	}
	return &c
}

func cloneStrings(m map[string]string) map[string]string {
	if m == nil {
		return nil
	}
	c := make(map[string]string, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}

// CloneValue is a deep copy of a value of Fields.
func CloneValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		c := make(map[string]any, len(v))
		for k, x := range v {
			c[k] = CloneValue(x)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, x := range v {
			c[i] = CloneValue(x)
		}
		return c
	}
	return v
}
