package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/golang/snappy"
	"google.golang.org/protobuf/encoding/protowire"
)

// pushers is how many clients push at a time. A stream belongs to one of them, so
// that its lines arrive in order, as Loki wants them.
const pushers = 4

// pushAll sends the corpus and retries nothing: a refusal ends the run.
func pushAll(c corpus, s *server) (time.Duration, error) {
	client := &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: pushers}}
	begin := time.Now()
	failures := make(chan error, pushers)
	var wg sync.WaitGroup
	for p := range pushers {
		wg.Go(func() {
			for n := p; n < c.pushes(); n += pushers { // streamCount is a multiple of pushers
				if err := s.push(client, body(c, n)); err != nil {
					failures <- fmt.Errorf("push %d: %w", n, err)
					return
				}
			}
		})
	}
	wg.Wait()
	select {
	case err := <-failures:
		return 0, err
	default:
		return time.Since(begin), nil
	}
}

// body is push n as Loki's protobuf (logproto.PushRequest), compressed by snappy.
func body(c corpus, n int) []byte {
	var b []byte
	b = protowire.AppendTag(b, 1, protowire.BytesType)
	b = protowire.AppendString(b, stream(n))
	var stamp, entry []byte
	for _, l := range c.push(n) {
		stamp = protowire.AppendTag(stamp[:0], 1, protowire.VarintType)
		stamp = protowire.AppendVarint(stamp, uint64(l.at.Unix()))
		stamp = protowire.AppendTag(stamp, 2, protowire.VarintType)
		stamp = protowire.AppendVarint(stamp, uint64(l.at.Nanosecond()))
		entry = protowire.AppendTag(entry[:0], 1, protowire.BytesType)
		entry = protowire.AppendBytes(entry, stamp)
		entry = protowire.AppendTag(entry, 2, protowire.BytesType)
		entry = protowire.AppendString(entry, l.text)
		b = protowire.AppendTag(b, 2, protowire.BytesType)
		b = protowire.AppendBytes(b, entry)
	}
	request := protowire.AppendTag(nil, 1, protowire.BytesType)
	request = protowire.AppendBytes(request, b)
	return snappy.Encode(nil, request)
}

func (s *server) push(client *http.Client, body []byte) error {
	req, err := http.NewRequest(http.MethodPost, s.url+s.pushPath, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 500))
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s: %s", resp.Status, text)
	}
	return nil
}
