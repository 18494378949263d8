package app

import (
	"context"

	"github.com/pharosd/pharos/api/mcp"
	"github.com/pharosd/pharos/internal/version"
)

// buildMCP wires the assistant's door. Its tools ask the routes of the main port, which
// buildServer hands in.
func (a *App) buildMCP(context.Context) error {
	a.assistant = mcp.New(version.Version, a.log.With("component", "mcp"))
	a.routes = append(a.routes, a.assistant.Routes()...)
	return nil
}
