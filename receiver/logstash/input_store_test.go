package logstash

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/tenant"
)

// newRedis starts a real server.
func newRedis(t testing.TB) (int, *redis.Client) {
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("redis-server is not installed (test/install-deps.sh)")
	}
	port := testkit.FreePort(t)
	cmd := exec.Command(binary, "--port", fmt.Sprint(port), "--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir())
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	c := redis.NewClient(&redis.Options{Addr: fmt.Sprintf("127.0.0.1:%d", port), DisableIdentity: true, Protocol: 2})
	t.Cleanup(func() { _ = c.Close() })
	require.Eventually(t, func() bool { return c.Ping(context.Background()).Err() == nil }, 10*time.Second, 20*time.Millisecond)
	return port, c
}

func TestRedis(t *testing.T) {
	port, c := newRedis(t)
	ctx := context.Background()
	p := newPlace(t)
	for n := range 300 {
		require.NoError(t, c.RPush(ctx, "jobs", fmt.Sprintf(`{"message":"job %d"}`, n)).Err())
	}
	config := fmt.Sprintf(`input {
  redis { host => "127.0.0.1" port => %[1]d data_type => list key => "jobs" batch_count => 50 }
  redis { host => "127.0.0.1" port => %[1]d data_type => pattern_channel key => "ch*" codec => plain }
}
output { pharos { labels => { "app" => "t" } line => "message" } redis { host => ["127.0.0.1"] port => %[1]d data_type => list key => "out-%%{+YYYY}" } }`, port)
	stop := p.run(config, DefaultConfig())
	p.wait(300)
	require.Eventually(t, func() bool { keys, _ := c.Keys(ctx, "jobs*").Result(); return len(keys) == 0 }, 5*time.Second, 10*time.Millisecond, "what is stored is removed")
	require.EqualValues(t, 300, c.LLen(ctx, "out-"+time.Now().UTC().Format("2006")).Val())
	require.Eventually(t, func() bool { return c.Publish(ctx, "chan", "published").Val() > 0 }, 5*time.Second, 20*time.Millisecond)
	p.wait(301)

	// What is not stored stays with us, and comes again at the next start.
	down := error(context.DeadlineExceeded)
	p.fail.Store(&down)
	require.NoError(t, c.RPush(ctx, "jobs", `{"message":"late"}`).Err())
	require.Eventually(t, func() bool { return p.counter("pharos_pipeline_stalled", "plugin=output pharos") == 1 }, 5*time.Second, 10*time.Millisecond)
	p.deps.Log.Info("stopping with a store that is away takes its time")
	stop()
	p.fail.Store(nil)
	p.run(config, DefaultConfig())
	p.wait(302)
}

// newBucket starts a server of S3's protocol.
func newBucket(t testing.TB, buckets ...string) (string, *minio.Client) {
	server := httptest.NewServer(gofakes3.New(s3mem.New()).Server())
	t.Cleanup(server.Close)
	c, err := minio.New(strings.TrimPrefix(server.URL, "http://"), &minio.Options{Creds: credentials.NewStaticV4("k", "s", ""), BucketLookup: minio.BucketLookupPath, Region: "us-east-1"})
	require.NoError(t, err)
	for _, b := range buckets {
		require.NoError(t, c.MakeBucket(context.Background(), b, minio.MakeBucketOptions{}))
	}
	return server.URL, c
}

func put3(t testing.TB, c *minio.Client, bucket, key, text string) {
	t.Helper()
	_, err := c.PutObject(context.Background(), bucket, key, strings.NewReader(text), int64(len(text)), minio.PutObjectOptions{})
	require.NoError(t, err)
}

func gzipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

const access = `access_key_id => "kk" secret_access_key => "ss" additional_settings => { "force_path_style" => true }`

func TestS3(t *testing.T) {
	url, c := newBucket(t, "inbox", "done")
	put3(t, c, "inbox", "logs/a.log", "one\ntwo\n")
	put3(t, c, "inbox", "logs/b.gz", gzipped("three\nfour"))
	put3(t, c, "inbox", "other", "not ours")
	p := newPlace(t)
	config := fmt.Sprintf(`input { s3 { bucket => "inbox" prefix => "logs/" endpoint => "%s" %s interval => 1 backup_to_bucket => "done" backup_add_prefix => "bak/" exclude_pattern => "skip" } }
filter { mutate { add_field => { "out" => "%%{message} %%{[@metadata][s3][key]}" } } }
output { pharos { labels => { "app" => "t" } line => "out" } }`, url, access)
	stop := p.run(config, DefaultConfig())
	want := []string{"one logs/a.log", "two logs/a.log", "three logs/b.gz", "four logs/b.gz"}
	p.waitLines(want...)
	require.Eventually(t, func() bool {
		_, err := c.StatObject(context.Background(), "done", "bak/logs/b.gz", minio.StatObjectOptions{})
		return err == nil
	}, 5*time.Second, 20*time.Millisecond)
	time.Sleep(1100 * time.Millisecond) // times of S3 have whole seconds
	put3(t, c, "inbox", "logs/c.log", "five\n")
	p.waitLines(append(want, "five logs/c.log")...)
	stop()
	// Without its sincedb it reads all again, and the store knows all.
	require.NoError(t, os.RemoveAll(filepath.Join(p.deps.Dir, "main", "s3")))
	stop = p.run(config, DefaultConfig())
	require.Eventually(t, func() bool { return p.counter("pharos_pipeline_events_total", "stage=out") >= 5 }, 10*time.Second, 20*time.Millisecond)
	stop()
	require.Len(t, p.entries(tenant.Default), 5)
}

// fakeSQS speaks the JSON protocol of SQS as far as it is used.
type fakeSQS struct {
	mu       sync.Mutex
	messages []map[string]any
	handed   map[string]time.Time // by receipt, until it is deleted
	deleted  []string
}

// visibility is how long a message that was handed out is kept from others: a client that
// went away before it read the answer has not got it.
const visibility = 5 * time.Second

func (f *fakeSQS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in map[string]any
	_ = json.NewDecoder(r.Body).Decode(&in)
	f.mu.Lock()
	defer f.mu.Unlock()
	var out any = map[string]any{}
	switch _, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); action {
	case "GetQueueUrl":
		out = map[string]any{"QueueUrl": "http://" + r.Host + "/1/" + in["QueueName"].(string)}
	case "ReceiveMessage":
		out = map[string]any{"Messages": f.receive()}
	case "DeleteMessage":
		receipt := in["ReceiptHandle"].(string)
		f.messages = slices.DeleteFunc(f.messages, func(m map[string]any) bool { return m["ReceiptHandle"] == receipt })
		f.deleted = append(f.deleted, receipt)
	default:
		w.WriteHeader(http.StatusBadRequest)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	_ = json.NewEncoder(w).Encode(out)
	time.Sleep(10 * time.Millisecond)
}

func (f *fakeSQS) receive() (visible []map[string]any) {
	if f.handed == nil {
		f.handed = map[string]time.Time{}
	}
	for _, m := range f.messages {
		receipt := m["ReceiptHandle"].(string)
		if time.Since(f.handed[receipt]) > visibility {
			f.handed[receipt] = time.Now()
			visible = append(visible, m)
		}
	}
	return visible
}

func (f *fakeSQS) send(id, body string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.messages = append(f.messages, map[string]any{"MessageId": id, "ReceiptHandle": "r-" + id, "Body": body,
		"Attributes": map[string]string{"SentTimestamp": fmt.Sprint(time.Now().UnixMilli())}})
}

func (f *fakeSQS) gone() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.deleted...)
}

func TestSQS(t *testing.T) {
	url, c := newBucket(t, "inbox")
	put3(t, c, "inbox", "a b.log", "one\ntwo\n")
	f := &fakeSQS{}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.send("1", `{"message":"direct"}`)
	p := newPlace(t)
	stop := p.run(fmt.Sprintf(`input { sqs { queue => "q" endpoint => "%s" access_key_id => "kk" secret_access_key => "ss" id_field => "[@metadata][id]" } } %s`, server.URL, plainPharos), DefaultConfig())
	p.waitLines("direct")
	require.Eventually(t, func() bool { return len(f.gone()) == 1 }, 5*time.Second, 10*time.Millisecond)
	stop()
	note := `{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"inbox"},"object":{"key":"a+b.log","size":8}}}]}`
	wrapped, _ := json.Marshal(map[string]string{"Type": "Notification", "Message": note})
	f.send("2", string(wrapped))
	f.send("3", `{"Service":"Amazon S3","Event":"s3:TestEvent"}`)
	f.send("4", "nothing of ours")
	p.run(fmt.Sprintf(`input { s3-sns-sqs { queue => "q" sqs_endpoint => "%s" s3_endpoint => "%s" %s } } %s`, server.URL, url, access, plainPharos), DefaultConfig())
	p.waitLines("direct", "one", "two")
	require.Eventually(t, func() bool { return len(f.gone()) == 4 }, 5*time.Second, 10*time.Millisecond, "what can never be read goes too, counted")
	require.EqualValues(t, 1, p.counter("pharos_pipeline_dead_letters_total", "reason=malformed"))
}

func TestS3Output(t *testing.T) {
	url, c := newBucket(t, "out")
	p := newPlace(t)
	stop := p.run(fmt.Sprintf(`input { generator { lines => ["a", "../../b"] count => 2 } }
output { s3 { bucket => "out" endpoint => "%s" %s prefix => "x/%%{message}/" codec => line { format => "%%{message}" } size_file => 1000 time_file => 1 encoding => gzip } }`, url, access), DefaultConfig())
	require.Eventually(t, func() bool { return p.counter("pharos_pipeline_events_total", "stage=out") == 4 }, 5*time.Second, 10*time.Millisecond)
	stop()
	var keys []string
	for o := range c.ListObjects(context.Background(), "out", minio.ListObjectsOptions{Recursive: true}) {
		keys = append(keys, o.Key[:strings.LastIndexByte(o.Key, '/')])
		require.True(t, strings.HasSuffix(o.Key, ".gz"))
	}
	require.ElementsMatch(t, []string{"x/a", "x/b"}, keys)
}
