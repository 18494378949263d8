package source

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/discovery/moby"
	"github.com/prometheus/prometheus/discovery/targetgroup"
	"github.com/stretchr/testify/require"
)

// daemon speaks the part of Docker's API that a follower of logs needs, on a real
// socket, as the daemon's own documentation describes it.
type daemon struct {
	t      *testing.T
	socket string

	mu     sync.Mutex
	cond   *sync.Cond
	tty    bool
	log    []dockerLine
	closed bool
	gone   bool
	since  []string
}

type dockerLine struct {
	stream byte
	at     time.Time
	text   string // with its newline, if it ends the line
}

func newDaemon(t *testing.T) *daemon {
	d := &daemon{t: t, socket: filepath.Join(t.TempDir(), "docker.sock")}
	d.cond = sync.NewCond(&d.mu)
	l, err := net.Listen("unix", d.socket)
	require.NoError(t, err)
	srv := &http.Server{Handler: http.HandlerFunc(d.serve)}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(l) }()
	t.Cleanup(func() {
		d.mu.Lock()
		d.closed = true
		d.cond.Broadcast()
		d.mu.Unlock()
		_ = srv.Close()
		<-done
	})
	return d
}

func (d *daemon) write(stream byte, at time.Time, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.log = append(d.log, dockerLine{stream, at, text})
	d.cond.Broadcast()
}

func (d *daemon) serve(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	gone, tty := d.gone, d.tty
	d.mu.Unlock()
	switch {
	case gone:
		http.Error(w, `{"message":"No such container: c1"}`, http.StatusNotFound)
	case r.URL.Path == "/containers/c1/json":
		fmt.Fprintf(w, `{"Id":"c1","Config":{"Tty":%v}}`, tty)
	case r.URL.Path == "/containers/c1/logs":
		d.follow(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (d *daemon) follow(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("follow") != "1" || q.Get("stdout") != "1" || q.Get("stderr") != "1" || q.Get("timestamps") != "1" {
		http.Error(w, "bad", http.StatusBadRequest)
		return
	}
	var seconds, nanos int64
	fmt.Sscanf(strings.Replace(q.Get("since"), ".", " ", 1), "%d %d", &seconds, &nanos)
	since := time.Unix(seconds, nanos)
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w).Flush()
	stop := make(chan struct{})
	go func() {
		select {
		case <-r.Context().Done():
			d.mu.Lock()
			d.cond.Broadcast()
			d.mu.Unlock()
		case <-stop:
		}
	}()
	defer close(stop)
	for i := 0; ; i++ {
		d.mu.Lock()
		for i >= len(d.log) && !d.closed && r.Context().Err() == nil {
			d.cond.Wait()
		}
		if i >= len(d.log) {
			d.mu.Unlock()
			return
		}
		l := d.log[i]
		tty := d.tty
		d.mu.Unlock()
		if l.at.Before(since) {
			continue
		}
		payload := l.at.UTC().Format(time.RFC3339Nano) + " " + l.text
		if !tty {
			header := make([]byte, 8)
			header[0] = l.stream
			binary.BigEndian.PutUint32(header[4:], uint32(len(payload)))
			payload = string(header) + payload
		}
		if _, err := w.Write([]byte(payload)); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
	}
}

const dockerRules = `
- {source_labels: [__meta_docker_container_name], regex: '/(.*)', target_label: container}
- {source_labels: [__meta_docker_container_log_stream], target_label: stream}
`

// startDocker follows the daemon's one container.
func (r *rig) startDocker(d *daemon) {
	r.start(func(deps Deps) Source {
		s := NewDocker(deps, 0)
		n, err := s.AddDaemon(&moby.DockerSDConfig{Host: "unix://" + d.socket})
		require.NoError(r.t, err)
		n.Found([]*targetgroup.Group{{Source: "Docker", Targets: []model.LabelSet{
			{"__meta_docker_container_id": "c1", "__meta_docker_container_name": "/web", "__meta_docker_port_private": "80"},
			{"__meta_docker_container_id": "c1", "__meta_docker_container_name": "/web", "__meta_docker_port_private": "443"},
		}}})
		r.t.Cleanup(n.client.CloseIdleConnections)
		return s
	})
}

func TestDockerFollowsBothStreams(t *testing.T) {
	d, r := newDaemon(t), newRig(t, dockerRules)
	at := time.Now().Add(-time.Minute)
	d.write(1, at, "one\n")
	d.write(2, at.Add(1), "an error\r\n")
	d.write(1, at.Add(2), strings.Repeat("x", 16384))
	d.write(1, at.Add(2), "end of the long line\n")
	r.startDocker(d)
	long := strings.Repeat("x", 16384) + "end of the long line"
	r.expect("one", "an error", long)
	d.write(1, time.Now(), "live\n")
	r.expect("one", "an error", long, "live")
	got := r.q.entries()
	require.Equal(t, "web", got[0].Labels.Get("container"))
	require.Equal(t, at.UnixNano(), got[0].Entry.Time)
	streams := map[string]string{}
	for _, e := range got {
		streams[e.Entry.Line] = e.Labels.Get("stream")
	}
	require.Equal(t, "stderr", streams["an error"])
}

func TestDockerGoesOnWhereItStopped(t *testing.T) {
	d, r := newDaemon(t), newRig(t, dockerRules)
	r.chain = joining
	at := time.Now().Add(-time.Minute)
	d.write(1, at, "out 1\n")
	d.write(2, at, "err 1\n") // of the same nanosecond
	d.write(1, at, "out 2\n")
	d.write(2, at.Add(5), "err 2\n")
	d.write(2, at.Add(6), "err 3\n")
	r.startDocker(d)
	// "out 2" and "err 3" are held back, "err 1" and "err 2" are done ahead of the former.
	r.expect("out 1", "err 1", "err 2")
	r.kill()
	d.write(1, at.Add(7), " more of out 2\n")
	d.write(1, at.Add(8), "out 3\n")
	d.write(2, at.Add(9), "err 4\n")
	r.startDocker(d)
	r.expect("out 1", "err 1", "err 2", "out 2| more of out 2", "err 3")
}

func TestDockerTerminal(t *testing.T) {
	d, r := newDaemon(t), newRig(t, dockerRules)
	d.tty = true
	d.write(1, time.Now(), "a prompt\r\n")
	d.write(1, time.Now(), "an answer\r\n")
	r.startDocker(d)
	r.expect("a prompt", "an answer")
}

func TestDockerContainerThatIsGone(t *testing.T) {
	d, r := newDaemon(t), newRig(t, dockerRules)
	d.write(1, time.Now(), "last words\n")
	r.startDocker(d)
	r.expect("last words")
	require.NotEmpty(t, r.q.states)
	r.kill()
	d.mu.Lock()
	d.gone = true
	d.mu.Unlock()
	r.startDocker(d)
	require.Eventually(t, func() bool {
		r.q.mu.Lock()
		defer r.q.mu.Unlock()
		return len(r.q.states) == 0
	}, 5*time.Second, 10*time.Millisecond, "its state is deleted")
}

func FuzzFrames(f *testing.F) {
	frame := func(stream byte, text string) []byte {
		header := make([]byte, 8)
		header[0] = stream
		binary.BigEndian.PutUint32(header[4:], uint32(len(text)))
		return append(header, text...)
	}
	f.Add(append(frame(1, "2026-11-26T10:00:00.000000001Z hello\n"), frame(2, "2026-11-26T10:00:00.1Z part")...), false)
	f.Add([]byte("2026-11-26T10:00:00Z a prompt\r\nno time\n"), true)
	f.Add(frame(3, "error from the daemon"), false)
	f.Fuzz(func(t *testing.T, b []byte, terminal bool) {
		r := newFrames(strings.NewReader(string(b)), terminal, 100)
		total := 0
		for {
			l, err := r.next()
			if err != nil {
				break
			}
			if total += len(l.text); total > len(b) {
				t.Fatalf("%d bytes of lines of %d bytes", total, len(b))
			}
		}
	})
}
