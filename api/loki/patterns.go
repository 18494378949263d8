package loki

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/tenant"
)

// maxPatternLines is the highest line_limit.
const maxPatternLines = 100_000

// patterns answers with what the lines of a query have in common. Loki clusters
// lines as they come and keeps the counts; here it is done when it is asked for,
// over at most line_limit lines, spread over the range. An answer from a part of the
// lines says so in warnings.
func (a *API) patterns(w http.ResponseWriter, r *http.Request) error {
	start, end, err := bounds(r)
	if err != nil {
		return err
	}
	step, err := stepOf(r, start, end)
	if err != nil {
		return err
	}
	lines, err := positiveInt(r.Form.Get("line_limit"), logql.DefaultPatternLines)
	if err != nil {
		return err
	}
	x, err := logql.Parse(r.Form.Get("query"))
	if err != nil {
		return err
	}
	q, ok := x.(*logql.LogExpr)
	if !ok {
		return badRequest(errors.New("only log selector is supported"))
	}
	p := logql.PatternParams{Start: start.UnixNano(), End: end.UnixNano(), Step: logql.PatternStep(step), Lines: min(lines, maxPatternLines)}
	found, err := a.engine.Patterns(r.Context(), tenant.FromContext(r.Context()), q, p)
	if err != nil {
		return err
	}
	writePatterns(w, found)
	return nil
}

type pattern struct {
	Pattern string     `json:"pattern"`
	Level   string     `json:"level"`
	Samples [][2]int64 `json:"samples"` // seconds and lines
}

func writePatterns(w http.ResponseWriter, found logql.Patterns) {
	v := struct {
		Status   string    `json:"status"`
		Data     []pattern `json:"data"`
		Warnings []string  `json:"warnings,omitempty"`
	}{Status: "success", Data: []pattern{}}
	for _, p := range found.Patterns {
		samples := make([][2]int64, len(p.Samples))
		for i, s := range p.Samples {
			samples[i] = [2]int64{s.Time / 1e9, s.Count}
		}
		v.Data = append(v.Data, pattern{p.Text, p.Level, samples})
	}
	if found.Sampled {
		v.Warnings = append(v.Warnings, fmt.Sprintf("partial: the newest lines of each part of the range were looked at, %d in all; counts are of these", found.Lines))
	}
	if found.Left > 0 {
		v.Warnings = append(v.Warnings, fmt.Sprintf("partial: %d lines are in no pattern: too long, or of the rarest", found.Left))
	}
	httpx.WriteJSON(w, http.StatusOK, v)
}
