package logql

import (
	"slices"
	"strings"

	"github.com/pharosd/pharos/model"
)

// Labels with a meaning of their own.
const (
	errorLabel         = "__error__"
	errorDetailsLabel  = "__error_details__"
	preserveErrorLabel = "__preserve_error__"
	extractedSuffix    = "_extracted"
)

// Values of errorLabel.
const (
	errJSON             = "JSONParserErr"
	errLogfmt           = "LogfmtParserErr"
	errSampleExtraction = "SampleExtractionErr"
	errLabelFilter      = "LabelFilterErr"
	errTemplateFormat   = "TemplateFormatErr"
)

// labelSet holds the labels of one entry on its way through a pipeline, in the
// three categories that answers can show apart: of the stream, of structured
// metadata, parsed. A name is in one category only: parsed wins over metadata,
// metadata over the stream. Not safe for concurrent use; reset for each entry.
type labelSet struct {
	stream model.Labels // of the stream, never changed
	meta   []model.Label
	parsed []model.Label
	del    []string // names removed from stream
	// extracted are the names that parsers and formatters set, also if they were
	// dropped again: parsers do not set them twice.
	extracted       []string
	err, errDetails string
	hints           *hints

	buf []model.Label
}

// reset starts an entry of a stream.
func (s *labelSet) reset(stream model.Labels) {
	s.stream = stream
	s.meta, s.parsed, s.del, s.extracted = s.meta[:0], s.parsed[:0], s.del[:0], s.extracted[:0]
	s.err, s.errDetails = "", ""
}

// addMetadata sets structured metadata. A name that the stream has gets a
// suffix.
func (s *labelSet) addMetadata(name, value string) {
	if s.streamHas(name) {
		name += extractedSuffix
	}
	switch name {
	case errorLabel:
		s.err = value
	case errorDetailsLabel:
		s.errDetails = value
	default:
		s.meta = put(s.meta, name, value)
	}
}

func put(ls []model.Label, name, value string) []model.Label {
	for i := range ls {
		if ls[i].Name == name {
			ls[i].Value = value
			return ls
		}
	}
	return append(ls, model.Label{Name: name, Value: value})
}

func find(ls []model.Label, name string) (string, bool) {
	for i := range ls {
		if ls[i].Name == name {
			return ls[i].Value, true
		}
	}
	return "", false
}

func remove(ls []model.Label, name string) []model.Label {
	return slices.DeleteFunc(ls, func(l model.Label) bool { return l.Name == name })
}

func has(ls []model.Label, name string) bool {
	_, ok := find(ls, name)
	return ok
}

// streamHas says whether the stream has the label, dropped or not.
func (s *labelSet) streamHas(name string) bool { return has(s.stream, name) }

// taken says whether a parser must add the suffix to a name.
func (s *labelSet) taken(name string) bool { return s.streamHas(name) || has(s.meta, name) }

// wasExtracted says whether an earlier stage set the name.
func (s *labelSet) wasExtracted(name string) bool { return slices.Contains(s.extracted, name) }

// set sets a parsed label.
func (s *labelSet) set(name, value string) {
	s.meta = remove(s.meta, name)
	for i := range s.parsed {
		if s.parsed[i].Name == name {
			s.parsed[i].Value = value
			return
		}
	}
	s.parsed = append(s.parsed, model.Label{Name: name, Value: value})
	if !s.wasExtracted(name) {
		s.extracted = append(s.extracted, name)
	}
}

func (s *labelSet) get(name string) (string, bool) {
	if v, ok := find(s.meta, name); ok {
		return v, true
	}
	if v, ok := find(s.parsed, name); ok {
		return v, true
	}
	if slices.Contains(s.del, name) {
		return "", false
	}
	v, _ := find(s.stream, name)
	return v, v != ""
}

// value is what string filters compare: the error for its label, "" for a label
// that is missing.
func (s *labelSet) value(name string) string {
	if name == errorLabel {
		return s.err
	}
	v, _ := s.get(name)
	return v
}

func (s *labelSet) drop(name string) {
	s.meta = remove(s.meta, name)
	s.parsed = remove(s.parsed, name)
	s.del = append(s.del, name)
}

// fail sets the error of a parser.
func (s *labelSet) fail(kind string, err error) {
	s.err = kind
	if err != nil {
		s.errDetails = err.Error()
	}
	if s.hints.preserveError {
		s.set(preserveErrorLabel, "true")
	}
}

// failOnce sets the error of a filter, unless a more useful one is there.
func (s *labelSet) failOnce(kind string, err error) {
	if s.err == "" {
		s.err = kind
		if err != nil {
			s.errDetails = err.Error()
		}
	}
}

// unchanged says whether the labels are those of the stream. The details of an
// error that was dropped do not count, as in Loki.
func (s *labelSet) unchanged() bool {
	return len(s.meta) == 0 && len(s.parsed) == 0 && len(s.del) == 0 && s.err == ""
}

// streamRest appends the labels of the stream that are still there.
func (s *labelSet) streamRest(buf []model.Label) []model.Label {
	for _, l := range s.stream {
		if !slices.Contains(s.del, l.Name) && !has(s.meta, l.Name) && !has(s.parsed, l.Name) {
			buf = append(buf, l)
		}
	}
	return buf
}

// errors appends the error labels.
func (s *labelSet) errors(buf []model.Label) []model.Label {
	if s.err != "" {
		buf = append(buf, model.Label{Name: errorLabel, Value: s.err})
	}
	if s.errDetails != "" {
		buf = append(buf, model.Label{Name: errorDetailsLabel, Value: s.errDetails})
	}
	return buf
}

// all returns every label, unsorted. The result is valid until the next call.
func (s *labelSet) all() []model.Label {
	s.buf = s.streamRest(s.buf[:0])
	for _, l := range s.meta {
		if !has(s.parsed, l.Name) {
			s.buf = append(s.buf, l)
		}
	}
	s.buf = append(s.buf, s.parsed...)
	s.buf = s.errors(s.buf)
	return s.buf
}

// sorted returns every label sorted by name, valid until the next call.
func (s *labelSet) sorted() []model.Label {
	if s.unchanged() {
		return s.stream
	}
	ls := s.all()
	sortLabels(ls)
	return ls
}

func sortLabels(ls []model.Label) {
	slices.SortFunc(ls, func(a, b model.Label) int { return strings.Compare(a.Name, b.Name) })
}

// byName returns every label as a map, as templates want them.
func (s *labelSet) byName() map[string]string {
	ls := s.all()
	m := make(map[string]string, len(ls))
	for _, l := range ls {
		m[l.Name] = l.Value
	}
	return m
}

// grouped returns the labels that are left after a grouping, sorted, valid until
// the next call. An entry with an error keeps all its labels, so that the error
// is not lost.
func (s *labelSet) grouped(g *Grouping) []model.Label {
	if g == nil || s.err != "" || g.Without && len(g.Labels) == 0 {
		return s.sorted()
	}
	ls := s.all()
	ls = slices.DeleteFunc(ls, func(l model.Label) bool {
		return slices.Contains(g.Labels, l.Name) == g.Without || l.Name == errorDetailsLabel
	})
	sortLabels(ls)
	return ls
}
