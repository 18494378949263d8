package logrules

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	promrules "github.com/prometheus/prometheus/rules"

	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/tenant"
)

// evaluate answers the manager's questions, those in templates of annotations too.
func evaluate(engine *logql.Engine, t tenant.ID) promrules.QueryFunc {
	return func(ctx context.Context, text string, at time.Time) (promql.Vector, error) {
		x, err := logql.Parse(text)
		if err != nil {
			return nil, err
		}
		if _, ok := x.(logql.MetricExpr); !ok {
			return nil, errNoMetric
		}
		ns := at.UnixNano()
		res, err := engine.Eval(ctx, t, x, logql.Params{Start: ns, End: ns})
		if err != nil {
			return nil, err
		}
		switch v := res.Value.(type) {
		case logql.Scalar:
			return promql.Vector{{T: v.Time, F: v.Value, Metric: labels.EmptyLabels()}}, nil
		case logql.Vector:
			out := make(promql.Vector, len(v))
			b := labels.NewScratchBuilder(8)
			for i, s := range v {
				b.Reset()
				for _, l := range s.Labels {
					b.Add(l.Name, l.Value)
				}
				b.Sort()
				out[i] = promql.Sample{T: s.Time, F: s.Value, Metric: b.Labels()}
			}
			return out, nil
		}
		return nil, fmt.Errorf("BUG: instant metric query answered %T", res.Value)
	}
}
