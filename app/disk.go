package app

import "github.com/pharosd/pharos/config"

// disk is how the store of that name uses the disk.
func (a *App) disk(store string) config.Disk {
	if store == "logs" {
		return a.cfg.Logs.Disk
	}
	return a.cfg.Traces.Disk
}
