package logql

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/pharosd/pharos/logs"
)

// suspectParts is in how many parts of the range entries that may be equal are
// looked for.
const suspectParts = 256

// suspects returns the parts of the range in which entries may be equal, usually
// none: there all are read, so that equal ones are seen together and counted once.
// Equal entries have the same time and the same line: no filter that comes before
// parts them.
func (p *rangePlan) suspects(ctx context.Context) ([]logs.Within, error) {
	if p.q.engine.rowsOnly {
		return []logs.Within{{Start: math.MinInt64, End: math.MaxInt64}}, nil
	}
	lq := p.base
	if lq.Start >= lq.End {
		return nil, nil
	}
	lq.Where = and(logs.MaybeEqual{}, lq.Where)
	width := max((lq.End-lq.Start)/suspectParts, minSlice)
	groups, err := p.node.count(ctx, p.q, lq, logs.Grouping{Step: width, Offset: lq.Start % width}, "look for equal entries")
	if err != nil {
		return nil, err
	}
	slices.SortFunc(groups, func(a, b logs.Group) int { return cmp.Compare(a.Time, b.Time) })
	var parts []logs.Within
	for _, x := range groups {
		if n := len(parts); n > 0 && parts[n-1].End == x.Time {
			parts[n-1].End += width
			continue
		}
		parts = append(parts, logs.Within{Start: x.Time, End: x.Time + width})
	}
	return parts, nil
}
