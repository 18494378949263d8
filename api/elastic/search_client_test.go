package elastic

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/elastic/go-elasticsearch/v8"
	"github.com/elastic/go-elasticsearch/v8/typedapi/core/search"
	"github.com/elastic/go-elasticsearch/v8/typedapi/types"
	"github.com/elastic/go-elasticsearch/v8/typedapi/types/enums/calendarinterval"
	"github.com/elastic/go-elasticsearch/v8/typedapi/types/enums/sortorder"
	"github.com/stretchr/testify/require"
)

func pointer[T any](v T) *T { return &v }

// TestTypedClient asks with the official typed client, which decodes every answer
// into its own types and insists on the product's header.
func TestTypedClient(t *testing.T) {
	s := newSearchServer(t, nil)
	shop(s)
	es, err := elasticsearch.NewTypedClient(elasticsearch.Config{Addresses: []string{s.URL}})
	require.NoError(t, err)
	ctx := t.Context()

	r, err := es.Search().Index("shop").Request(&search.Request{
		Query: &types.Query{Bool: &types.BoolQuery{
			Must:   []types.Query{{Match: map[string]types.MatchQuery{"message": {Query: "timeout"}}}},
			Filter: []types.Query{{Range: map[string]types.RangeQuery{"@timestamp": types.DateRangeQuery{Gte: pointer("now-2h")}}}},
		}},
		Sort: []types.SortCombinations{types.SortOptions{SortOptions: map[string]types.FieldSort{"@timestamp": {Order: &sortorder.Desc}}}},
		Aggregations: map[string]types.Aggregations{
			"level": {Terms: &types.TermsAggregation{Field: pointer("level.keyword")},
				Aggregations: map[string]types.Aggregations{"took": {ExtendedStats: &types.ExtendedStatsAggregation{Field: pointer("took")}},
					"top": {TopHits: &types.TopHitsAggregation{Size: pointer(1)}}}},
			"time":  {DateHistogram: &types.DateHistogramAggregation{Field: pointer("@timestamp"), CalendarInterval: &calendarinterval.Hour}},
			"p":     {Percentiles: &types.PercentilesAggregation{Field: pointer("took"), Percents: []types.Float64{50, 99}}},
			"card":  {Cardinality: &types.CardinalityAggregation{Field: pointer("status")}},
			"by":    {Filters: &types.FiltersAggregation{Filters: map[string]types.Query{"ok": {Term: map[string]types.TermQuery{"ok": {Value: true}}}}}},
			"range": {Range: &types.RangeAggregation{Field: pointer("took"), Ranges: []types.AggregationRange{{From: (*types.Float64)(pointer(0.0))}}}},
			"codes": {Terms: &types.TermsAggregation{Field: pointer("status")}},
		},
		Highlight: &types.Highlight{Fields: map[string]types.HighlightField{"message": {}}},
	}).Do(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 3, r.Hits.Total.Value)
	require.Equal(t, "id-5", *r.Hits.Hits[0].Id_)
	require.Equal(t, []string{"slow query <em>timeout</em> retry"}, r.Hits.Hits[0].Highlight["message"])
	levels := r.Aggregations["level"].(*types.StringTermsAggregate).Buckets.([]types.StringTermsBucket)
	require.Len(t, levels, 3)
	require.Equal(t, "ERROR", levels[0].Key)
	require.EqualValues(t, 3000, *levels[0].Aggregations["took"].(*types.ExtendedStatsAggregate).Avg)
	require.EqualValues(t, 1, levels[0].Aggregations["top"].(*types.TopHitsAggregate).Hits.Total.Value)
	require.NotEmpty(t, r.Aggregations["time"].(*types.DateHistogramAggregate).Buckets)
	require.NotEmpty(t, r.Aggregations["p"].(*types.TDigestPercentilesAggregate).Values)
	require.EqualValues(t, 3, r.Aggregations["card"].(*types.CardinalityAggregate).Value)
	require.NotEmpty(t, r.Aggregations["by"].(*types.FiltersAggregate).Buckets)
	require.EqualValues(t, 2, r.Aggregations["range"].(*types.RangeAggregate).Buckets.([]types.RangeBucket)[0].DocCount)
	require.NotEmpty(t, r.Aggregations["codes"].(*types.StringTermsAggregate).Buckets, "one status is a text")

	count, err := es.Count().Index("shop").Query(&types.Query{Exists: &types.ExistsQuery{Field: "took"}}).Do(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 4, count.Count)

	caps, err := es.FieldCaps().Index("shop").Fields("took", "level*").Do(ctx)
	require.NoError(t, err)
	require.True(t, caps.Fields["level.keyword"]["keyword"].Aggregatable)

	mapping, err := es.Indices.GetMapping().Index("shop").Do(ctx)
	require.NoError(t, err)
	require.IsType(t, &types.BooleanProperty{}, mapping["shop"].Mappings.Properties["ok"])

	pit, err := es.OpenPointInTime("shop").KeepAlive("1m").Do(ctx)
	require.NoError(t, err)
	seen := map[string]bool{}
	var after []types.FieldValue
	for range 10 {
		r, err := es.Search().Request(&search.Request{Pit: &types.PointInTimeReference{Id: pit.Id, KeepAlive: "1m"}, Size: pointer(2), SearchAfter: after,
			Sort: []types.SortCombinations{types.SortOptions{SortOptions: map[string]types.FieldSort{"level.keyword": {Order: &sortorder.Asc}}}}}).Do(ctx)
		require.NoError(t, err)
		if len(r.Hits.Hits) == 0 {
			break
		}
		for _, h := range r.Hits.Hits {
			require.False(t, seen[*h.Id_])
			seen[*h.Id_] = true
			after = h.Sort
		}
	}
	require.Len(t, seen, 5)
	closed, err := es.ClosePointInTime().Id(pit.Id).Do(ctx)
	require.NoError(t, err)
	require.True(t, closed.Succeeded)

	multi, err := es.Msearch().Index("shop").Request(&[]types.MsearchRequestItem{
		types.MultisearchHeader{}, types.MultisearchBody{Query: &types.Query{MatchAll: &types.MatchAllQuery{}}},
		types.MultisearchHeader{Index: []string{"nowhere"}}, types.MultisearchBody{},
	}).Do(ctx)
	require.NoError(t, err)
	require.Len(t, multi.Responses, 2)
	require.EqualValues(t, 5, multi.Responses[0].(*types.MultiSearchItem).Hits.Total.Value)
	require.Equal(t, "index_not_found_exception", multi.Responses[1].(*types.ErrorResponseBase).Error.Type)

	_, err = es.Search().Index("nowhere").Do(ctx)
	var failed *types.ElasticsearchError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, 404, failed.Status)
}

// TestPlainClient asks with the official low-level client.
func TestPlainClient(t *testing.T) {
	s := newSearchServer(t, nil)
	shop(s)
	es, err := elasticsearch.NewClient(elasticsearch.Config{Addresses: []string{s.URL + "/elastic"}, CompressRequestBody: true})
	require.NoError(t, err)
	read := func(body io.ReadCloser) map[string]any {
		defer body.Close()
		var v map[string]any
		require.NoError(t, json.NewDecoder(body).Decode(&v))
		return v
	}
	r, err := es.Search(es.Search.WithIndex("shop", "other*"), es.Search.WithQuery("level:error"), es.Search.WithSort("took:desc"), es.Search.WithTrackTotalHits(true),
		es.Search.WithSourceIncludes("took"), es.Search.WithScroll(60e9), es.Search.WithSize(1))
	require.NoError(t, err)
	require.False(t, r.IsError(), r.String())
	v := read(r.Body)
	require.EqualValues(t, 3000, at(v, "hits.hits.0._source.took"))
	r, err = es.Scroll(es.Scroll.WithScrollID(v["_scroll_id"].(string)), es.Scroll.WithScroll(60e9))
	require.NoError(t, err)
	require.EqualValues(t, 1000, at(read(r.Body), "hits.hits.0._source.took"))
	r, err = es.ClearScroll(es.ClearScroll.WithScrollID(v["_scroll_id"].(string)))
	require.NoError(t, err)
	require.EqualValues(t, 1, read(r.Body)["num_freed"])
	r, err = es.Search(es.Search.WithBody(strings.NewReader(`{"query":{"match":{"message":"timeout"}}}`)))
	require.NoError(t, err)
	require.EqualValues(t, 3, at(read(r.Body), "hits.total.value"))
}
