package logstore

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logstest"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/rowstore"
)

func openStore(t testing.TB, distinct bool) *Store {
	t.Helper()
	cfg := rowstore.DefaultConfig()
	cfg.Path, cfg.Distinct = t.TempDir(), distinct
	rows, err := rowstore.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rows.Close()) })
	return New(rows, rows)
}

// TestStore checks the contract over stores of both kinds.
func TestStore(t *testing.T) {
	for _, distinct := range []bool{false, true} {
		t.Run(fmt.Sprintf("distinct %t", distinct), func(t *testing.T) {
			logstest.Run(t, func(t *testing.T) (logs.Appender, logs.Reader) {
				s := openStore(t, distinct)
				return s, s
			})
		})
	}
}

func labelsOf(pairs ...string) model.Labels {
	var ls []model.Label
	for i := 0; i+1 < len(pairs); i += 2 {
		ls = append(ls, model.Label{Name: pairs[i], Value: pairs[i+1]})
	}
	return model.NewLabels(ls...)
}
