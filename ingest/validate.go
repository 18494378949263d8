package ingest

import (
	"fmt"
	"strings"
	"time"

	"github.com/pharosd/pharos/model"
)

// fault is one entry's or stream's reason to be refused; texts are Loki's
// (pkg/validation/validate.go).
type fault struct {
	reason Reason
	text   string
}

// validator checks the streams of one push.
type validator struct {
	limits *Limits
	now    time.Time
	oldest int64
	newest int64

	// maxAge, unless it is nil, is how long a stream's entries are kept; oldestKept
	// is the oldest of the stream whose entries are being checked.
	maxAge     func(model.Labels) time.Duration
	oldestKept int64
}

// keptFor sets how long entries of streams are kept.
func (v *validator) keptFor(maxAge func(model.Labels) time.Duration) { v.maxAge = maxAge }

// stream begins the checking of a stream's entries.
func (v *validator) stream(ls model.Labels) {
	v.oldestKept = v.oldest
	if v.maxAge != nil {
		v.oldestKept = max(v.oldest, v.now.Add(-v.maxAge(ls)).UnixNano())
	}
}

func newValidator(l *Limits, now time.Time) *validator {
	return &validator{limits: l, now: now,
		oldest: now.Add(-l.MaxAge).UnixNano(), newest: now.Add(l.CreationGracePeriod).UnixNano()}
}

// labels checks a stream's labels.
func (v *validator) labels(ls model.Labels) *fault {
	if len(ls) == 0 {
		return &fault{MissingLabels, "error at least one label pair is required per stream"}
	}
	n := len(ls)
	if ls.Get(serviceLabel) != "" {
		n-- // we may have added it
	}
	if over(n, v.limits.MaxLabelNamesPerSeries) {
		return &fault{TooManyLabels, fmt.Sprintf("entry for stream '%s' has %d label names; limit %d",
			streamText(ls), n, v.limits.MaxLabelNamesPerSeries)}
	}
	for i, l := range ls {
		switch {
		case over(len(l.Name), v.limits.MaxLabelNameLength) || len(l.Name) > maxStoredName:
			return &fault{LabelNameTooLong, fmt.Sprintf("stream '%s' has label name too long: '%s'", streamText(ls), l.Name)}
		case over(len(l.Value), v.limits.MaxLabelValueLength):
			return &fault{LabelValueTooLong, fmt.Sprintf("stream '%s' has label value too long: '%s'", streamText(ls), l.Value)}
		case i > 0 && ls[i-1].Name == l.Name:
			return &fault{InvalidLabels, fmt.Sprintf("stream '%s' has duplicate label name: '%s'", streamText(ls), l.Name)}
		case l.Name == "" || strings.ContainsAny(l.Name, `={},"`):
			return &fault{InvalidLabels, fmt.Sprintf("error parsing labels '%s' with error: label name %q is not supported", streamText(ls), l.Name)}
		}
	}
	return nil
}

// entry checks one entry of a stream with valid labels.
func (v *validator) entry(ls model.Labels, e *model.LogEntry) *fault {
	l := v.limits
	switch {
	case e.Time < v.oldestKept:
		return &fault{TooOld, fmt.Sprintf("entry for stream '%s' has timestamp too old: %v, oldest acceptable timestamp is: %v",
			streamText(ls), rfc3339(e.Time), rfc3339(v.oldestKept))}
	case e.Time > v.newest:
		return &fault{TooNew, fmt.Sprintf("entry for stream '%s' has timestamp too new: %v", streamText(ls), rfc3339(e.Time))}
	case over(len(e.Line), l.MaxLineSize) || len(e.Line) > maxStoredLine:
		return &fault{LineTooLong, fmt.Sprintf("max entry size '%d' bytes exceeded for stream '%s' while adding an entry with length '%d' bytes",
			l.MaxLineSize, streamText(ls), len(e.Line))}
	}
	if len(e.Metadata) == 0 {
		return nil
	}
	size := metadataSize(e.Metadata)
	switch {
	case !l.AllowStructuredMetadata:
		return &fault{NoMetadata, fmt.Sprintf("stream '%s' includes structured metadata, but this feature is disallowed. Please see `limits_config.allow_structured_metadata` or contact your Loki administrator to enable it", streamText(ls))}
	case over(size, l.MaxStructuredMetadataSize):
		return &fault{TooMuchMetadata, fmt.Sprintf("stream '%s' has structured metadata too large: '%d' bytes, limit: '%d' bytes. Please see `limits_config.max_structured_metadata_size` or contact your Loki administrator to increase it",
			streamText(ls), size, l.MaxStructuredMetadataSize)}
	case over(len(e.Metadata), l.MaxStructuredMetadataEntriesCount):
		return &fault{TooMuchMetadata, fmt.Sprintf("stream '%s' has too many structured metadata labels: '%d', limit: '%d'. Please see `limits_config.max_structured_metadata_entries_count` or contact your Loki administrator to increase it",
			streamText(ls), len(e.Metadata), l.MaxStructuredMetadataEntriesCount)}
	}
	for _, m := range e.Metadata {
		if len(m.Name) > maxStoredName || m.Name == "" {
			return &fault{LabelNameTooLong, fmt.Sprintf("stream '%s' has structured metadata with an empty or too long name: '%s'", streamText(ls), m.Name)}
		}
	}
	return nil
}

// maxStreamText bounds how much of a stream's labels a text quotes.
const maxStreamText = 4 << 10

func streamText(ls model.Labels) string { return shorten(ls.String(), maxStreamText) }

func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}

// over says whether n exceeds a limit of which 0 means none.
func over(n, limit int) bool { return limit > 0 && n > limit }

func rfc3339(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339) }

// metadataSize is what counts against limits: detected_level does not.
func metadataSize(ls model.Labels) int {
	n := 0
	for _, l := range ls {
		if l.Name != levelLabel {
			n += len(l.Name) + len(l.Value)
		}
	}
	return n
}

// Bounds of the text of a refusal.
const (
	maxFaultTexts  = 100
	maxRefusalText = 64 << 10
)

// faults gathers what was refused, equal texts once.
type faults struct {
	reason Reason // the first
	texts  []string
	counts map[string]int
	total  int // of texts, entries that were not stored are counted elsewhere
	other  int // texts beyond maxFaultTexts
}

func (fs *faults) add(f *fault) {
	if fs.total == 0 {
		fs.reason, fs.counts = f.reason, map[string]int{}
	}
	fs.total++
	if fs.counts[f.text] == 0 {
		if len(fs.texts) == maxFaultTexts {
			fs.other++
			return
		}
		fs.texts = append(fs.texts, f.text)
	}
	fs.counts[f.text]++
}

// String is Loki's form of grouped errors.
func (fs *faults) String() string {
	var b strings.Builder
	for i, text := range fs.texts {
		if i > 0 {
			b.WriteString("; ")
		}
		if len(fs.texts) > 1 || fs.counts[text] > 1 {
			fmt.Fprintf(&b, "%d errors like: ", fs.counts[text])
		}
		b.WriteString(text)
	}
	if fs.other > 0 {
		fmt.Fprintf(&b, "; %d other errors", fs.other)
	}
	return shorten(b.String(), maxRefusalText)
}
