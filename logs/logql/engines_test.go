package logql

import (
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/logs/remote"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// scriptEngine is a store under scripts.
type scriptEngine interface {
	logs.Appender
	logs.Reader
}

// reader is what a script's queries ask.
func (s *script) reader() logs.Reader {
	if s.engine != nil {
		return s.engine
	}
	return &s.store
}

// tenant is another one after each "clear".
func (s *script) tenant() tenant.ID {
	if s.engine == nil {
		return tenant.Default
	}
	name := strings.TrimSuffix(filepath.Base(s.file), ".test")
	return tenant.ID(fmt.Sprint(strings.ReplaceAll(name, "_", "-"), s.clears))
}

func openLocal(t *testing.T, retention time.Duration) *logstore.Store {
	cfg := rowstore.DefaultConfig()
	cfg.Path, cfg.Retention, cfg.Distinct = t.TempDir(), retention, true
	rows, err := rowstore.Open(cfg, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rows.Close()) })
	return logstore.New(rows, rows)
}

// TestScriptsOnEngines wants the answers of the scripts from every engine: the store
// of one machine and VictoriaLogs servers.
func TestScriptsOnEngines(t *testing.T) {
	if old := time.Since(time.Unix(0, scriptEpoch)); old < -23*time.Hour {
		t.Skip("the scripts' time lies too far ahead of the clock")
	}
	const long = math.MaxInt64 / 2
	quiet := slog.New(slog.DiscardHandler)
	for name, open := range map[string]func(t *testing.T) *logstore.Store{
		"logstore": func(t *testing.T) *logstore.Store { return openLocal(t, long) },
		"logstore, values in lines": func(t *testing.T) *logstore.Store {
			s := openLocal(t, long)
			require.NoError(t, s.LeaveAllInLines(filepath.Join(t.TempDir(), "in_line")))
			return s
		},
		"victorialogs": func(t *testing.T) *logstore.Store {
			server := testkit.StartVictoriaLogs(t)
			cfg := remote.DefaultConfig()
			cfg.InsertURL, cfg.SelectURL = server.URL, server.URL
			rows, err := remote.Open(cfg, rowstore.RemoteConfig{Path: t.TempDir(), Retention: long, FutureLimit: 24 * time.Hour, MaxInFlight: 64 << 20}, quiet, nil)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, rows.Close()) })
			return logstore.New(rows, rows)
		},
	} {
		t.Run(name, func(t *testing.T) {
			store := open(t)
			files, err := filepath.Glob("testdata/*.test")
			require.NoError(t, err)
			for _, f := range files {
				t.Run(filepath.Base(f), func(t *testing.T) {
					data, err := os.ReadFile(f)
					require.NoError(t, err)
					s := &script{t: t, file: f, engine: store}
					s.run(string(data))
				})
			}
		})
	}
}
