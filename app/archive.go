package app

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	apiarchive "github.com/pharosd/pharos/api/archive"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/archive"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/storage/objects"
)

// logStoreRetention is how long the log engine keeps rows. Opening it drops older
// days, so what is known not to be archived makes it longer: after a long failure of
// the storage a restart does not lose what is still on the disk.
func (a *App) logStoreRetention() time.Duration {
	if a.logRetention == 0 {
		a.logRetention = a.findLogStoreRetention()
	}
	return a.logRetention
}

func (a *App) findLogStoreRetention() time.Duration {
	d := a.cfg.LogStoreRetention()
	if !a.cfg.Archive.Storage.Enabled() || !a.cfg.Archive.RequiredForRetention {
		return d
	}
	if oldest, ok := archive.OldestUnarchived(a.dir("archive")); ok {
		if needed := time.Since(oldest) + a.cfg.Archive.Margin; needed > d {
			a.log.Warn("archiving is behind, local log data is kept for longer", "oldest", oldest, "keep", needed)
			d = needed
		}
	}
	return d
}

// withArchive wires the archive, if there is one, and returns what answers queries.
func (a *App) withArchive(ctx context.Context, store logs.Reader) (logs.Reader, error) {
	cfg, log := a.cfg.Archive, a.log.With("component", "archive")
	if !cfg.Storage.Enabled() {
		a.archiveRoutes(apiarchive.Deps{})
		return store, nil
	}
	bucket, err := objects.Open(cfg.Storage)
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	a.closer("archive storage", bucket.Close)
	archiver, err := archive.NewArchiver(cfg, archive.Deps{
		Source: logstore.NewNumbered(a.localLogs()), Bucket: bucket, Dir: a.dir("archive"),
		Retention:      a.cfg.Logs.RetentionOf,
		StoreRetention: a.logStoreRetention(), Logger: log, Registry: a.registry,
	})
	if err != nil {
		return nil, err
	}
	restored, err := archive.OpenRestored(ctx, filepath.Join(a.dir("archive"), "restored"), int64(cfg.MaxRestored), log)
	if err != nil {
		return nil, err
	}
	jobs, err := archive.OpenJobs(restored, archiver.Catalog(), log)
	if err != nil {
		return nil, err
	}
	a.part("archive", archiver.Run)
	a.part("restored archive", jobs.Run)
	a.archiveRoutes(apiarchive.Deps{Archiver: archiver, Restored: restored, Jobs: jobs})
	return archive.NewUnion(store, archiver, restored), nil
}

// archiveRoutes are there without an archive too, and say so.
func (a *App) archiveRoutes(d apiarchive.Deps) {
	own, process := apiarchive.New(d).Routes()
	process.Handler = ownerOnly(process.Handler)
	a.routes = append(append(a.routes, own...), process)
}

// markArchive lets requests of routes that answer from logs include the archive.
func (a *App) markArchive(routes []httpx.Route) []httpx.Route {
	if !a.cfg.Archive.Storage.Enabled() {
		return routes
	}
	return apiarchive.Mark(a.cfg.Archive.Query, routes)
}
