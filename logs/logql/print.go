package logql

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

// MatchersString is the canonical text of a stream selector.
func MatchersString(ms []*labels.Matcher) string {
	texts := make([]string, len(ms))
	for i, m := range ms {
		texts[i] = m.String()
	}
	return "{" + strings.Join(texts, ", ") + "}"
}

func (e *LogExpr) String() string {
	var b strings.Builder
	b.WriteString(MatchersString(e.Matchers))
	for _, s := range e.Stages {
		b.WriteByte(' ')
		b.WriteString(s.String())
	}
	return b.String()
}

func (g Grouping) String() string {
	word := "by"
	if g.Without {
		word = "without"
	}
	return " " + word + " (" + strings.Join(g.Labels, ",") + ")"
}

func (u *Unwrap) String() string {
	var b strings.Builder
	b.WriteString(" | unwrap ")
	if u.Conversion != "" {
		b.WriteString(u.Conversion + "(" + u.Label + ")")
	} else {
		b.WriteString(u.Label)
	}
	for _, f := range u.Filters {
		b.WriteString(" | " + f.String())
	}
	return b.String()
}

func (r *LogRange) String() string {
	var b strings.Builder
	b.WriteString(r.Log.String())
	if r.Unwrap != nil {
		b.WriteString(r.Unwrap.String())
	}
	fmt.Fprintf(&b, "[%s]", model.Duration(r.Interval))
	if r.Offset != 0 {
		b.WriteString(" offset " + time.Duration(r.Offset).String())
	}
	return b.String()
}

func (e *RangeAggregation) String() string {
	var b strings.Builder
	b.WriteString(e.Op + "(")
	if e.Param != nil {
		b.WriteString(strconv.FormatFloat(*e.Param, 'f', -1, 64) + ",")
	}
	b.WriteString(e.Range.String() + ")")
	if e.Grouping != nil {
		b.WriteString(e.Grouping.String())
	}
	return b.String()
}

func (e *VectorAggregation) String() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Grouping.Without || len(e.Grouping.Labels) > 0 {
		b.WriteString(e.Grouping.String())
	}
	b.WriteByte('(')
	if e.Param != 0 {
		b.WriteString(strconv.Itoa(e.Param) + ",")
	}
	b.WriteString(e.Expr.String() + ")")
	return b.String()
}

func (e *BinaryOp) String() string {
	op := e.Op
	if e.Bool {
		op += " bool"
	}
	if m := e.Matching; m.On || m.Labels != nil {
		word := "ignoring"
		if m.On {
			word = "on"
		}
		op += " " + word + " (" + strings.Join(m.Labels, ",") + ")"
		switch m.Card {
		case ManyToOne:
			op += " group_left"
		case OneToMany:
			op += " group_right"
		}
		if m.Include != nil {
			op += " (" + strings.Join(m.Include, ",") + ")"
		}
	}
	return "(" + e.Left.String() + " " + op + " " + e.Right.String() + ")"
}

func (e *Literal) String() string       { return fmt.Sprint(e.Value) }
func (e *VectorLiteral) String() string { return fmt.Sprintf("vector(%f)", e.Value) }

func (e *LabelReplace) String() string {
	return fmt.Sprintf("label_replace(%s,%q,%q,%q,%q)", e.Expr, e.Dst, e.Replacement, e.Src, e.Regex)
}
