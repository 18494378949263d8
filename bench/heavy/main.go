// Command heavy asks the built binary the heaviest LogQL queries that its authors can
// think of, within a bound of memory: none may push the process beyond it, each is
// answered or refused with a reason, and the server lives on. It exits with 1 if that
// does not hold.
package main

import (
	"flag"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/pharosd/pharos/bench/process"
)

func main() {
	var o options
	flag.StringVar(&o.binary, "pharos", "bin/pharos", "the binary")
	flag.IntVar(&o.lines, "lines", 1_000_000, "lines to store")
	flag.Int64Var(&o.memory, "memory", 512<<20, "bound of resident memory in bytes")
	flag.IntVar(&o.together, "together", 6, "queries at a time in the second round")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "heavy:", err)
		os.Exit(1)
	}
}

type options struct {
	binary   string
	lines    int
	memory   int64
	together int
}

func run(o options) (err error) {
	dir, err := os.MkdirTemp("", "pharos-heavy-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := newServer(o, dir)
	if err != nil {
		return err
	}
	defer func() {
		if stopped := s.stop(); err == nil {
			err = stopped
		}
	}()
	c := corpus{lines: o.lines, end: time.Now().Add(-time.Minute).Truncate(time.Second)}
	begin := time.Now()
	if err := c.push(s); err != nil {
		return err
	}
	fmt.Printf("%d lines stored in %s, %s; bound %d MiB\n\n", o.lines, time.Since(begin).Round(time.Millisecond), s.bound, o.memory>>20)
	fmt.Printf("| query | answer | time | peak MiB |\n|---|---|---|---|\n")
	bad := 0
	for _, q := range queries {
		a := s.ask(q, c)
		fmt.Printf("| `%s` | %s | %s | %d |\n", q.name(), a, a.took.Round(time.Millisecond), process.PeakResident(s.pid())>>20)
		if err := s.check(a); err != nil {
			bad++
			fmt.Println("  FAILED:", err)
		}
	}
	fmt.Printf("\n%d at a time:\n", o.together)
	for _, a := range s.together(c, o.together) {
		if err := s.check(a); err != nil {
			bad++
			fmt.Printf("  FAILED: `%s`: %v\n", a.query.name(), err)
		}
	}
	peak := process.PeakResident(s.pid())
	fmt.Printf("peak of resident memory, with pages of the executable and of files: %d MiB, the bound is %d\n", peak>>20, o.memory>>20)
	switch {
	case peak == 0 || s.alive() != nil:
		return fmt.Errorf("the server is gone: %v", s.alive())
	case s.group == nil && peak > o.memory: // within a group the kernel kills what goes beyond
		return fmt.Errorf("resident memory reached %d bytes, the bound is %d", peak, o.memory)
	case bad > 0:
		return fmt.Errorf("%d answers are not as they should be", bad)
	}
	return nil
}

// together asks all queries, so many at a time.
func (s *server) together(c corpus, n int) []answer {
	answers := make([]answer, len(queries))
	next := make(chan int)
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			for i := range next {
				answers[i] = s.ask(queries[i], c)
			}
		})
	}
	for i := range queries {
		next <- i
	}
	close(next)
	wg.Wait()
	return answers
}
