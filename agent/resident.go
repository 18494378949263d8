package agent

import (
	"context"
	"runtime/debug"
	"time"
)

// settled is how long after its start the agent has done what it does only once.
const settled = 2 * time.Second

// gcPercent is Go's: the agent's heap is small, and half as much garbage beside it
// keeps the process so.
const gcPercent = 50

// stayLean gives back, once, the memory that only the start needed.
func (a *Agent) stayLean(ctx context.Context) error {
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(settled):
	}
	debug.FreeOSMemory()
	if err := releaseExecutable(); err != nil {
		a.log.Debug("pages of the executable are not released", "error", err)
	}
	<-ctx.Done()
	return nil
}
