package main

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang/snappy"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/pharosd/pharos/bench/process"
)

// A push is what the agent of a host with several projects sends.
const (
	projects        = 50
	projectsPerPush = 8
	linesPerProject = 50
	linesPerPush    = projectsPerPush * linesPerProject
	clients         = 4
)

type pusher struct {
	options
	acks acks
	next atomic.Int64
}

// pushed is what a run came to. cpu is microseconds a line.
type pushed struct {
	cpu      float64
	took     time.Duration
	p50, p99 time.Duration
}

// push sends lines at the rate for a while.
func (p *pusher) push(took time.Duration) (pushed, error) {
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	before, err := process.CPU(p.pid)
	if err != nil {
		return pushed{}, err
	}
	var (
		mu    sync.Mutex
		waits []time.Duration
		first error
		wg    sync.WaitGroup
		turn  atomic.Int64
	)
	begin := time.Now()
	every := time.Second * linesPerPush / time.Duration(p.rate)
	for range clients {
		wg.Go(func() {
			for {
				due := begin.Add(time.Duration(turn.Add(1)) * every)
				if due.Sub(begin) > took {
					return
				}
				time.Sleep(time.Until(due))
				wait, err := p.one(client)
				mu.Lock()
				waits = append(waits, wait)
				if first == nil {
					first = err
				}
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	if first != nil {
		return pushed{}, first
	}
	out := pushed{took: time.Since(begin)}
	after, err := process.CPU(p.pid)
	if err != nil {
		return pushed{}, err
	}
	slices.Sort(waits)
	out.cpu = float64((after - before).Microseconds()) / float64(len(waits)*linesPerPush)
	out.p50, out.p99 = at(waits, 0.5), at(waits, 0.99)
	return out, nil
}

// one sends a push and notes its acknowledgement.
func (p *pusher) one(client *http.Client) (time.Duration, error) {
	n := p.next.Add(1)
	req, err := http.NewRequest(http.MethodPost, p.url+"/loki/api/v1/push", bytes.NewReader(body(n)))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	sent := time.Now()
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	acknowledged := time.Now()
	if resp.StatusCode != http.StatusNoContent {
		return 0, fmt.Errorf("a push was answered with %s", resp.Status)
	}
	p.acks[int(n)%len(p.acks)].Store(acknowledged.UnixNano())
	return acknowledged.Sub(sent), nil
}

// body is the n-th push. The first line of each stream names it: " #<n>#".
func body(n int64) []byte {
	var out []byte
	now := time.Now()
	for i := range int64(projectsPerPush) {
		project := (n*projectsPerPush + i) % projects
		var stream []byte
		stream = protowire.AppendTag(stream, 1, protowire.BytesType)
		stream = protowire.AppendString(stream, fmt.Sprintf(`{project="p%d", service_name="web", env="prod"}`, project))
		for j := range linesPerProject {
			id := ""
			if j == 0 {
				id = fmt.Sprintf(" #%d#", n)
			}
			k := n*linesPerPush + int64(j)
			line := fmt.Sprintf(`level=info caller=handler.go:117 msg="request done" method=%s path=/api/v1/items/%d status=%d duration=%dms user=%d%s`,
				[]string{"GET", "GET", "POST"}[k%3], k*7919%10007, []int{200, 200, 404, 500}[k/3%4], k%97, k*31%5000, id)
			stream = protowire.AppendTag(stream, 2, protowire.BytesType)
			stream = protowire.AppendBytes(stream, entry(now.Add(time.Duration(j)), line))
		}
		out = protowire.AppendTag(out, 1, protowire.BytesType)
		out = protowire.AppendBytes(out, stream)
	}
	return snappy.Encode(nil, out)
}

func entry(at time.Time, line string) []byte {
	var stamp, e []byte
	stamp = protowire.AppendTag(stamp, 1, protowire.VarintType)
	stamp = protowire.AppendVarint(stamp, uint64(at.Unix()))
	stamp = protowire.AppendTag(stamp, 2, protowire.VarintType)
	stamp = protowire.AppendVarint(stamp, uint64(at.Nanosecond()))
	e = protowire.AppendTag(e, 1, protowire.BytesType)
	e = protowire.AppendBytes(e, stamp)
	e = protowire.AppendTag(e, 2, protowire.BytesType)
	return protowire.AppendString(e, line)
}
