package logql

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"github.com/pharosd/pharos/logs/logql/drain"
	"github.com/pharosd/pharos/tenant"
)

// PatternParams say where patterns are looked for.
type PatternParams struct {
	// Start and End bound the time, Step is the width of the counts' buckets, in
	// nanoseconds.
	Start, End, Step int64
	// Lines is how many lines are looked at, at most.
	Lines int
}

// PatternSample is how many lines a pattern has in the bucket that begins at Time,
// nanoseconds.
type PatternSample struct{ Time, Count int64 }

// LinePattern is a pattern of lines of one level; it can be searched by |>.
type LinePattern struct {
	Text, Level string
	Total       int64
	Samples     []PatternSample
}

// Patterns is what lines have in common.
type Patterns struct {
	// Patterns come the most frequent first.
	Patterns []LinePattern
	// Lines is how many lines were looked at. Sampled says that these are not all: in
	// some parts of the range only the newest were. Left counts those without a
	// pattern: very long ones and the rarest.
	Lines, Left int64
	Sampled     bool
}

// patternSlices is into how many parts of equal length the range is cut, each with
// its share of the lines.
const patternSlices = 32

// unknownLevel is the level of lines without one.
const unknownLevel = "unknown"

// Patterns finds the patterns of the lines that a log query returns.
func (e *Engine) Patterns(ctx context.Context, t tenant.ID, x *LogExpr, p PatternParams) (Patterns, error) {
	limits := e.ConfigOf(t)
	ctx, cancel := context.WithTimeout(ctx, limits.Timeout)
	defer cancel()
	if length := time.Duration(p.End - p.Start); length > limits.MaxLength {
		return Patterns{}, limitErrorf("the query time range exceeds the limit (query length: %s, limit: %s)", model.Duration(length), model.Duration(limits.MaxLength))
	}
	miner := drain.New(drain.DefaultConfig())
	out := Patterns{}
	var bytes int64
	each := max(1, p.Lines/patternSlices)
	width := max(1, (p.End-p.Start+patternSlices-1)/patternSlices)
	for end := p.End; end > p.Start; end -= width {
		res, err := e.Eval(ctx, t, x, Params{Start: max(p.Start, end-width), End: end, Limit: each, Categorize: true})
		if err != nil {
			return Patterns{}, err
		}
		if bytes += res.Stats.Bytes; bytes > limits.MaxBytes {
			return Patterns{}, limitErrorf("the query would read too many bytes (limit: %d); consider adding more specific stream selectors or reduce the time range of the query", limits.MaxBytes)
		}
		n := int64(0)
		for _, s := range res.Value.(Streams) {
			for _, entry := range s.Entries {
				n++
				miner.Add(levelOf(s, entry), entry.Line, floorDiv(entry.Time, p.Step)*p.Step)
			}
		}
		out.Lines += n
		out.Sampled = out.Sampled || n >= int64(each)
	}
	out.Left = miner.Left()
	for _, m := range miner.Patterns() {
		out.Patterns = append(out.Patterns, minedPattern(m))
	}
	return out, nil
}

func levelOf(s Stream, e Entry) string {
	return cmp.Or(e.Metadata.Get("detected_level"), s.Labels.Get("detected_level"), unknownLevel)
}

func minedPattern(m drain.Pattern) LinePattern {
	p := LinePattern{Text: m.Text, Level: m.Kind, Total: m.Total}
	for at, n := range m.Counts {
		p.Samples = append(p.Samples, PatternSample{at, n})
	}
	slices.SortFunc(p.Samples, func(a, b PatternSample) int { return cmp.Compare(a.Time, b.Time) })
	return p
}

// DefaultPatternLines is how many lines Patterns looks at if nobody says.
const DefaultPatternLines = 32_000

// PatternStep is step, or at least a second, so that samples have different times in an
// answer that counts seconds.
func PatternStep(step time.Duration) int64 { return int64(max(step, time.Second)) }
