package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/pharosd/pharos/tenant"
)

// Claim makes holder the only one who does a piece of work until the time given, unless
// another holder's claim holds at now. It reports whether holder has it; a holder's own
// claim is prolonged. The processes' clocks must agree better than the claim is long.
func (db *DB) Claim(ctx context.Context, t tenant.ID, kind, id, holder string, now, until time.Time) (bool, error) {
	got := false
	err := db.inTx(ctx, func(tx *sql.Tx) error {
		if err := ensureTenant(ctx, tx, t, now); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `INSERT INTO claims (tenant, kind, id, holder, expires_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (tenant, kind, id) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
			WHERE claims.expires_at <= $6 OR claims.holder = excluded.holder`, t, kind, id, holder, Millis(until), Millis(now))
		if err != nil {
			return rowError("claim of "+kind, id, err)
		}
		n, err := result.RowsAffected()
		got = n == 1
		return err
	})
	if err != nil {
		return false, fmt.Errorf("claim %s %q: %w", kind, id, err)
	}
	return got, nil
}

// Unclaim ends holder's claim; without one it does nothing.
func (db *DB) Unclaim(ctx context.Context, t tenant.ID, kind, id, holder string) error {
	_, err := db.sql.ExecContext(ctx, `DELETE FROM claims WHERE tenant = $1 AND kind = $2 AND id = $3 AND holder = $4`, t, kind, id, holder)
	return rowError("claim of "+kind, id, err)
}
