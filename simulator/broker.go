package simulator

import (
	"context"
	"sync/atomic"

	"go.opentelemetry.io/otel/propagation"
)

// event is a message on the broker's topic with the trace it belongs to.
type event struct {
	id, collector, source string
	carrier               propagation.MapCarrier
	invalid               string // why validation will refuse it, "" if it will not
}

// broker is the platform's message queue: one bounded topic, whose fill is the
// consumer's lag.
type broker struct {
	topic       chan event
	sent, acked atomic.Int64
}

const topicCapacity = 10_000

func newBroker() *broker { return &broker{topic: make(chan event, topicCapacity)} }

// publish hands an event over, or reports that the topic is full.
func (b *broker) publish(e event) bool {
	b.sent.Add(1)
	select {
	case b.topic <- e:
		b.acked.Add(1)
		return true
	default:
		return false
	}
}

func (b *broker) receive(ctx context.Context) (event, bool) {
	select {
	case e := <-b.topic:
		return e, true
	case <-ctx.Done():
		return event{}, false
	}
}

func (b *broker) lag() int { return len(b.topic) }
