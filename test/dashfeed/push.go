package dashfeed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/prompb"
)

// Target is the server that is fed.
type Target struct {
	URL string
	// Tenant is sent as X-Scope-OrgID unless it is empty.
	Tenant string
	Client *http.Client
}

// Pushed counts what was sent.
type Pushed struct{ Series, Samples, Lines int }

const (
	samplesPerPush = 20_000
	linesPerStream = 40
)

// Push sends samples every step from one time to the other, and log lines over the
// same time.
func (f *Feed) Push(ctx context.Context, to Target, from, until time.Time, step time.Duration) (Pushed, error) {
	var done Pushed
	all := f.series(from.Add(-time.Hour))
	done.Series = len(all)
	var request prompb.WriteRequest
	pending := 0
	flush := func() error {
		if pending == 0 {
			return nil
		}
		body, err := request.Marshal()
		if err != nil {
			return err
		}
		header := http.Header{"Content-Type": {"application/x-protobuf"}, "Content-Encoding": {"snappy"}, "X-Prometheus-Remote-Write-Version": {"0.1.0"}}
		request, pending = prompb.WriteRequest{}, 0
		return to.post(ctx, "/api/v1/write", snappy.Encode(nil, body), header)
	}
	for _, s := range all {
		one := prompb.TimeSeries{Labels: s.labels}
		for t := from; !t.After(until); t = t.Add(step) {
			one.Samples = append(one.Samples, prompb.Sample{Timestamp: t.UnixMilli(), Value: s.at(t)})
		}
		request.Timeseries = append(request.Timeseries, one)
		pending += len(one.Samples)
		done.Samples += len(one.Samples)
		if pending >= samplesPerPush {
			if err := flush(); err != nil {
				return done, err
			}
		}
	}
	if err := flush(); err != nil {
		return done, err
	}
	lines, err := f.pushLines(ctx, to, from, until)
	done.Lines = lines
	if err != nil || len(f.documents) == 0 {
		return done, err
	}
	done.Lines += linesPerStream
	return done, to.post(ctx, "/elastic/_bulk", f.bulk(from, until), http.Header{"Content-Type": {"application/x-ndjson"}})
}

func (f *Feed) pushLines(ctx context.Context, to Target, from, until time.Time) (int, error) {
	type entry = [2]string
	type push struct {
		Stream map[string]string `json:"stream"`
		Values []entry           `json:"values"`
	}
	if len(f.streams) == 0 {
		return 0, nil
	}
	var streams []push
	n := 0
	for _, s := range f.streams {
		one := push{Stream: s.labels}
		for i := range linesPerStream {
			at := from.Add(until.Sub(from) * time.Duration(i) / linesPerStream)
			one.Values = append(one.Values, entry{strconv.FormatInt(at.UnixNano(), 10), s.line(i)})
			n++
		}
		streams = append(streams, one)
	}
	body, err := json.Marshal(map[string]any{"streams": streams})
	if err != nil {
		return 0, err
	}
	return n, to.post(ctx, "/loki/api/v1/push", body, http.Header{"Content-Type": {"application/json"}})
}

func (to Target) post(ctx context.Context, path string, body []byte, header http.Header) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header = header
	if to.Tenant != "" {
		req.Header.Set("X-Scope-OrgID", to.Tenant)
	}
	client := to.Client
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("push to %s: %w", path, err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 2000))
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("push to %s: %s: %s", path, resp.Status, text)
	}
	return nil
}
