package logql

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pharosd/pharos/logs"
)

// PlanNode says how a part of a query was evaluated: what the store was asked, what
// remained to be done, and what both took.
type PlanNode struct {
	// What is done: the text of an expression, or a step of its evaluation.
	What string `json:"what"`
	// Store is what the store applied, Pipeline what was evaluated over entries.
	Store    string `json:"store,omitempty"`
	Pipeline string `json:"pipeline,omitempty"`
	// Entries and Bytes (of lines) were read from the store; Counted entries were
	// counted by it.
	Entries int64  `json:"entriesRead"`
	Bytes   int64  `json:"bytesRead"`
	Counted uint64 `json:"entriesCounted"`
	// Returned are entries, groups or series that came out.
	Returned int64   `json:"returned"`
	Seconds  float64 `json:"seconds"`
	// Cached is how many results came from the cache, Computed how many did not.
	Cached   int `json:"cached,omitempty"`
	Computed int `json:"computed,omitempty"`
	// Shared says that an equal sub-query was computed for another one.
	Shared   bool        `json:"shared,omitempty"`
	Children []*PlanNode `json:"children,omitempty"`
}

// child adds a node below.
func (n *PlanNode) child(what string) *PlanNode {
	c := &PlanNode{What: what}
	n.Children = append(n.Children, c)
	return c
}

// begin makes n the node below which what follows is noted, until the returned
// function is called, which notes the time.
func (n *PlanNode) begin(q *query) (end func()) {
	start, outer := time.Now(), q.plan
	q.plan = n
	return func() {
		n.Seconds += time.Since(start).Seconds()
		q.plan = outer
	}
}

// timed notes the time of a step.
func (n *PlanNode) timed() (end func()) {
	start := time.Now()
	return func() { n.Seconds += time.Since(start).Seconds() }
}

// pass notes how entries are read.
func (n *PlanNode) pass(p *pass, x *extraction) {
	what := "read lines"
	switch {
	case p.lineless && p.query.Parsed != nil:
		what = "read columns"
	case p.lineless:
		what = "read times"
	}
	p.node = n.child(what)
	p.node.Store = storeText(p.query)
	p.node.Pipeline = stagesText(x.rest)
	if x.unwrap != nil {
		p.node.Pipeline = strings.TrimSpace(p.node.Pipeline + x.unwrap.String())
	}
}

func stagesText(stages []StageExpr) string {
	texts := make([]string, len(stages))
	for i, s := range stages {
		texts[i] = s.String()
	}
	return strings.Join(texts, " ")
}

// count asks the store to count and notes it.
func (n *PlanNode) count(ctx context.Context, q *query, lq logs.Query, g logs.Grouping, what string) ([]logs.Group, error) {
	c := n.child(what)
	c.Store = storeText(lq) + groupingText(g)
	defer c.timed()()
	groups, err := q.engine.reader.Count(ctx, q.tenant, lq, g)
	for i := range groups {
		c.Counted += groups[i].Entries
	}
	c.Returned = int64(len(groups))
	return groups, countError(err)
}

// countError says what to do when the store has too little memory for the groups.
func countError(err error) error {
	if errors.Is(err, logs.ErrMemory) {
		return limitErrorf("the query needs more memory than the store has for one; consider adding more specific stream selectors, reducing the time range or aggregating by fewer labels")
	}
	return err
}

// storeText is a query of the store for people to read.
func storeText(q logs.Query) string {
	text := MatchersString(q.Matchers)
	if f := filterText(q.Where); f != "" {
		text += " where " + f
	}
	return text
}

func groupingText(g logs.Grouping) string {
	text := ""
	if len(g.By) > 0 {
		names := make([]string, len(g.By))
		for i, f := range g.By {
			names[i] = fieldText(f)
		}
		text = " by " + strings.Join(names, ", ")
	}
	if g.Step > 0 {
		text += " every " + time.Duration(g.Step).String()
	}
	if g.Number != nil {
		text += " of " + fieldText(*g.Number)
	}
	return text
}

func fieldText(f logs.Field) string {
	switch f.Kind {
	case logs.Line:
		return "line"
	case logs.Label:
		return "label " + f.Name
	case logs.Metadata:
		return "metadata " + f.Name
	default:
		return "field " + f.Name
	}
}

var formatNames = map[logs.Format]string{logs.Raw: "raw", logs.JSON: "json", logs.Logfmt: "logfmt", logs.JSONNonEmpty: "json with empty fields"}

// filterText is a condition for people to read, "" if it is always true.
func filterText(f logs.Filter) string {
	switch f := f.(type) {
	case nil:
		return ""
	case logs.And:
		return joinFilters(f, " and ", "")
	case logs.Or:
		return joinFilters(f, " or ", "nothing")
	case logs.Not:
		return "not " + nested(f.Filter)
	case logs.Contains:
		return fieldText(f.Field) + " contains " + strconv.Quote(f.Text)
	case logs.MatchRegex:
		return fieldText(f.Field) + " ~ " + strconv.Quote(f.Expr)
	case logs.Equals:
		return fieldText(f.Field) + " = " + strconv.Quote(f.Value)
	case logs.In:
		return fmt.Sprintf("%s in %q", fieldText(f.Field), f.Values)
	case logs.Exists:
		return fieldText(f.Field) + " exists"
	case logs.NumberRange:
		return fmt.Sprintf("%s from %g to %g", fieldText(f.Field), f.Min, f.Max)
	case logs.InStreams:
		return MatchersString(f.Matchers)
	case logs.Within:
		return fmt.Sprintf("time from %s to %s", timeText(f.Start), timeText(f.End))
	case logs.HasFormat:
		return "format " + formatNames[f.Format]
	case logs.MaybeEqual:
		return "may equal another"
	}
	return fmt.Sprintf("%T", f)
}

func timeText(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339Nano) }

// maxTexts bounds the parts that are shown.
const maxTexts = 20

func joinFilters(fs []logs.Filter, op, none string) string {
	if len(fs) == 0 {
		return none
	}
	var texts []string
	for i, f := range fs {
		if i == maxTexts {
			texts = append(texts, fmt.Sprintf("%d more", len(fs)-i))
			break
		}
		texts = append(texts, nested(f))
	}
	return strings.Join(texts, op)
}

func nested(f logs.Filter) string {
	switch x := f.(type) {
	case logs.And:
		if len(x) == 0 {
			return "anything"
		}
		if len(x) > 1 {
			return "(" + filterText(f) + ")"
		}
	case logs.Or:
		if len(x) > 1 {
			return "(" + filterText(f) + ")"
		}
	}
	return filterText(f)
}
