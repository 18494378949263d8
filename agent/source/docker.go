package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/prometheus/discovery/moby"
	"github.com/prometheus/prometheus/discovery/targetgroup"
)

// dockerSource is the group that Prometheus' discovery gives containers.
const dockerSource = "Docker"

// Labels of discovered containers.
const (
	containerID = "__meta_docker_container_id"
	logStream   = "__meta_docker_container_log_stream"
)

// defaultFrameLine is the longest line of a container when max_line_size says nothing.
const defaultFrameLine = 256 << 10

// maxStopped bounds the containers that are remembered after they are not found any
// more; discovery finds those only that run.
const maxStopped = 10_000

// Docker follows the logs of containers by their daemons' API.
type Docker struct {
	deps    Deps
	maxLine int
	daemons []*Daemon
}

// NewDocker returns a source without daemons. maxLine bounds lines in bytes, 0: 256 KiB.
func NewDocker(deps Deps, maxLine int) *Docker {
	if maxLine <= 0 {
		maxLine = defaultFrameLine
	}
	return &Docker{deps: deps, maxLine: maxLine}
}

// Daemon is one Docker daemon.
type Daemon struct {
	docker *Docker
	client *http.Client
	base   string // of URLs

	mu         sync.Mutex // guards what follows
	containers map[string]*container
	fresh      []*container // to be followed
	// stopped is how far containers that are not found any more were read.
	stopped map[string]containerState
	wake    chan struct{}
}

// AddDaemon adds the daemon of a docker_sd_config.
func (d *Docker) AddDaemon(c *moby.DockerSDConfig) (*Daemon, error) {
	u, err := url.Parse(c.Host)
	if err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	n := &Daemon{docker: d, containers: map[string]*container{}, stopped: map[string]containerState{}, wake: make(chan struct{}, 1)}
	dial := func(network, address string) {
		dialer := &net.Dialer{Timeout: 10 * time.Second}
		n.client = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, address)
		}}}
		n.base = "http://docker"
	}
	switch u.Scheme {
	case "unix":
		dial("unix", u.Path)
	case "tcp":
		dial("tcp", u.Host)
	case "http", "https":
		rt, err := commonconfig.NewRoundTripperFromConfig(c.HTTPClientConfig, "docker_sd")
		if err != nil {
			return nil, fmt.Errorf("client: %w", err)
		}
		n.client, n.base = &http.Client{Transport: rt}, strings.TrimSuffix(c.Host, "/")
	default:
		return nil, fmt.Errorf("host: scheme is %q, want unix, tcp, http or https", u.Scheme)
	}
	d.daemons = append(d.daemons, n)
	return n, nil
}

// Found takes what discovery found.
func (n *Daemon) Found(groups []*targetgroup.Group) {
	n.mu.Lock()
	defer n.mu.Unlock()
	present := map[string]bool{}
	for _, g := range groups {
		if g.Source != dockerSource {
			continue
		}
		for _, t := range g.Targets {
			labels := map[string]string{}
			for name, value := range g.Labels.Merge(t) {
				labels[string(name)] = string(value)
			}
			id := labels[containerID]
			present[id] = true
			if id == "" || n.containers[id] != nil {
				continue // one with several ports or networks is found several times
			}
			c := n.newContainer(id, labels)
			n.containers[id] = c
			n.fresh = append(n.fresh, c)
		}
	}
	for id, c := range n.containers {
		c.setPresent(present[id])
	}
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// Run implements Source.
func (d *Docker) Run(ctx context.Context) error {
	var daemons sync.WaitGroup
	for _, n := range d.daemons {
		daemons.Go(func() { n.run(ctx) })
	}
	<-ctx.Done()
	daemons.Wait()
	return nil
}

func (n *Daemon) run(ctx context.Context) {
	var followed sync.WaitGroup
	defer followed.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.wake:
		}
		n.mu.Lock()
		fresh := n.fresh
		n.fresh = nil
		n.mu.Unlock()
		for _, c := range fresh {
			followed.Go(func() {
				exists := c.run(ctx)
				n.mu.Lock()
				defer n.mu.Unlock()
				delete(n.containers, c.id)
				if exists && len(n.stopped) < maxStopped {
					n.stopped[c.id] = c.doneNow()
				}
			})
		}
	}
}

// get asks the daemon. The caller closes the body.
func (n *Daemon) get(ctx context.Context, path string, query url.Values) (*http.Response, error) {
	u := n.base + path
	if len(query) > 0 {
		u += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return nil, err
	}
	resp, err := n.client.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		return nil, &dockerError{resp.StatusCode, strings.TrimSpace(string(text))}
	}
	return resp, nil
}

// dockerError is an answer that is no success.
type dockerError struct {
	status int
	text   string
}

func (e *dockerError) Error() string { return fmt.Sprintf("daemon answered %d: %s", e.status, e.text) }

// terminal reports whether a container has a terminal: then its log has no frames.
func (n *Daemon) terminal(ctx context.Context, id string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	resp, err := n.get(ctx, "/containers/"+url.PathEscape(id)+"/json", nil)
	if err != nil {
		return false, fmt.Errorf("inspect container: %w", err)
	}
	defer resp.Body.Close()
	var answer struct{ Config struct{ Tty bool } }
	if err := json.NewDecoder(io.LimitReader(resp.Body, 4<<20)).Decode(&answer); err != nil {
		return false, fmt.Errorf("inspect container: %w", err)
	}
	return answer.Config.Tty, nil
}

// logs opens a container's log from a time on and follows it.
func (n *Daemon) logs(ctx context.Context, id string, since int64) (io.ReadCloser, error) {
	from := "0"
	if since > 0 {
		from = fmt.Sprintf("%d.%09d", since/1e9, since%1e9)
	}
	resp, err := n.get(ctx, "/containers/"+url.PathEscape(id)+"/logs", url.Values{
		"stdout": {"1"}, "stderr": {"1"}, "follow": {"1"}, "timestamps": {"1"}, "since": {from}, "tail": {"all"},
	})
	if err != nil {
		return nil, fmt.Errorf("follow container: %w", err)
	}
	return resp.Body, nil
}

func gone(err error) bool {
	var e *dockerError
	return errors.As(err, &e) && e.status == http.StatusNotFound
}

// Cursors implements Source: seconds since the epoch, as Promtail's.
func (d *Docker) Cursors() map[string]string {
	out := map[string]string{}
	d.each(func(c *container) {
		if at := c.keptAt(); at > 0 {
			out[c.id] = strconv.FormatInt(at/1e9, 10)
		}
	})
	return out
}

func (d *Docker) each(f func(*container)) {
	for _, n := range d.daemons {
		n.mu.Lock()
		all := make([]*container, 0, len(n.containers))
		for _, c := range n.containers {
			all = append(all, c)
		}
		n.mu.Unlock()
		for _, c := range all {
			f(c)
		}
	}
}

// Status implements Source.
func (d *Docker) Status() []Status {
	out := []Status{}
	d.each(func(c *container) { out = append(out, c.status()) })
	return out
}
