package rowstore

// Query selects rows of one tenant.
type Query struct {
	// Start (inclusive) and End (exclusive) are nanoseconds since the Unix epoch.
	Start, End int64
	// Streams select by stream fields; all must match. A stream without the field
	// has the empty value.
	Streams []StreamMatcher
	// Filter selects by content; nil matches every row.
	Filter Filter
	// Columns are the fields wanted in blocks; nil means all but Without. Asking for
	// few is much cheaper.
	Columns, Without []string
	// Sequence adds SequenceColumn to the columns.
	Sequence bool
	// Late adds LateColumn to the columns. It marks rows from before the store had
	// Config.Distinct too, and in a store without that all.
	Late bool
	// Limit ends the query after so many rows, newest first; 0 means no limit.
	Limit int
	// OldestFirst turns the order of a query with a limit around.
	OldestFirst bool
	// Parallel allows calls of emit to overlap, at most one for each Block.Worker. It
	// has no effect with a Limit.
	Parallel bool
	// Number, unless it is empty, is a column that may come as Column.Integers.
	Number string
	// Restore, unless it is nil, completes blocks before Keep sees them: it may replace
	// Values of columns, but not change them. Calls overlap.
	Restore func(b *Block) error
	// Keep, unless it is nil, decides which of the rows that Filter selects are
	// taken: it sets keep[i] for each row of b, all of which are false. Calls overlap.
	Keep func(b *Block, keep []bool)
}

// MatchOp is how a matcher compares, as in PromQL: regular expressions are RE2
// and anchored at both ends.
type MatchOp string

// The four operators.
const (
	Equal    MatchOp = "="
	NotEqual MatchOp = "!="
	Regex    MatchOp = "=~"
	NotRegex MatchOp = "!~"
)

// StreamMatcher compares one stream field.
type StreamMatcher struct {
	Name  string
	Op    MatchOp
	Value string
}

// Filter is a condition on a row: one of And, Or, Not, Contains, Phrase, MatchRegex,
// Equals, In, Exists, NumberRange, Numbered, InStreams, Within, MaybeEqual.
type Filter interface{ filter() }

type (
	// And matches when all do; an empty And matches everything.
	And []Filter
	// Or matches when one does; an empty Or matches nothing.
	Or []Filter
	// Not matches when the filter does not.
	Not struct{ Filter Filter }
	// Contains matches rows whose field has the text as a substring, byte for byte
	// (FoldCase: ignoring case). An empty text matches every row.
	Contains struct {
		Name, Text string
		FoldCase   bool
	}
	// Phrase matches rows whose field has the text with no letter, digit or underscore
	// right before it, if it begins with one, nor behind, if it ends with one. It finds
	// blocks by their words, and so is much cheaper than Contains.
	Phrase struct{ Name, Text string }
	// MatchRegex matches rows whose field matches the RE2 expression anywhere (not
	// anchored). A missing field is the empty text.
	MatchRegex struct{ Name, Expr string }
	// Equals matches rows whose field is exactly the value; the empty value matches
	// rows without the field.
	Equals struct{ Name, Value string }
	// In matches rows whose field is one of the values.
	In struct {
		Name   string
		Values []string
	}
	// Exists matches rows that have the field.
	Exists struct{ Name string }
	// NumberRange matches rows whose field is a decimal number within [Min, Max].
	NumberRange struct {
		Name     string
		Min, Max float64
	}
	// InStreams matches rows of streams that all matchers select.
	InStreams struct{ Streams []StreamMatcher }
	// Within matches rows with Start <= time < End, nanoseconds.
	Within struct{ Start, End int64 }
	// MaybeEqual matches rows that may equal another one in stream, time and message:
	// those with LateColumn, and those from before the store had Config.Distinct. In a
	// store without Config.Distinct it matches every row.
	MaybeEqual struct{}
)

func (And) filter()         {}
func (Or) filter()          {}
func (Not) filter()         {}
func (Contains) filter()    {}
func (Phrase) filter()      {}
func (MatchRegex) filter()  {}
func (Equals) filter()      {}
func (In) filter()          {}
func (Exists) filter()      {}
func (NumberRange) filter() {}
func (InStreams) filter()   {}
func (Within) filter()      {}
func (MaybeEqual) filter()  {}

// Block is a run of rows in columns. All rows of a block belong to one stream.
// Everything in it is valid only until emit returns; copy what is kept
// (strings.Clone).
type Block struct {
	// Stream identifies the rows' stream, sorted by name.
	Stream []Field
	// Times are the rows' times in nanoseconds.
	Times []int64
	// Columns hold one value for each row, "" where a row lacks the field. Stream
	// fields are not repeated here.
	Columns []Column
	// Worker is a small number, from 0 on; see Query.Parallel.
	Worker int
}

// Column is one field of a block's rows.
type Column struct {
	Name   string
	Values []string
	// Integers are the values of the column that Query.Number names, if all rows have a
	// decimal integer there, as the shortest text for it; then there are no Values.
	Integers []int64
}

// Column returns the values of the named column, nil if no row has it.
func (b *Block) Column(name string) []string {
	for i := range b.Columns {
		if b.Columns[i].Name == name {
			return b.Columns[i].Values
		}
	}
	return nil
}

// Grouping says how Count groups.
type Grouping struct {
	// Step is the width of time buckets in nanoseconds; 0 means one bucket for all.
	// Buckets begin at Offset plus multiples of Step.
	Step, Offset int64
	// By are the fields to group by.
	By []string
	// SumLength adds up the bytes of MessageField too.
	SumLength bool
	// Number, unless it is empty, is a field whose numbers are added up and compared.
	// ParseNumber reads one, which must be finite.
	Number      string
	ParseNumber func(string) (float64, bool)
}

// CountRow is one group.
type CountRow struct {
	// Time is the begin of the bucket (nanoseconds), 0 without a Step.
	Time int64
	// By are the values of Grouping.By, in its order.
	By    []string
	Rows  uint64
	Bytes uint64
	// Numbers counts rows with a number; Sum, Min and Max are of these.
	Numbers       uint64
	Sum, Min, Max float64
}

// ValueCount is a value and the number of rows that have it.
type ValueCount struct {
	Value string
	Rows  uint64
}
