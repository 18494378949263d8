package promwrite

import (
	"errors"
	"fmt"
	"math"
	"unsafe"

	"github.com/prometheus/prometheus/model/labels"
	"google.golang.org/protobuf/encoding/protowire"
)

// timeSeries is one series of a request. Its strings and raw messages point into
// the request's body: what is kept must be copied.
type timeSeries struct {
	labels  []labels.Label // as sent, those without a value left out
	sorted  bool           // labels are in order
	samples []sample
	// histograms and exemplars are encoded messages of the request's version.
	histograms, exemplars [][]byte
}

type sample struct {
	time  int64 // milliseconds since the Unix epoch
	value float64
}

func (ts *timeSeries) reset() {
	*ts = timeSeries{
		labels: ts.labels[:0], sorted: true, samples: ts.samples[:0],
		histograms: ts.histograms[:0], exemplars: ts.exemplars[:0],
	}
}

func (ts *timeSeries) addLabel(name, value string) {
	if value == "" {
		return // the same as no label
	}
	if n := len(ts.labels); n > 0 && ts.labels[n-1].Name >= name {
		ts.sorted = false
	}
	ts.labels = append(ts.labels, labels.Label{Name: name, Value: value})
}

var errWireType = errors.New("wrong wire type")

// fields calls each for the fields of a message, with the payload of fields that
// have a length and the bits of those that are numbers.
func fields(message []byte, each func(num protowire.Number, typ protowire.Type, payload []byte, bits uint64) error) error {
	for len(message) > 0 {
		num, typ, n := protowire.ConsumeTag(message)
		if n < 0 {
			return malformed(protowire.ParseError(n))
		}
		message = message[n:]
		var payload []byte
		var bits uint64
		switch typ {
		case protowire.BytesType:
			payload, n = protowire.ConsumeBytes(message)
		case protowire.VarintType:
			bits, n = protowire.ConsumeVarint(message)
		case protowire.Fixed64Type:
			bits, n = protowire.ConsumeFixed64(message)
		default:
			n = protowire.ConsumeFieldValue(num, typ, message)
		}
		if n < 0 {
			return malformed(protowire.ParseError(n))
		}
		message = message[n:]
		if err := each(num, typ, payload, bits); err != nil {
			return err
		}
	}
	return nil
}

// decodeV1 calls each for the time series of a prometheus.WriteRequest. Metadata,
// which the store keeps for scraped targets only, is passed over.
func decodeV1(body []byte, ts *timeSeries, each func(*timeSeries) error) error {
	return fields(body, func(num protowire.Number, typ protowire.Type, payload []byte, _ uint64) error {
		if num != 1 {
			return nil
		}
		if typ != protowire.BytesType {
			return malformed(fmt.Errorf("timeseries: %w", errWireType))
		}
		ts.reset()
		if err := ts.decodeV1(payload); err != nil {
			return err
		}
		return each(ts)
	})
}

func (ts *timeSeries) decodeV1(message []byte) error {
	return fields(message, func(num protowire.Number, typ protowire.Type, payload []byte, _ uint64) error {
		if num <= 4 && typ != protowire.BytesType {
			return malformed(fmt.Errorf("timeseries field %d: %w", num, errWireType))
		}
		switch num {
		case 1:
			return ts.decodeLabel(payload)
		case 2:
			return ts.decodeSample(payload)
		case 3:
			ts.exemplars = append(ts.exemplars, payload)
		case 4:
			ts.histograms = append(ts.histograms, payload)
		}
		return nil
	})
}

func (ts *timeSeries) decodeLabel(message []byte) error {
	var name, value string
	err := fields(message, func(num protowire.Number, typ protowire.Type, payload []byte, _ uint64) error {
		if num <= 2 && typ != protowire.BytesType {
			return malformed(fmt.Errorf("label: %w", errWireType))
		}
		switch num {
		case 1:
			name = text(payload)
		case 2:
			value = text(payload)
		}
		return nil
	})
	ts.addLabel(name, value)
	return err
}

// decodeSample reads value and timestamp, which both versions number alike.
func (ts *timeSeries) decodeSample(message []byte) error {
	var s sample
	err := fields(message, func(num protowire.Number, typ protowire.Type, _ []byte, bits uint64) error {
		switch {
		case num == 1 && typ == protowire.Fixed64Type:
			s.value = math.Float64frombits(bits)
		case num == 2 && typ == protowire.VarintType:
			s.time = int64(bits)
		case num <= 2:
			return malformed(fmt.Errorf("sample: %w", errWireType))
		}
		return nil
	})
	ts.samples = append(ts.samples, s)
	return err
}

// decodeV2 calls each for the time series of an io.prometheus.write.v2.Request and
// returns its symbols, which come first.
func decodeV2(body []byte, ts *timeSeries, each func(ts *timeSeries, symbols []string) error) error {
	var symbols []string
	return fields(body, func(num protowire.Number, typ protowire.Type, payload []byte, _ uint64) error {
		if (num == 4 || num == 5) && typ != protowire.BytesType {
			return malformed(fmt.Errorf("request field %d: %w", num, errWireType))
		}
		switch num {
		case 4:
			symbols = append(symbols, text(payload))
		case 5:
			ts.reset()
			if err := ts.decodeV2(payload, symbols); err != nil {
				return err
			}
			return each(ts, symbols)
		}
		return nil
	})
}

func (ts *timeSeries) decodeV2(message []byte, symbols []string) error {
	refs := make([]uint64, 0, 64)
	err := fields(message, func(num protowire.Number, typ protowire.Type, payload []byte, bits uint64) error {
		switch {
		case num == 1 && typ == protowire.VarintType:
			refs = append(refs, bits)
			return nil
		case num <= 5 && typ != protowire.BytesType:
			return malformed(fmt.Errorf("timeseries field %d: %w", num, errWireType))
		}
		switch num {
		case 1:
			for len(payload) > 0 {
				ref, n := protowire.ConsumeVarint(payload)
				if n < 0 {
					return malformed(protowire.ParseError(n))
				}
				refs = append(refs, ref)
				payload = payload[n:]
			}
		case 2:
			return ts.decodeSample(payload)
		case 3:
			ts.histograms = append(ts.histograms, payload)
		case 4:
			ts.exemplars = append(ts.exemplars, payload)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(refs)%2 != 0 {
		return malformed(fmt.Errorf("timeseries: %d label references, want pairs", len(refs)))
	}
	for i := 0; i < len(refs); i += 2 {
		name, value := refs[i], refs[i+1]
		if name >= uint64(len(symbols)) || value >= uint64(len(symbols)) {
			return malformed(fmt.Errorf("timeseries: label references %d and %d of %d symbols", name, value, len(symbols)))
		}
		ts.addLabel(symbols[name], symbols[value])
	}
	return nil
}

// text returns bytes of the body as a string without copying them.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
