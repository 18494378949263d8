package source

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/pharosd/pharos/agent/feed"
	"github.com/pharosd/pharos/agent/ship"
)

// container is one container whose log is followed. Its lines have numbers; a place in
// the log that outlives the process is the time of a line and how many lines of that
// time came before, for daemons can be asked for a time only.
type container struct {
	daemon     *Daemon
	id         string
	discovered map[string]string
	labels     map[string]map[string]string // by stream; nil: dropped

	mu      sync.Mutex // guards what follows
	source  uint64
	present bool
	ready   bool
	err     string
	seq     int64 // of the next line
	ranges  feed.Ranges
	places  []containerPlace // of lines that are not done
	done    containerState   // up to here, and of what lies behind
	kept    int64            // time of what is kept
	changed bool
}

type containerPlace struct {
	seq int64
	at  int64 // nanoseconds
	n   int   // lines of that time before it
}

// containerState is the state in the queue.
type containerState struct {
	// At is the time in nanoseconds of the last line of all that is done, N how many
	// lines of that time are.
	At int64 `json:"at"`
	N  int   `json:"n"`
	// Ahead are lines behind it that are done too, counted from it.
	Ahead [][2]int64 `json:"ahead,omitempty"`
}

func (n *Daemon) newContainer(id string, discovered map[string]string) *container {
	deps := n.docker.deps
	c := &container{daemon: n, id: id, discovered: discovered, present: true, labels: map[string]map[string]string{}}
	for _, stream := range []string{"stdout", "stderr"} {
		labels, ok := relabelled(merged(discovered, map[string]string{logStream: stream}), deps.Relabel)
		if ok && len(labels) > 0 {
			c.labels[stream] = labels
		}
	}
	if done, ok := n.stopped[id]; ok {
		c.done, c.kept = done, done.At
		delete(n.stopped, id)
	} else if text := deps.States[c.key()]; len(text) > 0 && json.Unmarshal(text, &c.done) == nil {
		c.kept = c.done.At
	} else if seconds, err := strconv.ParseInt(deps.Cursor(id), 10, 64); err == nil && seconds > 0 {
		// Promtail keeps seconds and asks for them again.
		c.done.At, c.kept = seconds*1e9, seconds*1e9
	}
	return c
}

func (c *container) key() string { return Key(c.daemon.docker.deps.Job, "docker", c.id) }

func (c *container) setPresent(yes bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.present = yes
}

// run follows the container until it is not found any more, and reports whether it
// exists still. A log that ends while it is found is followed again.
func (c *container) run(ctx context.Context) (exists bool) {
	deps := c.daemon.docker.deps
	if len(c.labels) == 0 {
		<-ctx.Done() // dropped by relabel_configs
		return true
	}
	const again = 5 * time.Second
	for {
		err := c.follow(ctx)
		if ctx.Err() != nil {
			return true
		}
		c.mu.Lock()
		c.ready, c.err = false, ""
		if err != nil {
			c.err = err.Error()
		}
		present := c.present
		c.mu.Unlock()
		if err != nil && !gone(err) {
			deps.Metrics.problem(docker)
			deps.Logger.Warn("container's log ended, trying again", "container", c.id, "error", err)
		}
		if gone(err) {
			c.forget()
			return false
		}
		if !present || !sleep(ctx, again) {
			return true
		}
	}
}

// forget deletes the state of a container that does not exist any more.
func (c *container) forget() {
	f := c.daemon.docker.deps.Feed
	f.Forget(c.source)
	f.Put(ship.State{Key: c.key()})
}

// follow reads the log once, from what is done on.
func (c *container) follow(ctx context.Context) error {
	deps := c.daemon.docker.deps
	terminal, err := c.daemon.terminal(ctx, c.id)
	if err != nil {
		return err
	}
	deps.Feed.Forget(c.source) // what a stage holds of the last time is read again
	source := deps.Feed.Register(c)
	c.mu.Lock()
	c.source = source
	if c.seq > 0 { // not the first time
		c.setAhead()
	}
	start := c.done
	// Numbers begin behind what is done.
	c.seq, c.places, c.ranges = 0, nil, feed.Ranges{}
	for _, a := range start.Ahead {
		c.ranges.Add(a[0], a[1])
	}
	c.mu.Unlock()
	log, err := c.daemon.logs(ctx, c.id, start.At)
	if err != nil {
		return err
	}
	defer log.Close()
	c.mu.Lock()
	c.ready = true
	c.mu.Unlock()
	r := newFrames(log, terminal, c.daemon.docker.maxLine)
	counter := placeCounter{}
	for {
		l, err := r.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if l.bad {
			deps.Metrics.problem(docker)
			continue
		}
		n := counter.count(l.at)
		if l.at < start.At || l.at == start.At && n < start.N {
			continue // done before
		}
		if err := c.take(ctx, l, n, source); err != nil {
			return err
		}
	}
}

// placeCounter counts the lines of one time.
type placeCounter struct {
	at int64
	n  int
}

func (p *placeCounter) count(at int64) int {
	if at != p.at {
		p.at, p.n = at, 0
	}
	p.n++
	return p.n - 1
}

func (c *container) take(ctx context.Context, l logLine, n int, source uint64) error {
	deps := c.daemon.docker.deps
	c.mu.Lock()
	seq := c.seq
	c.seq++
	if c.ranges.From(seq) > seq {
		c.mu.Unlock()
		return nil // done before, ahead of a line that was not
	}
	c.places = append(c.places, containerPlace{seq, l.at, n})
	labels := c.labels[l.stream]
	if labels == nil {
		c.doneLocked(seq, seq+1)
		c.mu.Unlock()
		return nil
	}
	c.mu.Unlock()
	deps.Metrics.entry(docker)
	return deps.Feed.Push(ctx, feed.Line{Text: l.text, Time: time.Unix(0, l.at), Labels: labels, Source: source, From: seq, To: seq + 1})
}

// Done implements feed.Source.
func (c *container) Done(from, to int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.doneLocked(from, to)
}

func (c *container) doneLocked(from, to int64) {
	c.ranges.Add(from, to)
	c.changed = true
	n := 0
	for n < len(c.places) && c.places[n].seq < c.ranges.Low {
		c.done.At, c.done.N = c.places[n].at, c.places[n].n+1
		n++
	}
	c.places = append(c.places[:0], c.places[n:]...)
}

// State implements feed.Source.
func (c *container) State() (ship.State, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.changed {
		return ship.State{}, false
	}
	c.changed = false
	c.setAhead()
	b, err := json.Marshal(c.done)
	if err != nil {
		panic("BUG: a container's state cannot be encoded: " + err.Error())
	}
	return ship.State{Key: c.key(), Value: b}, true
}

// Kept implements feed.Source.
func (c *container) Kept() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept = c.done.At
}

// doneNow is how far the container is done, with what is ahead of that.
func (c *container) doneNow() containerState {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.setAhead()
	return c.done
}

// setAhead makes done.Ahead that of the ranges.
func (c *container) setAhead() {
	c.done.Ahead = nil
	for _, d := range c.ranges.Done {
		c.done.Ahead = append(c.done.Ahead, [2]int64{d[0] - c.ranges.Low, d[1] - c.ranges.Low})
	}
}

func (c *container) keptAt() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept
}

func (c *container) status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := Status{Type: "Docker", Ready: c.ready, Discovered: c.discovered, Labels: c.labels["stdout"],
		Details: map[string]string{"id": c.id, "position": strconv.FormatInt(c.kept/1e9, 10), "running": strconv.FormatBool(c.ready), "error": c.err}}
	if len(c.labels) == 0 {
		s.Dropped = "dropped by relabel_configs"
	}
	return s
}
