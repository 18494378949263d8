package logstash

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/codec"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// readRedis reads the settings of a connection to a host.
func readRedis(s *logstash.Settings, v *env, host string) *redis.Options {
	o := &redis.Options{Addr: v.address(host), DB: int(s.Int("db", 0)), Password: s.String("password", ""), Username: s.String("user", ""),
		DialTimeout: s.Duration("timeout", 5*time.Second), MaxRetries: 1, DisableIdentity: true, Protocol: 2}
	o.TLSConfig = readTLS(s, v, false, false)
	if o.TLSConfig != nil && o.TLSConfig.ServerName == "" {
		o.TLSConfig.ServerName, _, _ = net.SplitHostPort(host)
	}
	if path := s.String("path", ""); path != "" {
		o.Network, o.Addr = "unix", path
	}
	return o
}

// redisInput takes events from a list, or listens to channels.
//
// What is taken from a list is first moved to a list of this pipeline's own, and removed
// there when it is where the pipeline brings it. What lies there at the start comes again.
type redisInput struct {
	common
	env     *env
	options *redis.Options
	kind    string
	key     string
	own     string
	count   int64
}

func newRedisInput(s *logstash.Settings, v *env) (input, error) {
	s.Required("key")
	s.Required("data_type")
	host := net.JoinHostPort(s.String("host", "127.0.0.1"), strconv.FormatInt(s.Int("port", 6379), 10))
	i := &redisInput{common: readCommon(s, v, "json"), env: v, options: readRedis(s, v, host), key: s.String("key", ""),
		kind: s.Enum("data_type", "list", "list", "channel", "pattern_channel"), count: max(1, min(s.Int("batch_count", 125), 10_000))}
	h := fnv.New64a()
	_, _ = h.Write([]byte(hostname() + "\x00" + v.state)) // it cannot fail
	i.own = i.key + ":pharos:" + hex.EncodeToString(h.Sum(nil))
	s.Known("threads", "command_map")
	return i, requireDecoder(s, &i.common)
}

// run implements input.
func (i *redisInput) run(ctx context.Context, q *queue) error {
	c := redis.NewClient(i.options)
	defer c.Close()
	all := newPieces()
	q = all.of(q)
	defer all.drain()
	if i.kind != "list" {
		return i.listen(ctx, c, q)
	}
	for { // what an earlier run had in hand goes back to where it was
		err := c.LMove(ctx, i.own, i.key, "RIGHT", "LEFT").Err()
		if errors.Is(err, redis.Nil) {
			break
		}
		if err != nil {
			return ended(ctx, fmt.Errorf("redis: %w", err))
		}
	}
	for {
		values, err := i.take(ctx, c)
		if err != nil {
			return ended(ctx, fmt.Errorf("redis: %w", err))
		}
		if len(values) == 0 {
			continue
		}
		b := i.batch(values)
		b.done = func() { i.remove(c, values) }
		if err := q.push(ctx, b); err != nil {
			return nil //nolint:nilerr // ctx is done
		}
	}
}

// ended is nil for an error that comes of the end.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// take moves values to the own list: it waits for the first, the others are there.
func (i *redisInput) take(ctx context.Context, c *redis.Client) ([]string, error) {
	first, err := c.BLMove(ctx, i.key, i.own, "LEFT", "RIGHT", time.Second).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	values := []string{first}
	if i.count == 1 {
		return values, nil
	}
	cmds, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
		for range i.count - 1 {
			p.LMove(ctx, i.key, i.own, "LEFT", "RIGHT")
		}
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, err
	}
	for _, cmd := range cmds {
		if value, err := cmd.(*redis.StringCmd).Result(); err == nil {
			values = append(values, value)
		}
	}
	return values, nil
}

func (i *redisInput) batch(values []string) batch {
	var b batch
	d := i.codec.Decoder()
	emit := func(e *pipeline.Event) {
		i.decorate(e)
		b.events = append(b.events, e)
	}
	for _, value := range values {
		b.size += len(value)
		d.Decode([]byte(value), emit)
	}
	d.Flush(emit)
	return b
}

const redisTime = 10 * time.Second

// remove takes values that are done from the own list.
func (i *redisInput) remove(c *redis.Client, values []string) {
	ctx, cancel := context.WithTimeout(context.Background(), redisTime)
	defer cancel()
	_, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, value := range values {
			p.LRem(ctx, i.own, 1, value)
		}
		return nil
	})
	if err != nil && !errors.Is(err, redis.ErrClosed) {
		i.env.health.failed(fmt.Errorf("redis: values that are stored may come again: %w", err))
	}
}

// listen takes what is published. It has no acknowledgement.
func (i *redisInput) listen(ctx context.Context, c *redis.Client, q *queue) error {
	sub := c.Subscribe(ctx)
	defer sub.Close()
	stop := context.AfterFunc(ctx, func() { _ = sub.Close() }) // waiting for a message does not heed ctx
	defer stop()
	var err error
	if i.kind == "channel" {
		err = sub.Subscribe(ctx, i.key)
	} else {
		err = sub.PSubscribe(ctx, i.key)
	}
	if err != nil {
		return ended(ctx, fmt.Errorf("redis: %w", err))
	}
	for {
		m, err := sub.ReceiveMessage(ctx)
		if err != nil {
			return ended(ctx, fmt.Errorf("redis: %w", err))
		}
		if err := q.push(ctx, i.batch([]string{m.Payload})); err != nil {
			return nil //nolint:nilerr // ctx is done
		}
	}
}

// redisOutput appends events to a list or publishes them.
type redisOutput struct {
	env     *env
	codec   *codec.Codec
	options []*redis.Options
	key     *logstash.Template
	publish bool

	mu     sync.Mutex
	client *redis.Client
	next   int
}

func newRedisOutput(s *logstash.Settings, v *env) (output, error) {
	s.Required("key")
	s.Required("data_type")
	o := &redisOutput{env: v, codec: readCodec(s, v, "json"), key: s.Template("key", ""), publish: s.Enum("data_type", "list", "list", "channel") == "channel"}
	port := strconv.FormatInt(s.Int("port", 6379), 10)
	hosts := s.Strings("host")
	if len(hosts) == 0 {
		hosts = []string{"127.0.0.1"}
	}
	for _, h := range hosts {
		if !strings.Contains(h, ":") {
			h = net.JoinHostPort(h, port)
		}
		o.options = append(o.options, readRedis(s, v, h))
	}
	s.Known("batch", "batch_events", "batch_timeout", "congestion_interval", "congestion_threshold", "reconnect_interval", "shuffle_hosts", "workers")
	if !o.codec.Encodes() {
		s.Errorf("codec", "%s does not write", o.codec.Name)
	}
	return o, nil
}

// write implements output.
func (o *redisOutput) write(ctx context.Context, events []*pipeline.Event) ([]*pipeline.Event, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.client == nil {
		o.client = redis.NewClient(o.options[o.next%len(o.options)])
		o.next++
	}
	var sent []*pipeline.Event
	cmds, err := o.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, e := range events {
			value, err := o.codec.Encode(nil, e)
			if err != nil {
				o.env.deadLetter(e, "malformed", err.Error())
				continue
			}
			sent = append(sent, e)
			if o.publish {
				p.Publish(ctx, o.key.Expand(e), value)
			} else {
				p.RPush(ctx, o.key.Expand(e), value)
			}
		}
		return nil
	})
	if err == nil {
		return nil, nil
	}
	var left []*pipeline.Event
	for n, cmd := range cmds {
		if cmd.Err() != nil && n < len(sent) {
			left = append(left, sent[n])
		}
	}
	if len(left) == 0 {
		left = slices.Clone(sent)
	}
	_ = o.client.Close()
	o.client = nil // another host, next time
	return left, fmt.Errorf("redis: %w", err)
}

func (o *redisOutput) close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.client == nil {
		return nil
	}
	return o.client.Close()
}
