// Package logonce passes the messages of libraries that report the same failure again
// and again.
package logonce

import (
	"context"
	"log/slog"
	"sync"
)

// maxKnown bounds what is remembered.
const maxKnown = 1000

// handler passes each message of a collector once.
type handler struct {
	next slog.Handler
	name string

	mu   *sync.Mutex
	seen map[string]bool
}

// New returns a logger for Prometheus' collectors of metrics: each message is told once
// for each collector (attributes "collector" or "name"), since what fails on a host fails
// at every scrape, and as a warning: a collector that a host has nothing for is no
// error of the process.
func New(log *slog.Logger) *slog.Logger {
	return slog.New(&handler{next: log.Handler(), mu: &sync.Mutex{}, seen: map[string]bool{}})
}

// Enabled implements slog.Handler. Collectors tell of their flags at level info.
func (h *handler) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && h.next.Enabled(ctx, l)
}

// Handle implements slog.Handler.
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	key := h.name + " " + r.Message
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "name" {
			key += " " + a.Value.String()
		}
		return true
	})
	h.mu.Lock()
	again := h.seen[key] || len(h.seen) >= maxKnown
	h.seen[key] = true
	h.mu.Unlock()
	if again {
		return nil
	}
	r.Level = slog.LevelWarn
	return h.next.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	name := h.name
	for _, a := range attrs {
		if a.Key == "collector" {
			name = a.Value.String()
		}
	}
	return &handler{next: h.next.WithAttrs(attrs), name: name, mu: h.mu, seen: h.seen}
}

// WithGroup implements slog.Handler.
func (h *handler) WithGroup(name string) slog.Handler {
	return &handler{next: h.next.WithGroup(name), name: h.name, mu: h.mu, seen: h.seen}
}
