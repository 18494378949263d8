package app

import (
	"context"

	"github.com/pharosd/pharos/api/v1"
	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/ingest"
)

// buildRedaction makes what takes secrets out of logs and spans, and its preview.
func (a *App) buildRedaction(context.Context) error {
	a.redactor = ingest.NewRedactor(a.registry)
	apply := func(c *config.Config) error {
		key, err := c.RedactionKey()
		if err != nil {
			return err
		}
		return a.redactor.Set(c.Redaction, key)
	}
	if err := apply(a.cfg); err != nil {
		return err
	}
	a.onReload("redaction", apply)
	a.routes = append(a.routes, v1.NewRedaction(a.redactor).Routes()...)
	return nil
}
