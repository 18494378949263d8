package dockerstats

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Bounds of answers in bytes, and of containers.
const (
	maxAnswer     = 16 << 20
	maxContainers = 2000
)

// client asks the Docker Engine API.
type client struct {
	base string
	http *http.Client
}

// newClient takes an address as DOCKER_HOST has it: unix:///var/run/docker.sock,
// tcp://host:port or http://host:port.
func newClient(host string) (*client, error) {
	u, err := url.Parse(host)
	if err != nil {
		return nil, fmt.Errorf("docker address: %w", err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: parallel, IdleConnTimeout: time.Minute}
	c := &client{http: &http.Client{Transport: transport, Timeout: 10 * time.Second}}
	switch u.Scheme {
	case "unix":
		path := u.Path
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}
		c.base = "http://docker"
	case "tcp":
		c.base = "http://" + u.Host
	case "http", "https":
		c.base = strings.TrimSuffix(host, "/")
	default:
		return nil, fmt.Errorf("docker address %q: scheme is %q, want unix, tcp, http or https", host, u.Scheme)
	}
	return c, nil
}

// get decodes the answer to a path.
func (c *client) get(ctx context.Context, path string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return err
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body := io.LimitReader(answer.Body, maxAnswer)
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(body, 500))
		return fmt.Errorf("docker answers %s: %s", answer.Status, strings.TrimSpace(string(text)))
	}
	if err := json.NewDecoder(body).Decode(into); err != nil {
		return fmt.Errorf("read docker's answer to %s: %w", path, err)
	}
	return nil
}

// container is an element of GET /containers/json.
type container struct {
	ID      string `json:"Id"`
	Names   []string
	Image   string
	Labels  map[string]string
	State   string
	Created int64 // Unix seconds
}

func (c *client) containers(ctx context.Context) ([]container, error) {
	var out []container
	if err := c.get(ctx, "/containers/json", &out); err != nil {
		return nil, err
	}
	return out[:min(len(out), maxContainers)], nil
}

// stats is the answer to GET /containers/{id}/stats, as far as it is used.
type stats struct {
	Read     time.Time   `json:"read"`
	CPU      cpuStats    `json:"cpu_stats"`
	Memory   memoryStats `json:"memory_stats"`
	Networks map[string]struct {
		RxBytes   uint64 `json:"rx_bytes"`
		RxPackets uint64 `json:"rx_packets"`
		RxErrors  uint64 `json:"rx_errors"`
		RxDropped uint64 `json:"rx_dropped"`
		TxBytes   uint64 `json:"tx_bytes"`
		TxPackets uint64 `json:"tx_packets"`
		TxErrors  uint64 `json:"tx_errors"`
		TxDropped uint64 `json:"tx_dropped"`
	} `json:"networks"`
	Block struct {
		Bytes []blockEntry `json:"io_service_bytes_recursive"`
		Ops   []blockEntry `json:"io_serviced_recursive"`
	} `json:"blkio_stats"`
	PIDs struct {
		Current uint64 `json:"current"`
	} `json:"pids_stats"`
}

type cpuStats struct {
	Usage struct {
		// Nanoseconds.
		Total  uint64 `json:"total_usage"`
		User   uint64 `json:"usage_in_usermode"`
		Kernel uint64 `json:"usage_in_kernelmode"`
	} `json:"cpu_usage"`
	Throttling struct {
		Periods          uint64 `json:"periods"`
		ThrottledPeriods uint64 `json:"throttled_periods"`
		ThrottledTime    uint64 `json:"throttled_time"` // nanoseconds
	} `json:"throttling_data"`
}

type memoryStats struct {
	Usage   uint64            `json:"usage"`
	Limit   uint64            `json:"limit"`
	FailCnt uint64            `json:"failcnt"`
	Stats   map[string]uint64 `json:"stats"` // of cgroup v1 or v2
}

type blockEntry struct {
	Major, Minor uint64
	Op           string
	Value        uint64
}

// stats asks once, without the second sample that Docker takes to compute a rate.
func (c *client) stats(ctx context.Context, id string) (*stats, error) {
	out := &stats{}
	return out, c.get(ctx, "/containers/"+url.PathEscape(id)+"/stats?stream=false&one-shot=true", out)
}
