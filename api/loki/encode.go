package loki

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/model"
)

// writeResult answers a query in Loki's shape:
//
//	{"status":"success","data":{"resultType":...,"result":[...],"stats":{...}},"warnings":[...]}
//
// The plan, if there is one, is data.explain, which Loki does not have.
func writeResult(w http.ResponseWriter, res logql.Result, categorized bool, warnings []string) {
	b := encoder{}
	b.raw(`{"status":"success","data":{"resultType":`)
	switch v := res.Value.(type) {
	case logql.Streams:
		b.raw(`"streams",`)
		if categorized {
			b.raw(`"encodingFlags":["` + flagCategorize + `"],`)
		}
		b.raw(`"result":`)
		list(&b, v, func(s logql.Stream) { b.stream(s, categorized) })
	case logql.Vector:
		b.raw(`"vector","result":`)
		list(&b, v, func(s logql.Sample) {
			b.raw(`{"metric":`)
			b.labels(s.Labels)
			b.raw(`,"value":`)
			b.point(s.Time, s.Value)
			b.raw(`}`)
		})
	case logql.Matrix:
		b.raw(`"matrix","result":`)
		list(&b, v, func(s logql.Series) {
			b.raw(`{"metric":`)
			b.labels(s.Labels)
			b.raw(`,"values":`)
			list(&b, s.Points, func(p logql.Point) { b.point(p.Time, p.Value) })
			b.raw(`}`)
		})
	case logql.Scalar:
		b.raw(`"scalar","result":`)
		b.point(scalarTime(v.Time), v.Value)
	default:
		panic(fmt.Sprintf("BUG: unknown result %T", v))
	}
	b.raw(`,"stats":`)
	b.json(newStats(res.Stats))
	if res.Plan != nil {
		b.raw(`,"explain":`)
		b.json(res.Plan)
	}
	b.raw("}")
	if len(warnings) > 0 {
		b.raw(`,"warnings":`)
		b.json(warnings)
	}
	b.raw("}\n")
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	_, _ = w.Write(b.Bytes())
}

// encoder writes JSON piece by piece.
type encoder struct{ bytes.Buffer }

func (b *encoder) raw(s string) { b.WriteString(s) }

// json writes a value that cannot fail to be encoded, without HTML escapes.
func (b *encoder) json(v any) {
	enc := json.NewEncoder(&b.Buffer)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("BUG: answer cannot be encoded: " + err.Error())
	}
	b.Truncate(b.Len() - 1) // the line break
}

func list[T any](b *encoder, xs []T, one func(T)) {
	b.WriteByte('[')
	for i, x := range xs {
		if i > 0 {
			b.WriteByte(',')
		}
		one(x)
	}
	b.WriteByte(']')
}

func (b *encoder) labels(ls model.Labels) { b.json(ls.Map()) }

func (b *encoder) point(ms int64, v float64) {
	b.WriteByte('[')
	b.raw(seconds(ms))
	b.raw(`,"` + strconv.FormatFloat(v, 'f', -1, 64) + `"]`)
}

// scalarTime is what Loki's front end makes of the time of a scalar: it takes
// milliseconds for seconds twice, with an overflow in between. Nobody reads that
// time; the value is what counts, and answers stay comparable.
func scalarTime(ms int64) int64 { return ms * 1e9 / 1e6 * 1000 }

// seconds prints a time in milliseconds as Prometheus does.
func seconds(ms int64) string {
	s := strconv.FormatInt(ms/1000, 10)
	if rest := ms % 1000; rest != 0 {
		s += fmt.Sprintf(".%03d", rest)
	}
	return s
}

func (b *encoder) stream(s logql.Stream, categorized bool) {
	b.raw(`{"stream":`)
	b.labels(s.Labels)
	b.raw(`,"values":`)
	list(b, s.Entries, func(e logql.Entry) {
		b.raw(`["` + strconv.FormatInt(e.Time, 10) + `",`)
		b.json(e.Line)
		if categorized {
			b.raw(`,`)
			b.json(categories{e.Metadata.Map(), e.Parsed.Map()})
		}
		b.raw(`]`)
	})
	b.raw(`}`)
}

// categories are the labels of an entry that are not the stream's.
type categories struct {
	Metadata map[string]string `json:"structuredMetadata,omitempty"`
	Parsed   map[string]string `json:"parsed,omitempty"`
}

// stats are the parts of Loki's statistics that mean something here.
type stats struct {
	Summary summary `json:"summary"`
}

type summary struct {
	BytesPerSecond  int64   `json:"bytesProcessedPerSecond"`
	LinesPerSecond  int64   `json:"linesProcessedPerSecond"`
	Bytes           int64   `json:"totalBytesProcessed"`
	Lines           int64   `json:"totalLinesProcessed"`
	ExecTime        float64 `json:"execTime"` // seconds
	QueueTime       float64 `json:"queueTime"`
	EntriesReturned int64   `json:"totalEntriesReturned"`
	PostFilterLines int64   `json:"totalPostFilterLines"`
	MetadataBytes   int64   `json:"totalStructuredMetadataBytesProcessed"`
}

func newStats(s logql.Stats) stats {
	sec := s.Duration.Seconds()
	x := summary{Bytes: s.Bytes + s.MetadataBytes, Lines: s.Entries, ExecTime: sec, QueueTime: s.Queued.Seconds(), EntriesReturned: s.Returned,
		PostFilterLines: s.Matched, MetadataBytes: s.MetadataBytes}
	if sec > 0 {
		x.BytesPerSecond = int64(float64(x.Bytes) / sec)
		x.LinesPerSecond = int64(float64(x.Lines) / sec)
	}
	return stats{x}
}
