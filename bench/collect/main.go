// Command collect measures agents side by side: the same files, the same Promtail
// configuration and the same protocol to a receiver that only counts. It asks each to
// catch up with a file that is there, and to follow one that grows.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"
)

func main() {
	var (
		pharos   = flag.String("pharos", "bin/pharos", "the binary of Pharos; empty: leave it out")
		promtail = flag.String("promtail", "", "the binary of Promtail; empty: leave it out")
		lines    = flag.Int("lines", 1_000_000, "lines of the file to catch up with")
		rate     = flag.Int("rate", 10_000, "lines a second of the file that grows; 0: skip it")
		follow   = flag.Duration("for", 30*time.Second, "how long it grows")
	)
	flag.Parse()
	if err := run(*pharos, *promtail, *lines, *rate, *follow); err != nil {
		fmt.Fprintln(os.Stderr, "collect:", err)
		os.Exit(1)
	}
}

func run(pharos, promtail string, lines, rate int, follow time.Duration) error {
	work, err := os.MkdirTemp("", "bench-collect-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	defer table.Flush()
	fmt.Fprintln(table, "| work\t| agent\t| lines/s\t| CPU per million lines\t| cores\t| resident, greatest\t|")
	fmt.Fprintln(table, "|---\t|---\t|---\t|---\t|---\t|---\t|")
	for _, k := range kinds {
		for _, a := range agents(pharos, promtail) {
			dir := filepath.Join(work, k.name, a.name)
			m, err := catchUp(a, k, dir, lines)
			if err != nil {
				return fmt.Errorf("%s, %s lines: %w", a.name, k.name, err)
			}
			m.print(table, "catch up, "+k.name, a.name)
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
			if rate == 0 {
				continue
			}
			if m, err = followRate(a, k, dir, rate, follow); err != nil {
				return fmt.Errorf("%s following %s lines: %w", a.name, k.name, err)
			}
			m.print(table, fmt.Sprintf("follow %d/s, %s", rate, k.name), a.name)
		}
	}
	return nil
}

// measured is what one run took.
type measured struct {
	lines    int
	wall     time.Duration
	cpu      time.Duration
	resident int64 // greatest
}

func (m measured) print(w *tabwriter.Writer, work, agent string) {
	fmt.Fprintf(w, "| %s\t| %s\t| %.0f\t| %.2f s\t| %.2f\t| %.0f MB\t|\n", work, agent, float64(m.lines)/m.wall.Seconds(),
		m.cpu.Seconds()/float64(m.lines)*1e6, m.cpu.Seconds()/m.wall.Seconds(), float64(m.resident)/1e6)
}
