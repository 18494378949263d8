package esquery

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// memory is a store of blocks that does what the contract says, with logs' own
// matcher. Only what searching asks is there.
type memory struct {
	logs.Reader
	blocks []*logs.Block
	// read counts entries that were handed out.
	read int
}

func (m *memory) each(q logs.Query, f func(b *logs.Block, i int)) error {
	match, err := logs.NewMatcher(q.Filter())
	if err != nil {
		return err
	}
	for _, b := range m.blocks {
		keep := match.Match(b, nil)
		for i := range b.Times {
			if keep[i] && b.Times[i] >= q.Start && b.Times[i] < q.End {
				f(b, i)
			}
		}
	}
	return nil
}

func (m *memory) Select(_ context.Context, _ tenant.ID, q logs.Query, emit func(*logs.Block) error) error {
	var out []*logs.Block
	err := m.each(q, func(b *logs.Block, i int) {
		one := &logs.Block{Stream: b.Stream, Times: b.Times[i : i+1], Lines: b.Lines[i : i+1]}
		for _, c := range b.Metadata {
			one.Metadata = append(one.Metadata, logs.Column{Name: c.Name, Values: c.Values[i : i+1]})
		}
		out = append(out, one)
	})
	for i, b := range out {
		if err != nil || q.Limit > 0 && i >= q.Limit {
			break
		}
		m.read++
		err = emit(b)
	}
	return err
}

func (m *memory) Count(_ context.Context, _ tenant.ID, q logs.Query, g logs.Grouping) ([]logs.Group, error) {
	at := map[string]int{}
	var out []logs.Group
	err := m.each(q, func(b *logs.Block, i int) {
		one := logs.Group{}
		if g.Step > 0 {
			one.Time = floorDiv(b.Times[i]-g.Offset, g.Step)*g.Step + g.Offset
		}
		for _, f := range g.By {
			v := b.Stream.Get(f.Name)
			if f.Kind == logs.Parsed {
				v = ""
				for _, c := range b.Parsed {
					if c.Name == f.Name {
						v = c.Values[i]
					}
				}
			}
			one.By = append(one.By, v)
		}
		key := fmt.Sprint(one.Time, strings.Join(one.By, "\x00"))
		k, ok := at[key]
		if !ok {
			k = len(out)
			at[key] = k
			out = append(out, one)
		}
		out[k].Entries++
	})
	return out, err
}

// TestCountedTermsAreTheSame compares aggregations that are made of the store's counts
// with the same ones made of documents.
func TestCountedTermsAreTheSame(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	pick := func(values ...string) string { return values[rnd.IntN(len(values))] }
	m := &memory{}
	base := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for k := range 6 {
		b := &logs.Block{Stream: model.NewLabels(model.Label{Name: "index", Value: fmt.Sprintf("i%d", k%2)})}
		if k == 5 {
			b.Stream = model.NewLabels(model.Label{Name: "service_name", Value: "web"}, model.Label{Name: "level", Value: "fromlabel"})
		}
		for range 300 {
			b.Times = append(b.Times, base.Add(time.Duration(rnd.IntN(7200))*time.Second).UnixNano())
			b.Lines = append(b.Lines, pick(
				`{"level":`+pick(`"info"`, `"error"`, `"info"`, `null`, `["warn","error"]`, `""`)+`,"status":`+pick("200", "2e2", "404.0", "500")+`,"a":{"b":`+pick("true", "false", `"x"`)+`},"day":"2026-01-0`+pick("1", "2")+`"}`,
				`{"level":"dup","level":"dup2"}`, `{"other":1}`, `no json`, `{"status":[200,404]}`))
		}
		if k%3 != 2 { // not all blocks were parsed at ingest
			parseLines(b)
		}
		m.blocks = append(m.blocks, b)
	}
	e := NewEngine(m, DefaultConfig(), nil)
	ask := func(aggs, query string) string {
		r, err := e.ParseRequest([]byte(`{"size":0,"query":`+query+`,"aggs":`+aggs+`}`), nil)
		require.NoError(t, err)
		b, err := e.Search(context.Background(), tenant.Default, "", IndexOptions{}, r)
		require.NoError(t, err)
		_, after, ok := strings.Cut(string(b), `"aggregations":`)
		require.True(t, ok, "%s", b)
		return after
	}
	const hist = `"date_histogram":{"field":"@timestamp","fixed_interval":"10m","offset":"1m"}`
	for _, aggs := range []string{
		`{"a":{"terms":{"field":"level"}}}`, `{"a":{"terms":{"field":"level.keyword","include":"e.*"}}}`, `{"a":{"terms":{"field":"status","order":{"_key":"asc"}}}}`,
		`{"a":{"terms":{"field":"a.b"}}}`, `{"a":{"terms":{"field":"day"}}}`, `{"a":{"terms":{"field":"_index"}}}`, `{"a":{` + hist + `}}`,
		`{"a":{"terms":{"field":"level"},"aggs":{"h":{` + hist + `}}}}`, `{"a":{` + hist + `,"aggs":{"t":{"terms":{"field":"level"}},"d":{"derivative":{"buckets_path":"_count"}}}}}`,
		`{"a":{"terms":{"field":"status"},"aggs":{"l":{"terms":{"field":"level"},"aggs":{"h":{` + hist + `}}}}}}`, `{"a":{"terms":{"field":"_index"},"aggs":{"l":{"terms":{"field":"level"}}}}}`,
		`{"a":{"terms":{"field":"none"}},"b":{"terms":{"field":"level"}}}`,
	} {
		for _, query := range []string{`{"match_all":{}}`, `{"range":{"@timestamp":{"gte":"2026-05-01T00:10:00Z","lt":"2026-05-01T01:00:00Z"}}}`} {
			m.read = 0
			counted := ask(aggs, query)
			few := m.read
			m.read = 0
			// A clause that matches everything and that the store cannot do.
			read := ask(aggs, `{"bool":{"must":[`+query+`,{"bool":{"must_not":[{"term":{"nothing":"x"}}]}}]}}`)
			require.Equal(t, read, counted, "%s %s", aggs, query)
			require.Less(t, few, m.read*2/3, "%s is not counted", aggs)
		}
	}
}
