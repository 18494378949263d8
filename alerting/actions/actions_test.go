package actions

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var object = Object{Bucket: "b", Key: "default/2026/a b+c.log.gz", Size: 12, MD5: "d41d8", Time: time.Date(2026, 11, 26, 10, 0, 0, 5e6, time.UTC), ID: "01X"}

// received is what a double of a service got.
type received struct {
	path, query, body string
	header            http.Header
}

func double(t *testing.T, status int) (*httptest.Server, *[]received) {
	t.Helper()
	var got []received
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got = append(got, received{r.URL.Path, r.URL.RawQuery, string(b), r.Header})
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	return s, &got
}

// requireS3Event reads the body as functions for S3 do.
func requireS3Event(t *testing.T, body string) {
	t.Helper()
	var e struct {
		Records []struct {
			EventName, EventSource, EventTime string
			S3                                struct {
				Bucket struct{ Name, ARN string }
				Object struct {
					Key  string
					Size int64
					ETag string
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(body), &e))
	require.Len(t, e.Records, 1)
	r := e.Records[0]
	require.Equal(t, "ObjectCreated:Put", r.EventName)
	require.Equal(t, "aws:s3", r.EventSource)
	require.Equal(t, "2026-11-26T10:00:00.005Z", r.EventTime)
	require.Equal(t, "b", r.S3.Bucket.Name)
	require.Equal(t, "arn:aws:s3:::b", r.S3.Bucket.ARN)
	require.Equal(t, "default/2026/a+b%2Bc.log.gz", r.S3.Object.Key)
	require.EqualValues(t, 12, r.S3.Object.Size)
	require.Equal(t, "d41d8", r.S3.Object.ETag)
}

func TestWebhook(t *testing.T) {
	s, got := double(t, 204)
	h := NewHook(Webhook{URL: s.URL + "/hook", Secret: "s3cret"})
	h.now = func() time.Time { return time.Unix(1764151200, 0) }
	require.NoError(t, h.Finished(t.Context(), object))
	r := (*got)[0]
	requireS3Event(t, r.body)
	require.Equal(t, "01X", r.header.Get("X-Pharos-Delivery"))
	require.Equal(t, "1764151200", r.header.Get("X-Pharos-Timestamp"))
	require.Equal(t, "sha256="+Sign("s3cret", "1764151200", []byte(r.body)), r.header.Get("X-Pharos-Signature"))
	require.NotEqual(t, Sign("other", "1764151200", []byte(r.body)), Sign("s3cret", "1764151200", []byte(r.body)))
	for _, status := range []int{500, 404, 302} {
		bad, _ := double(t, status)
		require.Error(t, NewHook(Webhook{URL: bad.URL}).Finished(t.Context(), object))
	}
}

func TestLambda(t *testing.T) {
	s, got := double(t, 202)
	f, err := NewFunction(t.Context(), Lambda{Function: "arn:aws:lambda:eu-south-1:123456789012:function:count", Region: "eu-south-1", Endpoint: s.URL, AccessKey: "AK", SecretKey: "SK"})
	require.NoError(t, err)
	require.NoError(t, f.Finished(t.Context(), object))
	r := (*got)[0]
	require.Equal(t, "/2015-03-31/functions/arn:aws:lambda:eu-south-1:123456789012:function:count/invocations", r.path)
	require.Equal(t, "Event", r.header.Get("X-Amz-Invocation-Type"))
	require.True(t, strings.HasPrefix(r.header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=AK/"), r.header.Get("Authorization"))
	require.Contains(t, r.header.Get("Authorization"), "/eu-south-1/lambda/aws4_request")
	require.NotEmpty(t, r.header.Get("X-Amz-Date"))
	requireS3Event(t, r.body)
	bad, tries := double(t, 500)
	f, err = NewFunction(t.Context(), Lambda{Function: "f", Region: "eu-south-1", Endpoint: bad.URL, AccessKey: "AK", SecretKey: "SK"})
	require.NoError(t, err)
	require.Error(t, f.Finished(t.Context(), object))
	require.Len(t, *tries, 1, "who calls tries again")
}

func TestValidate(t *testing.T) {
	require.NoError(t, Config{Webhook: Webhook{URL: "https://x.example"}}.Validate())
	require.NoError(t, Config{Lambda: Lambda{Function: "f", Region: "r"}}.Validate())
	for _, c := range []Config{{}, {Webhook: Webhook{URL: "ftp://x"}}, {Lambda: Lambda{Function: "f"}}, {Webhook: Webhook{URL: "http://x"}, Lambda: Lambda{Function: "f", Region: "r"}},
		{Lambda: Lambda{Function: "f", Region: "r", AccessKey: "a"}}, {Lambda: Lambda{Function: "f", Region: "r", Endpoint: "x"}}} {
		require.Error(t, c.Validate(), "%+v", c)
	}
}
