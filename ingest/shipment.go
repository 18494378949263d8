package ingest

import (
	"context"

	"github.com/pharosd/pharos/model"
)

// Numbered returns ctx with the agent's numbers of a push, read from the request's
// headers (model.Shipment), or ctx itself if it has none. An error is the sender's fault.
func Numbered(ctx context.Context, header func(name string) string) (context.Context, error) {
	s, ok, err := model.ParseShipment(header(model.AgentHeader), header(model.SequenceHeader))
	if err != nil {
		return ctx, &Refusal{Reason: Malformed, Message: err.Error()}
	}
	if !ok {
		return ctx, nil
	}
	return model.WithShipment(ctx, s), nil
}
