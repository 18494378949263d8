package logrules

import (
	"errors"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/parser/posrange"

	"github.com/pharosd/pharos/logs/logql"
)

// logParser reads LogQL where Prometheus' rules read PromQL. The rest of the
// interface, which rules do not use, is PromQL's.
type logParser struct{ parser.Parser }

var errNoMetric = errors.New("a rule needs a metric query, such as count_over_time(...); this one returns log lines")

// ParseExpr implements parser.Parser.
func (logParser) ParseExpr(text string) (parser.Expr, error) {
	x, err := logql.Parse(text)
	if err != nil {
		return nil, err
	}
	if _, ok := x.(logql.MetricExpr); !ok {
		return nil, errNoMetric
	}
	return logExpr{text: text}, nil
}

// logExpr is a LogQL expression as the rules manager carries it around: it prints
// the text and hands it to the query function.
type logExpr struct {
	parser.Expr // never called: there is no PromQL in it
	text        string
}

func (e logExpr) String() string    { return e.text }
func (e logExpr) Pretty(int) string { return e.text }
func (e logExpr) PositionRange() posrange.PositionRange {
	return posrange.PositionRange{End: posrange.Pos(len(e.text))}
}
func (logExpr) Type() parser.ValueType { return parser.ValueTypeVector }
