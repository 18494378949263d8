package logstash

import (
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/tenant"
)

func appendTo(t testing.TB, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	require.NoError(t, err)
	_, err = f.WriteString(text)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

// lines is what was stored without the labels.
func (p *place) lines() []string {
	var out []string
	for _, e := range p.entries(tenant.Default) {
		_, line, _ := strings.Cut(e, "} ")
		out = append(out, line)
	}
	return out
}

func (p *place) waitLines(want ...string) {
	p.t.Helper()
	require.Eventually(p.t, func() bool { return len(p.lines()) >= len(want) }, 15*time.Second, 20*time.Millisecond, "%q", want)
	require.ElementsMatch(p.t, want, p.lines())
}

func TestFileTail(t *testing.T) {
	p := newPlace(t)
	dir := t.TempDir()
	log := filepath.Join(dir, "a.log")
	db := filepath.Join(dir, "sincedb")
	appendTo(t, log, "before\n")
	config := fmt.Sprintf(`input { file { path => "%s/**/*.log" exclude => "*.skip.log" sincedb_path => "%s" stat_interval => "20 ms" discover_interval => 1 sincedb_write_interval => 0.02 } } %s`, dir, db, plainPharos)
	stop := p.run(config, DefaultConfig())
	require.Eventually(t, func() bool { _, err := os.Stat(db); return err == nil }, 5*time.Second, 10*time.Millisecond)
	appendTo(t, log, "one\r\ntwo\nhal")
	appendTo(t, filepath.Join(dir, "x.skip.log"), "skipped\n")
	require.NoError(t, os.Mkdir(filepath.Join(dir, "deep"), 0o755))
	appendTo(t, filepath.Join(dir, "deep", "new.log"), "from its beginning\n")
	p.waitLines("one", "two", "from its beginning")
	appendTo(t, log, "f\n")
	p.waitLines("one", "two", "from its beginning", "half")

	// Rotation: renamed away while somebody still writes, created anew.
	require.NoError(t, os.Rename(log, filepath.Join(dir, "a.log.1")))
	appendTo(t, filepath.Join(dir, "a.log.1"), "late\n")
	appendTo(t, log, "new file\n")
	p.waitLines("one", "two", "from its beginning", "half", "late", "new file")
	require.NoError(t, os.Truncate(log, 0))
	time.Sleep(100 * time.Millisecond)
	appendTo(t, log, "again\n")
	p.waitLines("one", "two", "from its beginning", "half", "late", "new file", "again")

	stop()
	text, err := os.ReadFile(db)
	require.NoError(t, err)
	require.Regexp(t, `(?m)^\d+ \d+ \d+ 6 \d+\.\d+ `+log+`$`, string(text), "Logstash's own form")
	appendTo(t, log, "while away\n")
	p.run(config, DefaultConfig())
	p.waitLines("one", "two", "from its beginning", "half", "late", "new file", "again", "while away")
}

// TestFileComesAgain loses the sincedb after what was read is stored, as a crash between
// the two does: the same lines at the same time are known.
func TestFileComesAgain(t *testing.T) {
	p := newPlace(t)
	dir := t.TempDir()
	log, db := filepath.Join(dir, "a.log"), filepath.Join(dir, "db")
	appendTo(t, log, strings.Repeat("same\n", 100)+"start\n cont\nlast\n")
	config := fmt.Sprintf(`input { file { path => "%s" start_position => beginning sincedb_path => "%s" stat_interval => 0.02 sincedb_write_interval => 15 codec => multiline { pattern => "^ " what => previous } } } %s`, log, db, plainPharos)
	require.NoError(t, os.WriteFile(db, nil, 0o644))
	stop := p.run(config, DefaultConfig())
	p.wait(101) // the last line waits for what may follow it
	journal, err := os.ReadFile(db + ".reading")
	require.NoError(t, err)
	stop()
	require.NoError(t, os.WriteFile(db, nil, 0o644))
	require.NoError(t, os.WriteFile(db+".reading", journal, 0o644))
	appendTo(t, log, "end\n")
	p.run(config, DefaultConfig())
	p.wait(102)
	require.Contains(t, p.lines(), "start\n cont")
}

func TestFileRead(t *testing.T) {
	p := newPlace(t)
	dir := t.TempDir()
	appendTo(t, filepath.Join(dir, "a.log"), "one\nno end")
	f, err := os.Create(filepath.Join(dir, "b.log.gz"))
	require.NoError(t, err)
	z := gzip.NewWriter(f)
	for n := range 1000 {
		_, _ = fmt.Fprintf(z, "packed %d\n", n)
	}
	require.NoError(t, z.Close())
	require.NoError(t, f.Close())
	done := filepath.Join(dir, "done.txt")
	p.run(fmt.Sprintf(`input { file { path => ["%s/*.log", "%s/*.gz"] mode => read file_completed_action => log_and_delete file_completed_log_path => "%s" stat_interval => 0.02 exit_after_read => true } } %s`, dir, dir, done, plainPharos), DefaultConfig())
	p.wait(1002)
	require.Contains(t, p.lines(), "no end")
	require.Eventually(t, func() bool { left, _ := filepath.Glob(dir + "/*.log*"); return len(left) == 0 }, 5*time.Second, 10*time.Millisecond)
	text, err := os.ReadFile(done)
	require.NoError(t, err)
	require.ElementsMatch(t, []string{filepath.Join(dir, "a.log"), filepath.Join(dir, "b.log.gz")}, strings.Fields(string(text)))
}
