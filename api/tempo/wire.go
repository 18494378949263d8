package tempo

import (
	"encoding/hex"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/pharosd/pharos/traces/traceql"
)

// The messages of Tempo's gRPC API, package tempopb, as far as answers use them. Numbers
// are those of its public definition (Apache-2.0); values are OpenTelemetry's.

// message is an encoded message under construction. What is zero is left out, as
// proto3 does.
type message []byte

func (m *message) text(field protowire.Number, s string) {
	if s != "" {
		*m = protowire.AppendString(protowire.AppendTag(*m, field, protowire.BytesType), s)
	}
}

func (m *message) number(field protowire.Number, n uint64) {
	if n != 0 {
		*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.VarintType), n)
	}
}

func (m *message) double(field protowire.Number, f float64) {
	if f != 0 {
		*m = protowire.AppendFixed64(protowire.AppendTag(*m, field, protowire.Fixed64Type), math.Float64bits(f))
	}
}

// inner adds a message, also an empty one.
func (m *message) inner(field protowire.Number, fill func(*message)) {
	var in message
	fill(&in)
	*m = protowire.AppendBytes(protowire.AppendTag(*m, field, protowire.BytesType), in)
}

func (m *message) keyValues(field protowire.Number, list []traceql.Attr) {
	for _, a := range list {
		m.inner(field, func(m *message) {
			m.text(1, a.Key)
			m.inner(2, func(m *message) { m.anyValue(a.Value) })
		})
	}
}

// anyValue adds OpenTelemetry's form of a value; of a oneof zero is written too.
func (m *message) anyValue(v traceql.Value) {
	switch v.Type {
	case traceql.Int:
		*m = protowire.AppendVarint(protowire.AppendTag(*m, 3, protowire.VarintType), uint64(v.Int))
	case traceql.Float:
		*m = protowire.AppendFixed64(protowire.AppendTag(*m, 4, protowire.Fixed64Type), math.Float64bits(v.Float))
	case traceql.Bool:
		*m = protowire.AppendVarint(protowire.AppendTag(*m, 2, protowire.VarintType), protowire.EncodeBool(v.Int != 0))
	case traceql.List:
		m.inner(5, func(m *message) {
			for _, e := range v.List {
				m.inner(1, func(m *message) { m.anyValue(e) })
			}
		})
	default:
		*m = protowire.AppendString(protowire.AppendTag(*m, 1, protowire.BytesType), v.Text())
	}
}

// searchMetrics adds SearchMetrics.
func (m *message) searchMetrics(field protowire.Number, s searchMetrics) {
	m.inner(field, func(m *message) {
		m.number(1, uint64(s.InspectedTraces))
		m.number(4, uint64(s.CompletedJobs))
		m.number(5, uint64(s.TotalJobs))
	})
}

// metadataMetrics adds MetadataMetrics of an answer that is whole.
func (m *message) metadataMetrics(field protowire.Number) {
	m.inner(field, func(m *message) {
		m.number(2, uint64(done.TotalJobs))
		m.number(3, uint64(done.CompletedJobs))
	})
}

// searchMessage is SearchResponse.
func searchMessage(found []traceql.FoundTrace, metrics searchMetrics) (m message) {
	for _, t := range found {
		m.inner(1, func(m *message) { m.trace(t) })
	}
	m.searchMetrics(2, metrics)
	return m
}

// trace adds what TraceSearchMetadata says.
func (m *message) trace(t traceql.FoundTrace) {
	m.text(1, traceql.TraceIDText(t.ID))
	m.text(2, rootServiceOf(t))
	m.text(3, t.RootName)
	m.number(4, uint64(t.Start))
	m.number(5, uint64(durationMs(t)))
	for i, s := range t.Sets {
		if i == 0 {
			m.inner(6, func(m *message) { m.set(s) })
		}
		m.inner(7, func(m *message) { m.set(s) })
	}
	for name, s := range t.Services {
		m.inner(8, func(m *message) {
			m.text(1, name)
			m.inner(2, func(m *message) {
				m.number(1, uint64(s.Spans))
				m.number(2, uint64(s.Errors))
			})
		})
	}
}

// set adds what SpanSet says.
func (m *message) set(s traceql.FoundSet) {
	for _, sp := range s.Spans {
		m.inner(1, func(m *message) {
			m.text(1, hex.EncodeToString(sp.ID[:]))
			m.text(2, sp.Name)
			m.number(3, uint64(sp.Start))
			m.number(4, uint64(sp.Duration))
			m.keyValues(5, sp.Attributes)
		})
	}
	m.number(2, uint64(s.Matched))
	m.keyValues(3, s.Notes)
}

// partial adds the fields 3 and 4 of answers that may lack something.
func (m *message) partial(why string) {
	if why != "" {
		m.number(3, 1)
		m.text(4, why)
	}
}

// rangeMessage is QueryRangeResponse.
func rangeMessage(found traceql.RangeResult) (m message) {
	for _, s := range found.Series {
		m.inner(1, func(m *message) {
			m.keyValues(1, s.Labels)
			for _, p := range s.Points {
				m.inner(2, func(m *message) {
					m.double(1, p.Value)
					m.number(2, uint64(p.Time/1e6))
				})
			}
			for _, e := range s.Exemplars {
				m.inner(4, func(m *message) {
					m.keyValues(1, exemplarLabels(s, e))
					m.double(2, e.Value)
					m.number(3, uint64(e.Time/1e6))
				})
			}
		})
	}
	m.searchMetrics(2, done)
	m.partial(found.Incomplete)
	return m
}

// instantMessage is QueryInstantResponse.
func instantMessage(found traceql.RangeResult) (m message) {
	for _, s := range found.Series {
		if len(s.Points) == 0 {
			continue
		}
		m.inner(1, func(m *message) {
			m.keyValues(1, s.Labels)
			m.double(2, s.Points[len(s.Points)-1].Value)
		})
	}
	m.searchMetrics(2, done)
	m.partial(found.Incomplete)
	return m
}

// textsMessage is SearchTagsResponse and SearchTagValuesResponse.
func textsMessage(list []string) (m message) {
	for _, s := range list {
		m = protowire.AppendString(protowire.AppendTag(m, 1, protowire.BytesType), s)
	}
	m.metadataMetrics(2)
	return m
}

// scopesMessage is SearchTagsV2Response.
func scopesMessage(scopes []tagScope) (m message) {
	for _, s := range scopes {
		m.inner(1, func(m *message) {
			m.text(1, s.Name)
			for _, tag := range s.Tags {
				m.text(2, tag)
			}
		})
	}
	m.metadataMetrics(2)
	return m
}

// valuesMessage is SearchTagValuesV2Response.
func valuesMessage(values []tagValue) (m message) {
	for _, v := range values {
		m.inner(1, func(m *message) {
			m.text(1, v.Type)
			m.text(2, v.Value)
		})
	}
	m.metadataMetrics(2)
	return m
}
