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
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// clockTick is the unit of /proc/<pid>/stat's times: USER_HZ is 100 on Linux.
const clockTick = 10 * time.Millisecond

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
	u, err := url.Parse(target)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(u.Hostname()); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("%s is no loopback address", target)
	}
	before, err := cpu(pid)
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
	after, err := cpu(pid)
	if err != nil {
		return err
	}
	fmt.Printf("%-8s %9d items  %8.0f/s  %6.2f µs CPU each  resident %s\n",
		signal, sent, float64(sent)/took.Seconds(), float64((after-before).Microseconds())/float64(sent), resident(pid))
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

// cpu is the user and system time of a process so far.
func cpu(pid int) (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The fields after the command, which is in parentheses: utime and stime are
	// the 12th and 13th of them.
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("unexpected /proc/%d/stat", pid)
	}
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	if err1 != nil || err2 != nil {
		return 0, fmt.Errorf("unexpected /proc/%d/stat", pid)
	}
	return time.Duration(user+system) * clockTick, nil
}

// resident is the process' memory as the kernel says it.
func resident(pid int) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return "?"
	}
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(v), " kB"))
			return fmt.Sprintf("%d MiB", kb>>10)
		}
	}
	return "?"
}
