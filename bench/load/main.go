// Command load pushes a fixed amount of one signal to a running server over its
// protocol and prints the CPU time that the server's process spent on each item.
//
//	load -signal logs    -url http://127.0.0.1:3100 -pid 123 -items 1000000
//	load -signal samples -url http://127.0.0.1:9090 -pid 123
//	load -signal spans   -url http://127.0.0.1:4318 -pid 123
//
// The protocols are Loki push (protobuf, snappy), Prometheus remote write 1.0 and
// OTLP/HTTP (protobuf), so that a peer can be measured in the same run on the same
// work. It talks to addresses of this machine only.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pharosd/pharos/bench/process"
)

// batch is a request's body and how many items it has.
type batch struct {
	path, contentType, encoding string
	body                        []byte
	items                       int
}

// generators make the n-th batch of a signal.
var generators = map[string]func(n int) batch{"logs": logBatch, "samples": sampleBatch, "spans": spanBatch}

func main() {
	signal := flag.String("signal", "logs", "logs, samples or spans")
	target := flag.String("url", "http://127.0.0.1:8400", "base URL of the server")
	pid := flag.Int("pid", 0, "the server's process")
	items := flag.Int("items", 1_000_000, "how many lines, samples or spans")
	clients := flag.Int("clients", 4, "concurrent clients")
	token := flag.String("token", "", "bearer token")
	flag.Parse()
	if err := run(*signal, *target, *pid, *items, *clients, *token); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(signal, target string, pid, items, clients int, token string) error {
	generate, ok := generators[signal]
	if !ok {
		return fmt.Errorf("there is no signal %q", signal)
	}
	if err := process.CheckLoopback(target); err != nil {
		return err
	}
	before, err := process.CPU(pid)
	if err != nil {
		return err
	}
	begin := time.Now()
	sent, err := push(generate, target, items, clients, token)
	if err != nil {
		return err
	}
	took := time.Since(begin)
	time.Sleep(3 * time.Second) // what was put off counts too
	after, err := process.CPU(pid)
	if err != nil {
		return err
	}
	fmt.Printf("%-8s %9d items  %8.0f/s  %6.2f µs CPU each  resident %d MiB\n",
		signal, sent, float64(sent)/took.Seconds(), float64((after-before).Microseconds())/float64(sent), process.Resident(pid)>>20)
	return nil
}

func push(generate func(int) batch, target string, items, clients int, token string) (int64, error) {
	var sent, next atomic.Int64
	var wg sync.WaitGroup
	failures := make(chan error, clients)
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	for range clients {
		wg.Go(func() {
			for sent.Load() < int64(items) {
				b := generate(int(next.Add(1)))
				if err := post(client, target, token, b); err != nil {
					failures <- err
					return
				}
				sent.Add(int64(b.items))
			}
		})
	}
	wg.Wait()
	select {
	case err := <-failures:
		return 0, err
	default:
		return sent.Load(), nil
	}
}

func post(client *http.Client, target, token string, b batch) error {
	req, err := http.NewRequest(http.MethodPost, target+b.path, bytes.NewReader(b.body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", b.contentType)
	if b.encoding != "" {
		req.Header.Set("Content-Encoding", b.encoding)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 500))
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s%s: %s: %s", target, b.path, resp.Status, text)
	}
	return nil
}
