package tempo

import (
	"context"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

// call makes a gRPC call to the service and returns its answers.
func (s *server) call(method string, request message, opts ...grpc.CallOption) ([][]byte, error) {
	s.t.Helper()
	conn, err := grpc.NewClient(strings.TrimPrefix(s.URL, "http://"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(s.t, err)
	defer conn.Close()
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, "/"+streamingService+"/"+method, append(opts, grpc.ForceCodec(rawCodec{}))...)
	require.NoError(s.t, err)
	require.NoError(s.t, stream.SendMsg(request))
	require.NoError(s.t, stream.CloseSend())
	var out [][]byte
	for {
		var body []byte
		if err := stream.RecvMsg(&body); err != nil {
			if err.Error() == "EOF" {
				return out, nil
			}
			return out, err
		}
		out = append(out, body)
	}
}

// decoded is a message by field numbers.
type decoded map[protowire.Number][]any

func decode(t *testing.T, b []byte) decoded {
	t.Helper()
	out := decoded{}
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		require.Positive(t, n)
		size := protowire.ConsumeFieldValue(num, typ, b[n:])
		require.Positive(t, size)
		value := b[n : n+size]
		b = b[n+size:]
		switch typ {
		case protowire.VarintType:
			v, _ := protowire.ConsumeVarint(value)
			out[num] = append(out[num], v)
		case protowire.Fixed64Type:
			v, _ := protowire.ConsumeFixed64(value)
			out[num] = append(out[num], math.Float64frombits(v))
		default:
			v, _ := protowire.ConsumeBytes(value)
			out[num] = append(out[num], v)
		}
	}
	return out
}

func (d decoded) text(field protowire.Number) string {
	if len(d[field]) == 0 {
		return ""
	}
	return string(d[field][0].([]byte))
}

func (d decoded) in(t *testing.T, field protowire.Number, i int) decoded {
	t.Helper()
	require.Greater(t, len(d[field]), i, "field %d", field)
	return decode(t, d[field][i].([]byte))
}

func TestStreamedSearch(t *testing.T) {
	s := start(t)
	var ask message
	ask.text(8, `{ } | select(.ratio)`)
	ask.number(4, 20)
	ask.number(5, uint64(s.epoch.Unix()))
	ask.number(6, uint64(time.Now().Unix()))
	for _, opts := range [][]grpc.CallOption{nil, {grpc.UseCompressor(gzip.Name)}} {
		got, err := s.call("Search", ask, opts...)
		require.NoError(t, err)
		var ids []string
		for _, body := range got {
			for i := range decode(t, body)[1] {
				ids = append(ids, decode(t, body).in(t, 1, i).text(1))
			}
		}
		require.Equal(t, []string{"b2", "a1"}, ids, "each once")
		last := decode(t, got[len(got)-1])
		require.Equal(t, decoded{1: {uint64(2)}, 4: {uint64(1)}, 5: {uint64(1)}}, last.in(t, 2, 0))
	}
	ask = nil
	ask.text(8, `{ status = error }`)
	got, err := s.call("Search", ask)
	require.NoError(t, err)
	tr := decode(t, got[0]).in(t, 1, 0)
	require.Equal(t, "web", tr.text(2))
	require.Equal(t, "GET /cart", tr.text(3))
	require.Equal(t, []any{uint64(s.epoch.Add(time.Second).UnixNano())}, tr[4])
	require.Equal(t, []any{uint64(300)}, tr[5])
	require.Len(t, tr[8], 2, "services")
	require.Equal(t, tr[6], tr[7])
	span := tr.in(t, 7, 0).in(t, 1, 0)
	require.Equal(t, "0000000000000001", span.text(1))
	require.Equal(t, []any{uint64(300_000_000)}, span[4])
	require.Equal(t, "status", span.in(t, 5, 0).text(1))
	require.Equal(t, "error", span.in(t, 5, 0).in(t, 2, 0).text(1))
}

func TestStreamedSearchByTags(t *testing.T) {
	s := start(t)
	for _, c := range []struct{ key, value, want string }{{"service.name", "web", "a1"}, {"name", "GET /cart", "a1"}, {"service.name", `we"b`, ""}} {
		var ask message
		ask.inner(1, func(m *message) {
			m.text(1, c.key)
			m.text(2, c.value)
		})
		ask.number(3, 500) // maxDuration, ms
		got, err := s.call("Search", ask)
		require.NoError(t, err, c)
		found := decode(t, got[0])
		if c.want == "" {
			require.Empty(t, found[1])
			continue
		}
		require.Equal(t, c.want, found.in(t, 1, 0).text(1), c)
	}
}

func TestStreamedMetrics(t *testing.T) {
	s := start(t)
	var ask message
	ask.text(1, `{ } | count_over_time() by (resource.service.name)`)
	ask.number(2, uint64(s.epoch.UnixNano()))
	ask.number(3, uint64(s.epoch.Add(2*time.Minute).UnixNano()))
	ask.number(4, uint64(time.Minute))
	ask.number(16, 10)
	got, err := s.call("MetricsQueryRange", ask)
	require.NoError(t, err)
	require.Len(t, got, 1)
	out := decode(t, got[0])
	require.Len(t, out[1], 3)
	batch := out.in(t, 1, 0)
	require.Equal(t, "batch", batch.in(t, 1, 0).in(t, 2, 0).text(1))
	require.Equal(t, decoded{2: {uint64(s.epoch.Add(time.Minute).UnixMilli())}}, batch.in(t, 2, 0), "0 is left out")
	require.Equal(t, decoded{1: {1.0}, 2: {uint64(s.epoch.Add(2 * time.Minute).UnixMilli())}}, batch.in(t, 2, 1))
	require.Equal(t, "trace:id", batch.in(t, 4, 0).in(t, 1, 1).text(1))

	ask = nil
	ask.text(1, `{ .ratio = 0.5 } | count_over_time() by (.ratio, .retried)`)
	got, err = s.call("MetricsQueryInstant", ask)
	require.NoError(t, err)
	series := decode(t, got[0]).in(t, 1, 0)
	require.Equal(t, []any{1.0}, series[2])
	require.Equal(t, []any{0.5}, series.in(t, 1, 0).in(t, 2, 0)[4])
	require.Equal(t, []any{uint64(1)}, series.in(t, 1, 1).in(t, 2, 0)[2])
}

func TestStreamedTags(t *testing.T) {
	s := start(t)
	texts := func(method string, ask message) (out []string) {
		got, err := s.call(method, ask)
		require.NoError(t, err)
		for _, v := range decode(t, got[0])[1] {
			out = append(out, string(v.([]byte)))
		}
		return out
	}
	require.Equal(t, []string{"cluster", "http.method", "http.status_code", "ratio", "retried", "service.name"}, texts("SearchTags", nil))
	var ask message
	ask.text(1, "resource")
	require.Equal(t, []string{"cluster", "service.name"}, texts("SearchTags", ask))
	got, err := s.call("SearchTagsV2", ask)
	require.NoError(t, err)
	require.Equal(t, "resource", decode(t, got[0]).in(t, 1, 0).text(1))

	ask = nil
	ask.text(1, "http.status_code")
	require.Equal(t, []string{"200", "500"}, texts("SearchTagValues", ask))
	ask = nil
	ask.text(1, "resource.service.name")
	ask.text(2, `{ status = error }`)
	got, err = s.call("SearchTagValuesV2", ask)
	require.NoError(t, err)
	value := decode(t, got[0]).in(t, 1, 0)
	require.Equal(t, []string{"string", "web"}, []string{value.text(1), value.text(2)})
}

func TestStreamedMistakesAreNamed(t *testing.T) {
	s := start(t)
	query := func(field protowire.Number, q string) (m message) {
		m.text(field, q)
		return m
	}
	for _, c := range []struct {
		method string
		ask    message
		code   codes.Code
		says   string
	}{
		{"Search", query(8, "{ status = eror }"), codes.InvalidArgument, "invalid TraceQL query: parse error at line 1, col 12"},
		{"Search", message{0xff}, codes.InvalidArgument, "decode the request"},
		{"Search", query(4, "text"), codes.InvalidArgument, "invalid limit"},
		{"MetricsQueryRange", query(1, "{ }"), codes.InvalidArgument, "this is no metrics query"},
		{"SearchTagValuesV2", query(1, "span:x"), codes.InvalidArgument, "unknown intrinsic"},
		{"Nothing", nil, codes.Unimplemented, ""},
	} {
		_, err := s.call(c.method, c.ask)
		require.Equal(t, c.code, status.Code(err), "%s: %v", c.method, err)
		require.ErrorContains(t, err, c.says)
	}
	resp, err := http.Post(s.URL+"/"+streamingService+"/Search", "application/json", strings.NewReader("{}"))
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusUnsupportedMediaType, resp.StatusCode)
}

func FuzzDecodeRequest(f *testing.F) {
	var ask message
	ask.inner(1, func(m *message) { m.text(1, "service.name"); m.text(2, "a b") })
	ask.number(4, 20)
	ask.text(8, "{ }")
	f.Add([]byte(ask))
	f.Add([]byte{0xff, 1})
	f.Fuzz(func(t *testing.T, body []byte) {
		form, err := decodeRequest(body, searchFields)
		if err != nil || !form.Has("tags") {
			return
		}
		if _, err := tagQuery(form.Get("tags")); err != nil {
			return
		}
		if q, err := parseSearch(streamRequest(t.Context(), "Search", form)); err == nil && q.IsMetrics() {
			t.Fatal("tags make no metrics")
		}
	})
}
