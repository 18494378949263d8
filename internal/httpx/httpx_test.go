package httpx_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pharosd/pharos/internal/httpx"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func pack(t testing.TB, encoding string, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	write := func(w io.WriteCloser) []byte {
		_, err := w.Write(data)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return b.Bytes()
	}
	switch encoding {
	case "gzip":
		return write(gzip.NewWriter(&b))
	case "deflate":
		return write(zlib.NewWriter(&b))
	case "zstd":
		z, err := zstd.NewWriter(&b)
		require.NoError(t, err)
		return write(z)
	case "snappy":
		return snappy.Encode(nil, data)
	}
	return data
}

func request(encoding string, body []byte) *http.Request {
	r := httptest.NewRequest("POST", "/", bytes.NewReader(body))
	r.ContentLength = -1 // as with chunked bodies
	r.Header.Set("Content-Encoding", encoding)
	return r
}

func status(err error) int {
	var e *httpx.Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}

func TestBody(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789"), 100)
	for _, encoding := range []string{"", "gzip", "deflate", "zstd", "snappy"} {
		t.Run("encoding "+encoding, func(t *testing.T) {
			packed := pack(t, encoding, data)
			got, err := httpx.Body(request(encoding, packed), 2000, 1000)
			require.NoError(t, err)
			require.Equal(t, data, got)

			_, err = httpx.Body(request(encoding, packed), 2000, 999)
			require.Equal(t, 413, status(err), "too large unpacked: %v", err)
			_, err = httpx.Body(request(encoding, packed), int64(len(packed)-1), 1000)
			require.Equal(t, 413, status(err), "too large as sent: %v", err)
			if encoding != "" {
				_, err = httpx.Body(request(encoding, packed[:len(packed)-1]), 2000, 1000)
				require.Equal(t, 400, status(err), "cut off: %v", err)
				_, err = httpx.Body(request(encoding, []byte("\xff\xff\xff\xffgarbage")), 2000, 1000)
				require.Contains(t, []int{400, 413}, status(err), "garbage: %v", err)
			}
		})
	}
	_, err := httpx.Body(request("br", data), 2000, 1000)
	require.Equal(t, 415, status(err))
}

func TestBodyRefusesBombs(t *testing.T) {
	for _, encoding := range []string{"gzip", "deflate", "zstd"} {
		packed := pack(t, encoding, make([]byte, 8<<20))
		_, err := httpx.Body(request(encoding, packed), 1<<20, 1<<20)
		require.Equal(t, 413, status(err), "%s: %v", encoding, err)
	}
	_, err := httpx.Body(request("snappy", []byte("\xff\xff\xff\x7fxxxx")), 1<<20, 1<<30)
	require.Equal(t, 400, status(err), "a claim of 256 MiB in 8 bytes: %v", err)
}

func TestBodyHearsTheGatesBound(t *testing.T) {
	r := request("gzip", pack(t, "gzip", bytes.Repeat([]byte("abc"), 100)))
	r.Body = http.MaxBytesReader(httptest.NewRecorder(), r.Body, 12)
	_, err := httpx.Body(r, 2000, 1000)
	require.Equal(t, 413, status(err), "%v", err)
}

func FuzzBody(f *testing.F) {
	for i, encoding := range []string{"gzip", "deflate", "zstd", "snappy", ""} {
		f.Add(uint8(i), pack(f, encoding, []byte("hello hello hello")))
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		encoding := []string{"gzip", "deflate", "zstd", "snappy", ""}[which%5]
		out, err := httpx.Body(request(encoding, body), 1<<16, 1<<18)
		if err != nil {
			if s := status(err); s != 400 && s != 413 {
				t.Fatalf("status %d: %v", s, err)
			}
		} else if len(out) > 1<<18 {
			t.Fatalf("%d bytes", len(out))
		}
	})
}

func start(t *testing.T, ctx context.Context, s *httpx.Server) (string, <-chan error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan error, 1)
	s.Logger = slog.New(slog.DiscardHandler)
	go func() { done <- s.Serve(ctx, l) }()
	return l.Addr().String(), done
}

func TestServerLetsRequestsFinish(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	entered, release := make(chan struct{}), make(chan struct{})
	address, done := start(t, ctx, &httpx.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-release
		if r.Context().Err() == nil {
			_, _ = io.WriteString(w, "finished")
		}
	})})
	body := make(chan string, 1)
	go func() {
		resp, err := http.Get("http://" + address) //nolint:noctx // a test
		if err != nil {
			body <- err.Error()
			return
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		body <- string(b)
	}()
	<-entered
	cancel()
	time.AfterFunc(50*time.Millisecond, func() { close(release) })
	require.Equal(t, "finished", <-body)
	require.NoError(t, <-done)
	http.DefaultClient.CloseIdleConnections()
}

func TestServerClosesWhatDoesNotFinish(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	entered := make(chan struct{})
	address, done := start(t, ctx, &httpx.Server{Drain: 20 * time.Millisecond, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
	})})
	c, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer c.Close()
	_, err = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	<-entered
	cancel()
	require.NoError(t, <-done)
}

func TestServerBoundsHeadersAndConnections(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	address, done := start(t, ctx, &httpx.Server{MaxConnections: 1, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})})
	first, err := net.Dial("tcp", address)
	require.NoError(t, err)
	_, err = io.WriteString(first, "GET / HTTP/1.1\r\nHost: x\r\nX-Large: "+strings.Repeat("x", 80<<10)+"\r\n\r\n")
	require.NoError(t, err)
	answer := make([]byte, 12)
	_, err = io.ReadFull(first, answer)
	require.NoError(t, err)
	require.Equal(t, "HTTP/1.1 431", string(answer))
	require.NoError(t, first.Close())

	holder, err := net.Dial("tcp", address)
	require.NoError(t, err)
	_, err = io.WriteString(holder, "GET / HTTP/1.1\r\n")
	require.NoError(t, err)
	second, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer second.Close()
	_, err = io.WriteString(second, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	require.NoError(t, second.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	_, err = second.Read(answer)
	require.Error(t, err, "no place for a second connection")
	require.NoError(t, holder.Close())
	require.NoError(t, second.SetReadDeadline(time.Now().Add(5*time.Second)))
	_, err = io.ReadFull(second, answer)
	require.NoError(t, err)
	require.Equal(t, "HTTP/1.1 200", string(answer))
	cancel()
	require.NoError(t, <-done)
}
