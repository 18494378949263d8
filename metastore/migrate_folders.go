package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/pressly/goose/v3"

	"github.com/pharosd/pharos/tenant"
)

// foldersOfTitles is migration 18: dashboards named their folder by its title; each title
// becomes a folder, with the uid that links to it had.
func foldersOfTitles() *goose.Migration {
	nothing := func(context.Context, *sql.Tx) error { return nil } // the titles are still there
	return goose.NewGoMigration(18, &goose.GoFunc{RunTx: makeFoldersOfTitles}, &goose.GoFunc{RunTx: nothing})
}

func makeFoldersOfTitles(ctx context.Context, tx *sql.Tx) error {
	type place struct {
		tenant  tenant.ID
		title   string
		updated int64
	}
	rows, err := tx.QueryContext(ctx, `SELECT tenant, folder, MAX(updated_at) FROM dashboards WHERE folder <> '' GROUP BY tenant, folder ORDER BY tenant, folder`)
	if err != nil {
		return err
	}
	places, err := scanAll(rows, func(rows *sql.Rows) (p place, err error) { return p, rows.Scan(&p.tenant, &p.title, &p.updated) })
	if err != nil {
		return err
	}
	taken := map[string]bool{}
	for _, p := range places {
		base := FolderUID(p.title)
		uid := base
		for n := 2; uid == "" || taken[string(p.tenant)+"/"+uid]; n++ {
			uid = fmt.Sprintf("%s-%d", base, n)
		}
		taken[string(p.tenant)+"/"+uid] = true
		if err := insertFolder(ctx, tx, p.tenant, Folder{UID: uid, Title: p.title, UpdatedAt: Time(p.updated)}); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE dashboards SET folder_uid = $1 WHERE tenant = $2 AND folder = $3`, uid, p.tenant, p.title); err != nil {
			return err
		}
	}
	return nil
}

// FolderUID makes an identifier of a folder's title: "Dante Platform" becomes
// "dante-platform", at most 40 characters; "" if nothing of the title can be used.
func FolderUID(title string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(title) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	uid := b.String()
	return strings.Trim(uid[:min(len(uid), 36)], "-")
}
