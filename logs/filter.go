package logs

import "github.com/prometheus/prometheus/model/labels"

// Field names one value of an entry.
type Field struct {
	Kind FieldKind
	// Name is empty for Line.
	Name string
}

// FieldKind is where an entry has a value.
type FieldKind uint8

// The places of values.
const (
	// Line is the line itself.
	Line FieldKind = iota
	// Label is a label of the entry's stream.
	Label
	// Metadata is structured metadata of the entry.
	Metadata
	// Parsed is a field that was read from the line at ingest, see Format.
	Parsed
)

// Format says how the line of an entry was read at ingest.
type Format uint8

const (
	// Raw: no field was read. The line may still be JSON or logfmt, of a kind whose
	// fields cannot be kept exactly (duplicate keys, too many or too large fields,
	// names that the store refuses...).
	Raw Format = iota
	// JSON: the entry's parsed fields are, names and values, exactly the labels that
	// LogQL's json stage without arguments gives to this line when no label of the
	// stream and no metadata has such a name. There is no error.
	JSON
	// Logfmt is the same for the logfmt stage without flags and arguments.
	Logfmt
	// JSONNonEmpty is as JSON, but there are labels with an empty value, which are not
	// kept: a field that the entry lacks may be one of them.
	JSONNonEmpty
)

// Filter is a condition on an entry: one of And, Or, Not, Contains, MatchRegex,
// Equals, In, Exists, NumberRange, InStreams, Within, HasFormat, MaybeEqual. A field
// that an entry lacks has the empty value. Filters are exact: a store applies them
// whole or refuses the query.
type Filter interface{ filter() }

type (
	// And matches when all do; an empty And matches everything.
	And []Filter
	// Or matches when one does; an empty Or matches nothing.
	Or []Filter
	// Not matches when the filter does not.
	Not struct{ Filter Filter }
	// Contains matches entries whose field has the text as a substring, byte for
	// byte (FoldCase: ignoring case). An empty text matches every entry.
	Contains struct {
		Field    Field
		Text     string
		FoldCase bool
	}
	// MatchRegex matches entries whose field matches the RE2 expression anywhere.
	MatchRegex struct {
		Field Field
		Expr  string
	}
	// Equals matches entries whose field is exactly the value.
	Equals struct {
		Field Field
		Value string
	}
	// In matches entries whose field is one of the values.
	In struct {
		Field  Field
		Values []string
	}
	// Exists matches entries whose field is not empty.
	Exists struct{ Field Field }
	// NumberRange matches entries whose field is a decimal number within [Min, Max].
	// (Open bounds: use math.Nextafter.)
	NumberRange struct {
		Field    Field
		Min, Max float64
	}
	// InStreams matches entries of streams that all matchers select.
	InStreams struct{ Matchers []*labels.Matcher }
	// Within matches entries with Start <= time < End, nanoseconds.
	Within struct{ Start, End int64 }
	// HasFormat matches entries whose line was read so.
	HasFormat struct{ Format Format }
	// MaybeEqual matches entries that may equal another one of their stream in time
	// and line. Of entries that are equal all match but at most one: those that it
	// does not match are distinct among themselves, yet one of them may equal one that
	// it matches. So a count without equals is the count of those that do not match,
	// and of those that do, each of its own (stream, time, line), less the ones that
	// equal one that does not match. Usually nothing matches.
	MaybeEqual struct{}
)

func (And) filter()         {}
func (Or) filter()          {}
func (Not) filter()         {}
func (Contains) filter()    {}
func (MatchRegex) filter()  {}
func (Equals) filter()      {}
func (In) filter()          {}
func (Exists) filter()      {}
func (NumberRange) filter() {}
func (InStreams) filter()   {}
func (Within) filter()      {}
func (HasFormat) filter()   {}
func (MaybeEqual) filter()  {}
