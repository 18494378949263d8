package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// ask asks a query once and returns the answer's body.
func (s *server) ask(c corpus, q query) ([]byte, time.Duration, error) {
	v := url.Values{}
	start, end := c.begin, c.end()
	path := "/loki/api/v1/query_range"
	switch {
	case s.logsql:
		path = "/select/logsql/query"
		v.Set("query", q.logsql)
		if q.limit > 0 {
			v.Set("limit", strconv.Itoa(q.limit))
		}
		v.Set("start", start.Format(time.RFC3339Nano))
		v.Set("end", end.Format(time.RFC3339Nano))
	case q.limit > 0:
		v.Set("limit", strconv.Itoa(q.limit))
		fallthrough
	case q.step != "":
		v.Set("query", q.logql)
		v.Set("start", strconv.FormatInt(start.UnixNano(), 10))
		v.Set("end", strconv.FormatInt(end.UnixNano(), 10))
		if q.step != "" {
			v.Set("step", q.step)
		}
	default:
		path = "/loki/api/v1/query"
		v.Set("query", q.logql)
		v.Set("time", strconv.FormatInt(end.UnixNano(), 10))
	}
	begin := time.Now()
	resp, err := http.Get(s.url + path + "?" + v.Encode())
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	took := time.Since(begin)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %.300s", resp.Status, body)
	}
	return body, took, err
}

// median asks a query several times and returns the median of the times. Servers
// keep no results between (see the configurations), but files and indexes stay warm.
func (s *server) median(c corpus, q query, runs int) (time.Duration, []byte, error) {
	var times []time.Duration
	var last []byte
	for range runs {
		body, took, err := s.ask(c, q)
		if err != nil {
			return 0, nil, err
		}
		times, last = append(times, took), body
		if took > 5*time.Second && len(times) >= 2 {
			break
		}
	}
	slices.Sort(times)
	return times[len(times)/2], last, nil
}

// answer is what two servers of one dialect must agree on.
type answer struct {
	Data struct {
		ResultType string `json:"resultType"`
		Result     []struct {
			Metric map[string]string `json:"metric"`
			Stream map[string]string `json:"stream"`
			Value  json.RawMessage   `json:"value"`
			Values []json.RawMessage `json:"values"`
		} `json:"result"`
	} `json:"data"`
}

// digest is an answer in a form that can be compared: sorted series with their
// points, numbers rounded to nine digits; of log queries the entries' times and
// lines.
func digest(body []byte) ([]string, error) {
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return nil, err
	}
	var out []string
	for _, r := range a.Data.Result {
		if a.Data.ResultType == "streams" {
			for _, v := range r.Values {
				var entry [2]string
				if err := json.Unmarshal(v, &entry); err != nil {
					return nil, err
				}
				out = append(out, entry[0]+" "+entry[1])
			}
			continue
		}
		labels, _ := json.Marshal(r.Metric) // keys come sorted
		points := r.Values
		if r.Value != nil {
			points = append(points, r.Value)
		}
		for _, p := range points {
			var point [2]any
			if err := json.Unmarshal(p, &point); err != nil {
				return nil, err
			}
			v, _ := strconv.ParseFloat(fmt.Sprint(point[1]), 64)
			out = append(out, fmt.Sprintf("%s %v %.9g", labels, point[0], v))
		}
	}
	slices.Sort(out)
	return out, nil
}

// difference says how two answers differ, "" if they do not.
func difference(a, b []byte) string {
	da, err := digest(a)
	if err != nil {
		return err.Error()
	}
	db, err := digest(b)
	if err != nil {
		return err.Error()
	}
	if slices.Equal(da, db) {
		return ""
	}
	for i := range min(len(da), len(db)) {
		if da[i] != db[i] {
			return fmt.Sprintf("%d and %d rows, the first other one is %.120q and %.120q", len(da), len(db), da[i], db[i])
		}
	}
	return fmt.Sprintf("%d and %d rows", len(da), len(db))
}
