package logql

// token is the kind of a lexical element.
type token int

const (
	tokEOF token = iota
	tokIdent
	// tokOther is a character with no meaning.
	tokOther
	tokString
	tokNumber
	tokDuration
	tokBytes
	tokRange
	tokFlag

	// Punctuation and words with one meaning everywhere.
	tokSymbol
	// Words that are functions only in front of a parenthesis.
	tokFunction
)

// lexeme is one token with its position and value.
type lexeme struct {
	kind      token
	text      string // the canonical text: lower case for words, unquoted for strings
	line, col int
	duration  int64 // nanoseconds, of tokDuration and tokRange
	bytes     uint64
}

// name is how error messages call the token.
func (l lexeme) name() string {
	switch l.kind {
	case tokEOF:
		return "$end"
	case tokIdent, tokOther: // as Loki calls it
		return "IDENTIFIER"
	case tokString:
		return "STRING"
	case tokNumber:
		return "NUMBER"
	case tokDuration:
		return "DURATION"
	case tokBytes:
		return "BYTES"
	case tokRange:
		return "RANGE"
	case tokFlag:
		return "FUNCTION_FLAG"
	case tokFunction:
		return functionTokens[l.text]
	default:
		return l.text
	}
}

func (l lexeme) is(text string) bool {
	return (l.kind == tokSymbol || l.kind == tokFunction) && l.text == text
}

// symbols are the tokens with one meaning everywhere, words among them in any
// case.
var symbols = set(
	",", ".", "{", "}", "=", "!=", "=~", "!~", "!>", "|=", "|~", "|>", "|", "(", ")", "[", "]",
	"+", "-", "*", "/", "%", "^", "==", ">", ">=", "<", "<=",
	"unwrap", "by", "without", "bool", "label_replace", "offset", "on", "ignoring", "group_left", "group_right",
	"or", "and", "unless", "json", "regexp", "logfmt", "unpack", "pattern", "label_format", "line_format",
	"ip", "decolorize", "drop", "keep",
)

// functionTokens are the words that are tokens only in front of a parenthesis or
// a grouping, with the names that error messages use; elsewhere they are
// identifiers.
var functionTokens = map[string]string{
	"rate": "RATE", "rate_counter": "RATE_COUNTER", "count_over_time": "COUNT_OVER_TIME", "bytes_rate": "BYTES_RATE",
	"bytes_over_time": "BYTES_OVER_TIME", "avg_over_time": "AVG_OVER_TIME", "sum_over_time": "SUM_OVER_TIME",
	"min_over_time": "MIN_OVER_TIME", "max_over_time": "MAX_OVER_TIME", "stdvar_over_time": "STDVAR_OVER_TIME",
	"stddev_over_time": "STDDEV_OVER_TIME", "quantile_over_time": "QUANTILE_OVER_TIME",
	"first_over_time": "FIRST_OVER_TIME", "last_over_time": "LAST_OVER_TIME", "absent_over_time": "ABSENT_OVER_TIME",
	"vector": "VECTOR",
	"sum":    "SUM", "avg": "AVG", "max": "MAX", "min": "MIN", "count": "COUNT", "stddev": "STDDEV", "stdvar": "STDVAR",
	"bottomk": "BOTTOMK", "topk": "TOPK", "approx_topk": "APPROX_TOPK", "sort": "SORT", "sort_desc": "SORT_DESC",
	"label_replace": "label_replace", "bytes": "BYTES_CONV", "duration": "DURATION_CONV",
	"duration_seconds": "DURATION_SECONDS_CONV", "ip": "ip", "variants": "variants", "of": "of",
}

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}
