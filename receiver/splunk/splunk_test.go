package splunk

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/test/doortest"
)

const aChannel = "FE0ECFAD-13D5-401B-847D-77833BD77131"

func serve(t testing.TB) (*doortest.Kit, *doortest.Server) {
	k := doortest.New(t, nil)
	cfg := DefaultConfig()
	cfg.Labels = map[string]string{"site": "rome"}
	return k, doortest.Serve(t, New(cfg, k.Sink).Routes())
}

func TestEvents(t *testing.T) {
	at := time.Now().Add(-time.Minute)
	stamp := fmt.Sprintf("%d.%03d", at.Unix(), at.Nanosecond()/1e6)
	body := `{"time":` + stamp + `,"host":"h","source":"s","sourcetype":"st","index":"main","event":"a text\n","fields":{"n":1,"l":["a","b"]}}` +
		`{"time":"` + stamp + `","event":{"a": {"b":1}}}` + "\n" + `{"event":5}` +
		`{"event":{"line":"from a container","source":"stderr","tag":"abc","attrs":{"k":"v"}},"host":"h"}`
	k, s := serve(t)
	status, answer, _ := s.Do(t, "POST", "/services/collector/event?host=default&index=i", body)
	require.Equal(t, 200, status)
	require.JSONEq(t, `{"text":"Success","code":0}`, answer)
	found := map[string]doortest.Entry{}
	for _, e := range k.Entries(t) {
		found[e.Line] = e
	}
	require.Len(t, found, 4)
	e := found["a text"]
	require.Equal(t, map[string]string{"job": "splunk", "host": "h", "source": "s", "sourcetype": "st", "index": "main", "site": "rome", "service_name": "splunk"}, e.Labels)
	require.Equal(t, map[string]string{"n": "1", "l": `["a","b"]`, "detected_level": "unknown"}, e.Metadata)
	require.Equal(t, at.UnixMilli(), e.Time.UnixMilli())
	e = found[`{"a": {"b":1}}`]
	require.Equal(t, "default", e.Labels["host"])
	require.Equal(t, "i", e.Labels["index"])
	require.Equal(t, at.UnixMilli(), e.Time.UnixMilli())
	require.WithinDuration(t, time.Now(), found["5"].Time, 10*time.Second)
	require.Equal(t, map[string]string{"stream": "stderr", "tag": "abc", "attrs_k": "v", "detected_level": "unknown"}, found["from a container"].Metadata)
}

func TestARepeatedRequestIsThereOnce(t *testing.T) {
	k, s := serve(t)
	event := fmt.Sprintf(`{"time":%d.25,"event":"same"}`, time.Now().Unix())
	for range 2 {
		status, _, _ := s.Do(t, "POST", "/services/collector", event+event)
		require.Equal(t, 200, status)
	}
	require.Len(t, k.Entries(t), 2)
}

// TestCodes are those of Splunk's documentation.
func TestCodes(t *testing.T) {
	k, s := serve(t)
	for _, c := range []struct{ path, body, answer string }{
		{"/services/collector", "", `{"text":"No data","code":5}`},
		{"/services/collector/event/1.0", "hello", `{"text":"Invalid data format","code":6,"invalid-event-number":0}`},
		{"/services/collector", `{"event":"first"}{"host":"x"}`, `{"text":"Event field is required","code":12,"invalid-event-number":1}`},
		{"/services/collector", `{"event":""}`, `{"text":"Event field cannot be blank","code":13,"invalid-event-number":0}`},
		{"/services/collector", `{"event":"x","fields":{"a":{"b":1}}}`, `{"text":"Error in handling indexed fields","code":15,"invalid-event-number":0}`},
		{"/services/collector", `{"event":"x","time":"yesterday"}`, `{"text":"Invalid data format","code":6,"invalid-event-number":0}`},
		{"/services/collector", `[{"event":"x"}]`, `{"text":"Invalid data format","code":6,"invalid-event-number":0}`},
		{"/services/collector", strings.Repeat("[", 1000), `{"text":"Invalid data format","code":6,"invalid-event-number":0}`},
		{"/services/collector?channel=nonsense", `{"event":"x"}`, `{"text":"Invalid data channel","code":11}`},
		{"/services/collector/ack", `{"acks":[1]}`, `{"text":"Data channel is missing","code":10}`},
		{"/services/collector/raw", "\n", `{"text":"No data","code":5}`},
	} {
		status, answer, _ := s.Do(t, "POST", c.path, c.body)
		require.Equal(t, 400, status, c.body)
		require.JSONEq(t, c.answer, answer, c.body)
	}
	found := k.Entries(t)
	require.Len(t, found, 1, "what comes before an event that is wrong is stored")
	require.Equal(t, "first", found[0].Line)
	status, answer, _ := s.Do(t, "GET", "/services/collector/health/1.0", "")
	require.Equal(t, 200, status)
	require.JSONEq(t, `{"text":"HEC is healthy","code":17}`, answer)
	status, _, _ = s.Do(t, "OPTIONS", "/services/collector/event/1.0", "")
	require.Equal(t, 200, status)
	for reason, want := range map[ingest.Reason]string{ingest.RateLimited: `{"text":"Server is busy","code":9}`, ingest.DiskFull: `{"text":"Server is busy","code":9}`} {
		k.Sink.Refuse.Store(&ingest.Refusal{Reason: reason, Temporary: true, RetryAfter: time.Second})
		status, answer, header := s.Do(t, "POST", "/services/collector", `{"event":"x"}`)
		require.Equal(t, 503, status)
		require.JSONEq(t, want, answer)
		require.Equal(t, "1", header.Get("Retry-After"))
	}
}

func TestRawAndAcknowledgements(t *testing.T) {
	k, s := serve(t)
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = w.Write([]byte("one\r\n\ntwo"))
	require.NoError(t, w.Close())
	status, answer, _ := s.Do(t, "POST", "/services/collector/raw?sourcetype=access&channel="+aChannel, z.String(), "Content-Encoding: gzip")
	require.Equal(t, 200, status)
	var ans struct {
		Code  int   `json:"code"`
		AckID int64 `json:"ackId"`
	}
	require.NoError(t, json.Unmarshal([]byte(answer), &ans))
	require.Positive(t, ans.AckID)
	found := k.Entries(t)
	require.Len(t, found, 2)
	require.Equal(t, "one", found[0].Line)
	require.Equal(t, "two", found[1].Line)
	require.Equal(t, "access", found[0].Labels["sourcetype"])
	status, answer, _ = s.Do(t, "POST", "/services/collector/ack", fmt.Sprintf(`{"acks":[%d,%d]}`, ans.AckID, ans.AckID+1), "X-Splunk-Request-Channel: "+aChannel)
	require.Equal(t, 200, status)
	require.JSONEq(t, fmt.Sprintf(`{"acks":{"%d":true,"%d":false}}`, ans.AckID, ans.AckID+1), answer)
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"time":1437522387.25,"host":"h","event":{"a":1},"fields":{"b":"c"}}{"event":"x"}`))
	f.Add([]byte(`{"event":{"line":"from a container","source":"stderr","tag":"abc"}}`))
	r := New(DefaultConfig(), nil)
	f.Fuzz(func(t *testing.T, body []byte) {
		b, err := r.decode(body, event{})
		if err == nil && b.Len() == 0 && len(bytes.TrimSpace(body)) > 0 {
			t.Fatal("nothing and no error")
		}
	})
}
