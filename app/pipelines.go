package app

import "github.com/pharosd/pharos/api/pipelines"

// pipelineRoutes are there without running pipelines too: configurations can be tried.
func (a *App) pipelineRoutes(running pipelines.Running) {
	a.routes = append(a.routes, pipelines.New(running).Routes()...)
}
