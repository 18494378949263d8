// Command logs measures log stores side by side on the same lines, the same
// protocol and the same questions:
//
//	logs -lines 5000000 -pharos bin/pharos -loki .bench/loki -victorialogs .bench/victoria-logs
//
// For each server, one after the other: CPU and wall time to take the lines over
// Loki's push API, resident memory, bytes on disk, and the median time of each of
// 20 queries. Answers of servers that speak LogQL are compared with each other.
// A server whose binary is not given is left out, and the report says so.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/pharosd/pharos/bench/process"
)

func main() {
	lines := flag.Int("lines", 5_000_000, "lines of the corpus, a multiple of 100,000")
	runs := flag.Int("runs", 5, "how often each query is asked")
	flag.Int64Var(&resultsCache, "results-cache", 0, "bytes of Pharos' cache of results; 0: every query is computed")
	dir := flag.String("dir", "", "folder for the servers' data; default: a new one that is removed")
	binaries := map[string]*string{}
	for _, name := range order {
		binaries[name] = flag.String(name, "", "binary of "+name)
	}
	flag.Parse()
	if err := run(*lines, *runs, *dir, binaries); err != nil {
		fmt.Fprintln(os.Stderr, "logs:", err)
		os.Exit(1)
	}
}

// resultsCache is the size of Pharos' cache of results.
var resultsCache int64

// order is that of the columns.
var order = []string{"pharos", "loki", "victorialogs"}

// result is what was measured of one server.
type result struct {
	name              string
	cpu, wall         time.Duration
	resident, peak    int64
	data, log         int64
	queries           []time.Duration
	answers           [][]byte
	residentAfterAsks int64
}

func run(lines, runs int, dir string, binaries map[string]*string) error {
	if lines <= 0 || lines%(linesPerPush*streamCount) != 0 {
		return fmt.Errorf("%d lines: want a multiple of %d", lines, linesPerPush*streamCount)
	}
	if dir == "" {
		tmp, err := os.MkdirTemp("", "bench-logs-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		dir = tmp
	}
	// The corpus ends now, in whole minutes, so that no server finds it old.
	c := corpus{lines: lines, begin: time.Now().Add(-span).Truncate(time.Minute)}
	var results []*result
	for _, name := range order {
		if *binaries[name] == "" {
			fmt.Printf("%s is left out: no binary was given\n", name)
			continue
		}
		r, err := measure(c, name, *binaries[name], filepath.Clean(dir), runs)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		results = append(results, r)
		fmt.Printf("%s is done\n", name)
	}
	report(c, results)
	return nil
}

func measure(c corpus, name, binary, dir string, runs int) (_ *result, err error) {
	s, err := newServer(name, binary, dir)
	if err != nil {
		return nil, err
	}
	defer func() {
		if stopErr := s.stop(); err == nil {
			err = stopErr
		}
	}()
	if err := s.start(); err != nil {
		return nil, err
	}
	r := &result{name: name}
	pid := s.cmd.Process.Pid
	before, err := process.CPU(pid)
	if err != nil {
		return nil, err
	}
	if r.wall, err = pushAll(c, s); err != nil {
		return nil, err
	}
	r.log = process.DiskUse(s.dir, s.log)
	if s.log == "" {
		r.log = 0
	}
	r.resident, r.peak = process.Resident(pid), process.PeakResident(pid)
	if err := s.settle(); err != nil {
		return nil, err
	}
	after, err := process.CPU(pid)
	if err != nil {
		return nil, err
	}
	r.cpu = after - before
	r.data = process.DiskUse(s.dir, "")
	if s.log != "" {
		r.data -= process.DiskUse(s.dir, s.log)
	}
	for _, q := range queries(c) {
		took, body, err := s.median(c, q, runs)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", q.name, err)
		}
		r.queries, r.answers = append(r.queries, took), append(r.answers, body)
	}
	r.residentAfterAsks = process.PeakResident(pid)
	return r, nil
}

func report(c corpus, rs []*result) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer w.Flush()
	row := func(what string, cell func(*result) string) {
		fmt.Fprint(w, what, "\t")
		for _, r := range rs {
			fmt.Fprint(w, cell(r), "\t")
		}
		fmt.Fprintln(w)
	}
	mb := func(n int64) string { return fmt.Sprintf("%d MB", n/1e6) }
	row("", func(r *result) string { return r.name })
	row("CPU a line", func(r *result) string { return fmt.Sprintf("%.2f µs", float64(r.cpu.Microseconds())/float64(c.lines)) })
	row("wall time to take them", func(r *result) string { return fmt.Sprintf("%.1f s", r.wall.Seconds()) })
	row("resident after the last line", func(r *result) string { return mb(r.resident) })
	row("greatest resident of taking", func(r *result) string { return mb(r.peak) })
	row("greatest resident with the queries", func(r *result) string { return mb(r.residentAfterAsks) })
	row("data on disk", func(r *result) string { return mb(r.data) })
	row("write-ahead log", func(r *result) string { return mb(r.log) })
	var sums = make([]time.Duration, len(rs))
	for i, q := range queries(c) {
		row(q.name, func(r *result) string { return ms(r.queries[i]) })
		for j, r := range rs {
			sums[j] += r.queries[i]
		}
	}
	i := 0
	row("sum of the medians", func(*result) string { i++; return ms(sums[i-1]) })
	w.Flush()
	compare(c, rs)
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

// compare says where servers that speak LogQL answer otherwise.
func compare(c corpus, rs []*result) {
	if len(rs) < 2 || rs[0].name != "pharos" || rs[1].name != "loki" {
		return
	}
	same := 0
	for i, q := range queries(c) {
		if d := difference(rs[0].answers[i], rs[1].answers[i]); d != "" {
			fmt.Printf("%s: answers differ: %s\n", q.name, d)
			continue
		}
		same++
	}
	fmt.Printf("%d of %d answers of pharos and loki are equal\n", same, len(queries(c)))
}
