package app

import (
	"sync"

	"github.com/prometheus/common/version"

	own "github.com/pharosd/pharos/internal/version"
)

// nameLibraries fills what Alertmanager's /api/v2/status answers: its own version,
// as clients compare it, and ours as the revision. Prometheus' linker would set
// these variables; its API takes its version from api/prom.
var nameLibraries = sync.OnceFunc(func() {
	version.Version = own.Alertmanager
	version.Revision = own.Version
	version.Branch = "pharos"
	version.BuildUser = "pharos"
})
