package app

import (
	"context"
	"runtime/debug"
	"time"
)

// settled is how long after its start a process has done what it does only once.
const settled = 8 * time.Second

// releaseStartup gives back, once, the heap that only the start needed. What stays
// resident beside the heap are the executable's own pages, which are the kernel's
// page cache and leave memory when somebody else needs it.
func (a *App) releaseStartup(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(settled):
	}
	debug.FreeOSMemory()
	<-ctx.Done()
	return nil
}
