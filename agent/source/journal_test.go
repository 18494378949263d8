package source

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/agent/conf"
)

// journalOf writes a journal of entries with systemd's own tool and returns its folder.
func journalOf(t *testing.T, dir string, first, count int, at time.Time) {
	t.Helper()
	remote := "/lib/systemd/systemd-journal-remote"
	if _, err := os.Stat(remote); err != nil {
		t.Skip("systemd-journal-remote is not installed: no journal can be written")
	}
	if _, err := exec.LookPath("journalctl"); err != nil {
		t.Skip("journalctl is not installed")
	}
	var b strings.Builder
	for i := first; i < first+count; i++ {
		us := at.UnixMicro() + int64(i)
		fmt.Fprintf(&b, "__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=0123456789abcdef0123456789abcdef\nMESSAGE=entry %d\nPRIORITY=4\n_SYSTEMD_UNIT=app.service\n_HOSTNAME=box\n\n", us, 1000+i, i)
	}
	cmd := exec.Command(remote, "-o", filepath.Join(dir, fmt.Sprintf("part%d.journal", first)), "-")
	cmd.Stdin = strings.NewReader(b.String())
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func TestJournal(t *testing.T) {
	dir := t.TempDir()
	at := time.Now().Add(-time.Minute)
	journalOf(t, dir, 0, 5, at)
	r := newRig(t, `
- {source_labels: [__journal__systemd_unit], target_label: unit}
- {source_labels: [__journal_priority_keyword], target_label: level}
`)
	cfg := conf.JournalConfig{Path: dir, MaxAge: "12h", Labels: map[string]string{"job": "systemd"}, Matches: "_SYSTEMD_UNIT=app.service"}
	var s Source
	start := func() { s = r.start(func(d Deps) Source { return NewJournal(cfg, d) }) }
	start()
	r.expect("entry 0", "entry 1", "entry 2", "entry 3", "entry 4")
	e := r.q.entries()[0]
	require.Equal(t, map[string]string{"job": "systemd", "unit": "app.service", "level": "warning"}, e.Labels.Map())
	require.Equal(t, at.UnixMicro()*1000, e.Entry.Time)
	cursor := s.Cursors()["j"]
	require.Contains(t, cursor, ";t=")
	r.kill()
	journalOf(t, dir, 5, 3, at)
	start()
	r.expect("entry 0", "entry 1", "entry 2", "entry 3", "entry 4", "entry 5", "entry 6", "entry 7")
	r.kill()

	// A move from Promtail: only its cursor is there.
	moved := newRig(t, "")
	moved.deps.Cursor = func(key string) string { return map[string]string{"j": cursor}[key] }
	moved.start(func(d Deps) Source { return NewJournal(cfg, d) })
	moved.expect("entry 5", "entry 6", "entry 7")
}

func TestJournalEntries(t *testing.T) {
	fields, at, cursor, err := parseEntry([]byte(`{"__CURSOR":"s=1","__REALTIME_TIMESTAMP":"1700000000000001","MESSAGE":[104,105],"X":["a","b"],"N":null,"_PID":"1"}`))
	require.NoError(t, err)
	require.Equal(t, map[string]string{"MESSAGE": "hi", "X": "b", "_PID": "1"}, fields)
	require.Equal(t, time.UnixMicro(1700000000000001), at)
	require.Equal(t, "s=1", cursor)
	j := &Journal{cfg: conf.JournalConfig{JSON: true, Labels: map[string]string{"a": "b"}}}
	l, ok := j.line(fields)
	require.True(t, ok)
	require.JSONEq(t, `{"MESSAGE":"hi","X":"b","_PID":"1"}`, l.Text)
}

func TestJournalArguments(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	j := &Journal{cfg: conf.JournalConfig{MaxAge: "1h", Matches: "A=b _C=d"}}
	fresh := fmt.Sprintf("s=1;i=2;t=%x", now.Add(-time.Minute).UnixMicro())
	require.Contains(t, j.args(fresh, now), "--after-cursor="+fresh)
	old := fmt.Sprintf("s=1;i=2;t=%x", now.Add(-2*time.Hour).UnixMicro())
	require.Contains(t, j.args(old, now), "--since=@1699996400", "max_age wins over the position")
	args := j.args("", now)
	require.Equal(t, []string{"--", "A=b", "_C=d"}, args[len(args)-3:])
}

func FuzzJournalEntry(f *testing.F) {
	f.Add([]byte(`{"__CURSOR":"s=1","__REALTIME_TIMESTAMP":"1700000000000001","MESSAGE":"x"}`))
	f.Add([]byte(`{"__CURSOR":"s=1","__REALTIME_TIMESTAMP":"1","MESSAGE":[["x"],[1,2]]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		fields, _, _, err := parseEntry(b)
		if err != nil {
			return
		}
		if _, err := json.Marshal(fields); err != nil {
			t.Fatal(err)
		}
	})
}
