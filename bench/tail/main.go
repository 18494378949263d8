// Command tail measures live tails of a running server: it pushes lines at a fixed
// rate, first without readers and then with many, each with its own filter, half of
// them over WebSocket and half over server-sent events, and prints what a line cost
// the server in both cases, how long a line took from its acknowledgement to its
// readers, and what was dropped.
//
//	tail -url http://127.0.0.1:8400 -pid 123 -readers 200 -rate 20000
//
// Readers that are as slow as can be (-slow) connect and read nothing: they must cost
// the others nothing. It talks to addresses of this machine only.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pharosd/pharos/bench/process"
)

type options struct {
	url, token    string
	pid           int
	rate, readers int
	slow          int
	took          time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.url, "url", "http://127.0.0.1:8400", "base URL of the server")
	flag.StringVar(&o.token, "token", "", "bearer token")
	flag.IntVar(&o.pid, "pid", 0, "the server's process")
	flag.IntVar(&o.rate, "rate", 20_000, "lines a second")
	flag.IntVar(&o.readers, "readers", 200, "readers")
	flag.IntVar(&o.slow, "slow", 2, "readers besides, that read nothing")
	flag.DurationVar(&o.took, "for", 15*time.Second, "how long, for each of the two runs")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "tail:", err)
		os.Exit(1)
	}
}

// acks has the time at which each push was acknowledged, in nanoseconds.
type acks []atomic.Int64

func run(o options) error {
	if err := process.CheckLoopback(o.url); err != nil {
		return err
	}
	p := &pusher{options: o, acks: make(acks, 1_000_000)}
	if _, err := p.push(3 * time.Second); err != nil { // warm up
		return err
	}
	fmt.Printf("%d lines/s for %s\n", o.rate, o.took)
	without, err := p.push(o.took)
	if err != nil {
		return err
	}
	fmt.Printf("  no readers    %6.2f µs CPU a line, push p50 %s p99 %s\n", without.cpu, without.p50, without.p99)

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	readers, err := follow(ctx, o, p.acks)
	if err != nil {
		return err
	}
	with, err := p.push(o.took)
	if err != nil {
		return err
	}
	time.Sleep(time.Second)
	resident := process.Resident(o.pid)
	stop()
	return report(o, without, with, readers.wait(), resident)
}

func report(o options, without, with pushed, seen seen, resident int64) error {
	fmt.Printf("  %3d readers   %6.2f µs CPU a line, push p50 %s p99 %s (and %d that read nothing)\n", o.readers, with.cpu, with.p50, with.p99, o.slow)
	fmt.Printf("  ratio         %6.2f of the CPU, %.2f of the median push\n", with.cpu/without.cpu, float64(with.p50)/float64(without.p50))
	if len(seen.latencies) == 0 {
		return errors.New("no reader got anything")
	}
	slices.Sort(seen.latencies)
	fmt.Printf("  acknowledged to read: p50 %s p99 %s, %d lines delivered (%.0f/s), %d dropped for readers that read\n",
		at(seen.latencies, 0.5), at(seen.latencies, 0.99), seen.lines, float64(seen.lines)/with.took.Seconds(), seen.dropped)
	fmt.Printf("  resident %d MiB\n", resident>>20)
	return nil
}

func at(sorted []time.Duration, q float64) time.Duration {
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)].Round(10 * time.Microsecond)
}
