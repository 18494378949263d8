package app

import (
	apitail "github.com/pharosd/pharos/api/tail"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/query/tail"
)

// buildTail returns the hub that live tails subscribe to. Its cursors count the
// store's numbers where there are any; reader is what requests see of the store.
func (a *App) buildTail(store logs.Appender, reader logs.Reader) *tail.Hub {
	cfg := a.cfg.Logs.Tail
	cfg.MaxMemory = a.mem.Tail
	hub := tail.New(cfg, a.registry)
	if numbered, ok := store.(logs.NumberedAppender); ok {
		if last, ok := numbered.LastNumber(); ok {
			hub.Numbered(last)
		}
	}
	a.part("live tails", hub.Run)
	a.routes = append(a.routes, apitail.New(reader, hub, a.log.With("component", "tail api")).Routes()...)
	return hub
}
