package promwrite

import (
	"testing"
	"time"

	"github.com/gogo/protobuf/proto"
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

func pcommonNow() pcommon.Timestamp { return pcommon.NewTimestampFromTime(time.Now()) }

// The decoder of ours reads what the generated one reads.
func FuzzDecodeV1(f *testing.F) {
	seed, err := (&prompb.WriteRequest{
		Timeseries: []prompb.TimeSeries{v1Series("up", 1, 2, prompb.Label{Name: "job", Value: "a"}, prompb.Label{Name: "empty"})},
		Metadata:   []prompb.MetricMetadata{{MetricFamilyName: "up", Help: "is it"}},
	}).Marshal()
	require.NoError(f, err)
	f.Add(seed)
	f.Add(seed[:len(seed)-3])
	f.Add([]byte{0x0a, 0x02, 0x12, 0x00})
	f.Fuzz(func(t *testing.T, body []byte) {
		var theirs prompb.WriteRequest
		theirErr := proto.Unmarshal(body, &theirs)
		n := 0
		var ts timeSeries
		err := decodeV1(body, &ts, func(ts *timeSeries) error {
			if theirErr != nil {
				return nil
			}
			want := theirs.Timeseries[n]
			n++
			require.Len(t, ts.samples, len(want.Samples))
			for i, s := range ts.samples {
				require.Equal(t, want.Samples[i].Timestamp, s.time)
			}
			require.Len(t, ts.histograms, len(want.Histograms))
			require.Len(t, ts.exemplars, len(want.Exemplars))
			labels := 0
			for _, l := range want.Labels {
				if l.Value != "" {
					require.Equal(t, l.Name, ts.labels[labels].Name)
					require.Equal(t, l.Value, ts.labels[labels].Value)
					labels++
				}
			}
			require.Len(t, ts.labels, labels)
			return nil
		})
		if theirErr == nil && err == nil {
			require.Len(t, theirs.Timeseries, n)
		}
	})
}

func FuzzDecodeV2(f *testing.F) {
	seed, err := (&writev2.Request{
		Symbols:    []string{"", "__name__", "up"},
		Timeseries: []writev2.TimeSeries{{LabelsRefs: []uint32{1, 2}, Samples: []writev2.Sample{{Value: 1, Timestamp: 2}}}},
	}).Marshal()
	require.NoError(f, err)
	f.Add(seed)
	f.Add(seed[:len(seed)-3])
	f.Fuzz(func(t *testing.T, body []byte) {
		var theirs writev2.Request
		theirErr := proto.Unmarshal(body, &theirs)
		n := 0
		var ts timeSeries
		err := decodeV2(body, &ts, func(ts *timeSeries, symbols []string) error {
			if theirErr == nil && len(symbols) == len(theirs.Symbols) {
				require.Len(t, ts.samples, len(theirs.Timeseries[n].Samples))
			}
			n++
			return nil
		})
		if theirErr == nil && err == nil {
			require.Len(t, theirs.Timeseries, n)
		}
	})
}
