package journald

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/receiver/internal/door"
	"github.com/pharosd/pharos/test/doortest"
)

const contentType = "Content-Type: application/vnd.fdo.journal"

// binaryField is a field whose value may have any bytes.
func binaryField(name, value string) string {
	return name + "\n" + string(binary.LittleEndian.AppendUint64(nil, uint64(len(value)))) + value + "\n"
}

const bootID = "4f2a64b2d4a04bd0a1d1a4a9c4d5e6f7"

// export is an entry as journalctl -o export writes it.
func export(n int, at time.Time, message string) string {
	return fmt.Sprintf("__CURSOR=s=0639c7e86ba94b6c9d4f2a64b2d4a04b;i=%x;b=%s;m=%x;t=%x;x=%x\n__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=%s\n", n+1, bootID, n+1, at.UnixMicro(), n+1, at.UnixMicro(), n+1, bootID) +
		"_HOSTNAME=box\n_SYSTEMD_UNIT=shop.service\nSYSLOG_IDENTIFIER=shop\nPRIORITY=4\n_PID=77\n" + binaryField("MESSAGE", message) + "\n"
}

func serve(t testing.TB) (*doortest.Kit, *doortest.Server) {
	k := doortest.New(t, nil)
	return k, doortest.Serve(t, New(DefaultConfig(), k.Sink).Routes())
}

func TestUpload(t *testing.T) {
	k, s := serve(t)
	at := time.Now().Add(-time.Minute).Truncate(time.Microsecond)
	body := export(0, at, "two\nlines") + export(1, at, "same") + export(2, at, "same") +
		fmt.Sprintf("__REALTIME_TIMESTAMP=%d\nMESSAGE=last\nX=1\nX=2\n", at.Add(time.Second).UnixMicro()) + binaryField("BLOB", "\xff\x00")
	for range 2 { // an uploader that was cut off sends again
		status, answer, _ := s.Do(t, "POST", "/upload", body, contentType)
		require.Equal(t, 202, status, answer)
		require.Equal(t, "OK.", answer)
	}
	found := k.Entries(t)
	require.Len(t, found, 4, "the cursor tells entries apart")
	for _, e := range found[:3] {
		require.Equal(t, map[string]string{"job": "journald", "host": "box", "unit": "shop.service", "app": "shop", "level": "warning", "service_name": "shop"}, e.Labels)
		require.Equal(t, map[string]string{"_boot_id": bootID, "_pid": "77", "detected_level": "warn"}, e.Metadata)
		require.Equal(t, at.UnixMicro(), e.Time.UnixMicro())
	}
	require.Equal(t, "last", found[3].Line)
	require.Equal(t, map[string]string{"x": "1,2", "blob": "/wA=", "detected_level": "unknown"}, found[3].Metadata)
}

func TestBadUploads(t *testing.T) {
	k, s := serve(t)
	status, _, _ := s.Do(t, "POST", "/upload", "MESSAGE=x\n", "Content-Type: text/plain")
	require.Equal(t, 415, status)
	for _, bad := range []string{"lower=x\n", "MESSAGE=x", "A\n\x05\x00\x00\x00\x00\x00\x00\x00abc", "A\n\xff\xff\xff\xff\xff\xff\xff\xffabc", strings.Repeat("A", 100) + "=x\n", strings.Repeat("A=\n", 2000)} {
		status, _, _ = s.Do(t, "POST", "/upload", bad, contentType)
		require.Equal(t, 400, status, "%.40q", bad)
	}
	require.Empty(t, k.Entries(t))
	status, _, _ = s.Do(t, "POST", "/upload", "BIG="+strings.Repeat("x", 2<<20)+"\n"+binaryField("BIG2", strings.Repeat("x", 2<<20))+"MESSAGE=kept\n\n", contentType)
	require.Equal(t, 202, status)
	found := k.Entries(t)
	require.Len(t, found, 1)
	require.Equal(t, "true", found[0].Metadata["cut"])
	k.Sink.Refuse.Store(&ingest.Refusal{Reason: ingest.DiskFull, Temporary: true, RetryAfter: time.Second})
	status, _, header := s.Do(t, "POST", "/upload", "MESSAGE=x\n\n", contentType)
	require.Equal(t, 503, status)
	require.Equal(t, "1", header.Get("Retry-After"))
}

// TestABodyWithoutAnEnd is stored as it comes.
func TestABodyWithoutAnEnd(t *testing.T) {
	k, s := serve(t)
	r, w := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/upload", r)
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/vnd.fdo.journal")
	answer := make(chan int, 1)
	go func() {
		resp, err := s.Client().Do(req)
		if err == nil {
			resp.Body.Close()
			answer <- resp.StatusCode
		}
	}()
	for i := range 3 {
		_, err := io.WriteString(w, export(i, time.Now(), fmt.Sprint(i)))
		require.NoError(t, err)
		k.Wait(t, doortest.Tenant, i+1)
	}
	require.NoError(t, w.Close())
	require.Equal(t, 202, <-answer)
}

// TestSystemd uploads a journal with the distribution's systemd-journal-upload.
func TestSystemd(t *testing.T) {
	find := func(name string) string {
		for _, dir := range []string{"/lib/systemd", "/usr/lib/systemd"} {
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				return filepath.Join(dir, name)
			}
		}
		t.Skipf("%s is not installed; test/install-deps.sh does it", name)
		return ""
	}
	upload, remote := find("systemd-journal-upload"), find("systemd-journal-remote")
	k, s := serve(t)
	dir := t.TempDir()
	var text bytes.Buffer
	at := time.Now().Add(-time.Minute).Truncate(time.Microsecond)
	const entries = 200
	for i := range entries {
		text.WriteString(export(i, at.Add(time.Duration(i)*time.Millisecond), fmt.Sprintf("entry %d\n\xfftail", i)))
	}
	journal := filepath.Join(dir, "remote.journal")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	make := exec.CommandContext(ctx, remote, "--output="+journal, "-")
	make.Stdin = &text
	out, err := make.CombinedOutput()
	require.NoError(t, err, "%s", out)
	cmd := exec.CommandContext(ctx, upload, "--url="+s.URL, "--follow=no", "--save-state="+filepath.Join(dir, "state"), "--file="+journal)
	out, err = cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	found := k.Entries(t)
	require.Len(t, found, entries)
	for i, e := range found {
		require.Equal(t, fmt.Sprintf("entry %d\n\xfftail", i), e.Line)
		require.Equal(t, "shop.service", e.Labels["unit"])
		require.Equal(t, at.Add(time.Duration(i)*time.Millisecond).UnixMicro(), e.Time.UnixMicro())
	}
}

func FuzzExport(f *testing.F) {
	f.Add([]byte(export(0, time.Now(), "two\nlines") + "MESSAGE=x\n"))
	f.Add([]byte(binaryField("BLOB", "\xff\x00")))
	r := New(DefaultConfig(), nil)
	f.Fuzz(func(t *testing.T, b []byte) {
		x := newExported(bytes.NewReader(b))
		var to door.Batch
		for range len(b) + 1 {
			e, err := x.next()
			if err != nil {
				if errors.Is(err, errTooLarge) {
					t.Fatal("a value that is too large ends nothing")
				}
				return
			}
			r.add(e, &to)
		}
		t.Fatal("no end")
	})
}
