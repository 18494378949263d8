package logql

import (
	"github.com/prometheus/prometheus/model/labels"
)

// Expr is a query: *LogExpr, which answers with streams, or a MetricExpr.
type Expr interface {
	// String is the canonical text, which Parse reads back.
	String() string
	expr()
}

// MetricExpr is a query that answers with numbers: one of *RangeAggregation,
// *VectorAggregation, *BinaryOp, *LabelReplace, *Literal, *VectorLiteral, *Variants.
type MetricExpr interface {
	Expr
	metricExpr()
}

// LogExpr selects streams and sends their lines through stages.
type LogExpr struct {
	Matchers []*labels.Matcher
	Stages   []StageExpr
}

// StageExpr is one stage of a pipeline.
type StageExpr interface {
	// String is the canonical text with its leading operator.
	String() string
	// compile returns the stage ready to run by one goroutine.
	compile() (stage, error)
}

// Grouping is by (...) or without (...).
type Grouping struct {
	Labels  []string
	Without bool
}

// LogRange is the lines of a window, and the label that is read as a number if
// there is an unwrap.
type LogRange struct {
	Log              *LogExpr
	Interval, Offset int64 // nanoseconds
	Unwrap           *Unwrap
}

// Unwrap reads a label as a number.
type Unwrap struct {
	Label string
	// Conversion is "", "bytes", "duration" or "duration_seconds".
	Conversion string
	// Filters run after the conversion.
	Filters []labelFilter
}

// RangeAggregation is rate({...}[5m]) and its kind.
type RangeAggregation struct {
	Op       string
	Param    *float64 // of quantile_over_time
	Range    *LogRange
	Grouping *Grouping
}

// VectorAggregation is sum by (a) (...) and its kind.
type VectorAggregation struct {
	Op       string
	Param    int // of topk, bottomk and approx_topk
	Grouping Grouping
	Expr     MetricExpr
}

// BinaryOp is two expressions with an operator between them.
type BinaryOp struct {
	Op          string
	Left, Right MetricExpr
	Bool        bool
	Matching    Matching
}

// Cardinality says which side of a binary operation may have several series for
// one of the other.
type Cardinality int

// The three cardinalities.
const (
	OneToOne  Cardinality = iota
	ManyToOne             // group_left
	OneToMany             // group_right
)

// Matching says which series of two sides belong together.
type Matching struct {
	Card    Cardinality
	On      bool // compare only Labels, else all but Labels
	Labels  []string
	Include []string // labels that group_left and group_right copy
}

// Literal is a number.
type Literal struct{ Value float64 }

// VectorLiteral is vector(1).
type VectorLiteral struct{ Value float64 }

// LabelReplace is label_replace(...).
type LabelReplace struct {
	Expr                         MetricExpr
	Dst, Replacement, Src, Regex string
}

func (*LogExpr) expr()           {}
func (*RangeAggregation) expr()  {}
func (*VectorAggregation) expr() {}
func (*BinaryOp) expr()          {}
func (*Literal) expr()           {}
func (*VectorLiteral) expr()     {}
func (*LabelReplace) expr()      {}

func (*RangeAggregation) metricExpr()  {}
func (*VectorAggregation) metricExpr() {}
func (*BinaryOp) metricExpr()          {}
func (*Literal) metricExpr()           {}
func (*VectorLiteral) metricExpr()     {}
func (*LabelReplace) metricExpr()      {}

// Names of operations.
const (
	opCountOverTime    = "count_over_time"
	opRate             = "rate"
	opRateCounter      = "rate_counter"
	opBytesOverTime    = "bytes_over_time"
	opBytesRate        = "bytes_rate"
	opAvgOverTime      = "avg_over_time"
	opSumOverTime      = "sum_over_time"
	opMinOverTime      = "min_over_time"
	opMaxOverTime      = "max_over_time"
	opStdvarOverTime   = "stdvar_over_time"
	opStddevOverTime   = "stddev_over_time"
	opQuantileOverTime = "quantile_over_time"
	opFirstOverTime    = "first_over_time"
	opLastOverTime     = "last_over_time"
	opAbsentOverTime   = "absent_over_time"

	opSum        = "sum"
	opAvg        = "avg"
	opMax        = "max"
	opMin        = "min"
	opCount      = "count"
	opStddev     = "stddev"
	opStdvar     = "stdvar"
	opTopK       = "topk"
	opBottomK    = "bottomk"
	opApproxTopK = "approx_topk"
	opSort       = "sort"
	opSortDesc   = "sort_desc"

	flagStrict    = "--strict"
	flagKeepEmpty = "--keep-empty"
)

var (
	rangeOps = set(opCountOverTime, opRate, opRateCounter, opBytesOverTime, opBytesRate, opAvgOverTime, opSumOverTime,
		opMinOverTime, opMaxOverTime, opStdvarOverTime, opStddevOverTime, opQuantileOverTime, opFirstOverTime,
		opLastOverTime, opAbsentOverTime)
	vectorOps = set(opSum, opAvg, opMax, opMin, opCount, opStddev, opStdvar, opTopK, opBottomK, opApproxTopK, opSort,
		opSortDesc)
	comparisons = set("==", "!=", ">", ">=", "<", "<=")
	setOps      = set("or", "and", "unless")
)
