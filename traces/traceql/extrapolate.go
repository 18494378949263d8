package traceql

import (
	"math"
	"strconv"
	"strings"
)

// Spans that a probability sampler let pass say in their W3C trace state how likely that
// was: "ot=th:c" has the threshold below which random numbers of 56 bits were rejected,
// in hexadecimal digits from the left
// (opentelemetry.io/docs/specs/otel/trace/tracestate-handling).

// hintExtrapolate is the hint that counts such spans for those that were not kept.
const hintExtrapolate = "extrapolate"

// extrapolates says that the query has the hint.
func (q *Query) extrapolates() bool {
	v, ok := q.hints[hintExtrapolate]
	return ok && v.isTrue()
}

// thresholdDigits are those of 56 bits.
const thresholdDigits = 14

// weightOf is for how many spans one of this trace state stands, 1 if it does not say.
func weightOf(traceState string) float64 {
	for member := range strings.SplitSeq(traceState, ",") {
		values, ok := strings.CutPrefix(strings.TrimSpace(member), "ot=")
		if !ok {
			continue
		}
		for pair := range strings.SplitSeq(values, ";") {
			digits, ok := strings.CutPrefix(pair, "th:")
			if !ok || digits == "" || len(digits) > thresholdDigits {
				continue
			}
			n, err := strconv.ParseUint(digits+strings.Repeat("0", thresholdDigits-len(digits)), 16, 64)
			if err != nil {
				return 1
			}
			const all = 1 << (4 * thresholdDigits)
			return all / math.Max(1, all-float64(n))
		}
	}
	return 1
}
