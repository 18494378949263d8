package model

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// Headers by which an agent numbers what it sends: whose numbers they are, and the first
// and the last number of a request's entries, "17-42".
const (
	AgentHeader    = "X-Pharos-Agent"
	SequenceHeader = "X-Pharos-Sequence"
	// RefusedHeader stands in the answer to a push of which some entries were refused for
	// good: how many; the others are stored.
	RefusedHeader = "X-Pharos-Refused"
)

// Shipment says which of an agent's entries a batch holds: those with numbers from First
// to Last, which grow from batch to batch; some may be left out. A store that
// knows shipments keeps each number once.
type Shipment struct {
	Agent       string
	First, Last uint64
}

// MaxAgentName bounds Shipment.Agent in bytes.
const MaxAgentName = 64

// ParseShipment reads the two headers; ok is false if there are none.
func ParseShipment(agent, sequence string) (s Shipment, ok bool, err error) {
	if agent == "" && sequence == "" {
		return Shipment{}, false, nil
	}
	if agent == "" || len(agent) > MaxAgentName || strings.ContainsFunc(agent, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return Shipment{}, false, fmt.Errorf("%s is %.80q, want 1 to %d printable characters without blanks", AgentHeader, agent, MaxAgentName)
	}
	first, last, _ := strings.Cut(sequence, "-")
	s.Agent = agent
	if s.First, err = strconv.ParseUint(first, 10, 63); err == nil {
		s.Last, err = strconv.ParseUint(last, 10, 63)
	}
	if err != nil || s.Last < s.First {
		return Shipment{}, false, fmt.Errorf("%s is %.80q, want the numbers of the first and the last entry: 17-42", SequenceHeader, sequence)
	}
	return s, true, nil
}

// Sequence is the value of SequenceHeader.
func (s Shipment) Sequence() string {
	return strconv.FormatUint(s.First, 10) + "-" + strconv.FormatUint(s.Last, 10)
}

type shipmentKey struct{}

// WithShipment returns a context whose pushes are s.
func WithShipment(ctx context.Context, s Shipment) context.Context {
	return context.WithValue(ctx, shipmentKey{}, &s)
}

// WithoutShipment returns a context whose pushes are not numbered.
func WithoutShipment(ctx context.Context) context.Context {
	if _, ok := ShipmentFrom(ctx); !ok {
		return ctx
	}
	return context.WithValue(ctx, shipmentKey{}, (*Shipment)(nil))
}

// ShipmentFrom returns what WithShipment gave the context.
func ShipmentFrom(ctx context.Context) (Shipment, bool) {
	s, _ := ctx.Value(shipmentKey{}).(*Shipment)
	if s == nil {
		return Shipment{}, false
	}
	return *s, true
}

// OverlapError refuses a shipment of which the store has a part: the sender must leave
// out the entries up to Have, and send the others.
type OverlapError struct{ Have uint64 }

func (e *OverlapError) Error() string {
	return fmt.Sprintf("entries up to number %d are stored already, send those after it", e.Have)
}
