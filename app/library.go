package app

import (
	"github.com/pharosd/pharos/api/v1"
	"github.com/pharosd/pharos/dashboards"
)

// buildLibrary serves what people keep beside dashboards, and removes what expired.
func (a *App) buildLibrary(library *dashboards.Library) error {
	a.part("dashboard library", library.Sweep)
	a.routes = append(a.routes, v1.NewFolders(library).Routes()...)
	a.routes = append(a.routes, v1.NewAnnotations(library).Routes()...)
	a.routes = append(a.routes, v1.NewCollections(library).Routes()...)
	return nil
}
