package app

import "context"

// buildLogs wires the log store, its receivers and Loki's API.
func (a *App) buildLogs(context.Context) error {
	return nil
}
