package logstash

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/codec"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// kafkaInput reads topics as a member of a consumer group. An offset is committed when
// everything before it is where the pipeline brings it.
//
// An event without a time of its own has its record's, and its number follows from the
// record's place: a record that comes again, after a crash, makes the same event.
type kafkaInput struct {
	common
	env      *env
	opts     []kgo.Opt
	group    string
	decorate string // none, basic or extended
	poll     int
}

func newKafkaInput(s *logstash.Settings, v *env) (input, error) {
	i := &kafkaInput{common: readCommon(s, v, "plain"), env: v, group: s.String("group_id", "logstash"), opts: readKafka(s, v)}
	i.decorate = map[string]string{"false": "none", "true": "basic"}[s.Enum("decorate_events", "none", "none", "basic", "extended", "false", "true")]
	if i.decorate == "" {
		i.decorate = s.String("decorate_events", "none")
	}
	i.poll = int(s.Int("max_poll_records", 2000))
	i.opts = append(i.opts, kgo.ConsumerGroup(i.group), kgo.AutoCommitMarks(),
		kgo.AutoCommitInterval(max(100*time.Millisecond, millis(s, "auto_commit_interval_ms", time.Second)))) // less the client refuses
	if pattern := s.String("topics_pattern", ""); pattern != "" {
		if _, err := regexp.Compile(pattern); err != nil {
			s.Errorf("topics_pattern", "%v", err)
		}
		i.opts = append(i.opts, kgo.ConsumeRegex(), kgo.ConsumeTopics("^(?:"+pattern+")$"))
		s.Known("topics")
	} else {
		topics := s.Strings("topics")
		if len(topics) == 0 {
			topics = []string{"logstash"}
		}
		i.opts = append(i.opts, kgo.ConsumeTopics(topics...))
	}
	i.readGroup(s)
	if !i.codec.Decodes() {
		s.Errorf("codec", "%s does not read", i.codec.Name)
	}
	return i, nil
}

func (i *kafkaInput) readGroup(s *logstash.Settings) {
	switch s.Enum("auto_offset_reset", "latest", "earliest", "latest", "none") {
	case "earliest":
		i.opts = append(i.opts, kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	case "latest":
		// The end as it was when the pipeline was made: joining a group takes seconds, in
		// which nothing may be missed.
		i.opts = append(i.opts, kgo.ConsumeResetOffset(kgo.NewOffset().AfterMilli(i.env.deps.Now().UnixMilli())))
	case "none":
		i.opts = append(i.opts, kgo.ConsumeResetOffset(kgo.NoResetOffset()))
	}
	if s.Enum("isolation_level", "read_uncommitted", "read_uncommitted", "read_committed") == "read_committed" {
		i.opts = append(i.opts, kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	}
	if id := s.String("group_instance_id", ""); id != "" {
		i.opts = append(i.opts, kgo.InstanceID(id))
	}
	if rack := s.String("client_rack", ""); rack != "" {
		i.opts = append(i.opts, kgo.Rack(rack))
	}
	i.opts = append(i.opts, kgo.SessionTimeout(millis(s, "session_timeout_ms", 10*time.Second)), kgo.HeartbeatInterval(millis(s, "heartbeat_interval_ms", 3*time.Second)),
		kgo.FetchMaxBytes(int32(min(s.Int("fetch_max_bytes", 8<<20), 64<<20))), kgo.FetchMaxPartitionBytes(int32(min(s.Int("max_partition_fetch_bytes", 1<<20), 64<<20))),
		kgo.FetchMaxWait(millis(s, "fetch_max_wait_ms", 500*time.Millisecond)), kgo.FetchMinBytes(int32(min(s.Int("fetch_min_bytes", 1), 1<<20))))
	switch s.String("partition_assignment_strategy", "") {
	case "", "range", "org.apache.kafka.clients.consumer.RangeAssignor":
		i.opts = append(i.opts, kgo.Balancers(kgo.CooperativeStickyBalancer(), kgo.RangeBalancer()))
	case "round_robin", "org.apache.kafka.clients.consumer.RoundRobinAssignor":
		i.opts = append(i.opts, kgo.Balancers(kgo.RoundRobinBalancer()))
	case "sticky", "org.apache.kafka.clients.consumer.StickyAssignor":
		i.opts = append(i.opts, kgo.Balancers(kgo.StickyBalancer()))
	case "cooperative_sticky", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor":
		i.opts = append(i.opts, kgo.Balancers(kgo.CooperativeStickyBalancer()))
	default:
		s.Errorf("partition_assignment_strategy", "want range, round_robin, sticky or cooperative_sticky")
	}
	// Offsets are committed when the events are stored, whatever enable_auto_commit says.
	s.Known("enable_auto_commit", "consumer_threads", "check_crcs", "exclude_internal_topics", "max_poll_interval_ms", "poll_timeout_ms", "allow_auto_create_topics")
}

func millis(s *logstash.Settings, name string, def time.Duration) time.Duration {
	d := time.Duration(s.Int(name, def.Milliseconds())) * time.Millisecond
	if d <= 0 {
		s.Errorf(name, "want more than 0 milliseconds")
		return def
	}
	return d
}

// run implements input.
func (i *kafkaInput) run(ctx context.Context, q *queue) error {
	r := &kafkaReader{in: i, parts: map[topicPartition]*progress{}}
	opts := append([]kgo.Opt{kgo.OnPartitionsRevoked(r.revoked), kgo.OnPartitionsLost(r.lost)}, i.opts...)
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		return fmt.Errorf("kafka: %w", err)
	}
	r.client = cl
	defer r.close()
	all := newPieces()
	q = all.of(q)
	defer all.drain()
	for {
		fetches := cl.PollRecords(ctx, i.poll)
		if ctx.Err() != nil {
			return nil
		}
		for _, e := range fetches.Errors() {
			if errors.Is(e.Err, kgo.ErrClientClosed) {
				return e.Err
			}
			i.env.health.failed(fmt.Errorf("read topic %s: %w", e.Topic, e.Err))
		}
		if err := r.take(ctx, q, fetches); err != nil {
			return nil //nolint:nilerr // ctx is done
		}
	}
}

type topicPartition struct {
	topic     string
	partition int32
}

// kafkaReader is one run of the input.
type kafkaReader struct {
	in     *kafkaInput
	client *kgo.Client

	mu    sync.Mutex
	parts map[topicPartition]*progress
}

// take hands over what was fetched, as one batch.
func (r *kafkaReader) take(ctx context.Context, q *queue, fetches kgo.Fetches) error {
	var b batch
	var spans []*span
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		if len(p.Records) == 0 {
			return
		}
		part := r.progress(topicPartition{p.Topic, p.Partition}, r.in.codec)
		for _, rec := range p.Records {
			b.size += len(rec.Value)
			r.decode(part, rec, &b.events)
		}
		last := p.Records[len(p.Records)-1]
		part.decoder.Flush(func(e *pipeline.Event) { r.finish(e, last, 0, &b.events) })
		spans = append(spans, part.begin(last))
	})
	if len(spans) == 0 {
		return nil
	}
	r.in.env.health.works()
	b.done = func() {
		for _, s := range spans {
			if rec := s.of.end(s); rec != nil {
				r.client.MarkCommitRecords(rec)
			}
		}
	}
	return q.push(ctx, b)
}

func (r *kafkaReader) decode(part *progress, rec *kgo.Record, into *[]*pipeline.Event) {
	n := int64(0)
	part.decoder.Decode(rec.Value, func(e *pipeline.Event) {
		r.finish(e, rec, n, into)
		n++
	})
}

// finish gives an event its record's time and number, and what the settings say.
func (r *kafkaReader) finish(e *pipeline.Event, rec *kgo.Record, nth int64, into *[]*pipeline.Event) {
	if e.Time.IsZero() {
		e.Time = rec.Timestamp.UTC()
	}
	setNumber(e, recordNumber(rec))
	e.Origins[0].To += nth
	if r.in.decorate != "none" {
		m := map[string]any{"topic": rec.Topic, "consumer_group": r.in.group, "partition": int64(rec.Partition), "offset": rec.Offset,
			"key": nil, "timestamp": rec.Timestamp.UnixMilli()}
		if rec.Key != nil {
			m["key"] = string(rec.Key)
		}
		if r.in.decorate == "extended" {
			headers := map[string]any{}
			for _, h := range rec.Headers {
				headers[h.Key] = string(h.Value)
			}
			m["headers"] = headers
		}
		kafkaMetadata.Set(e, m)
	}
	r.in.common.decorate(e)
	*into = append(*into, e)
}

var kafkaMetadata = ref("[@metadata][kafka]")

// recordNumber follows from a record's place: records of one partition have numbers in
// their order, those of up to 64 partitions never the same one.
func recordNumber(rec *kgo.Record) int64 {
	place := uint64(rec.Partition) + xxhash.Sum64String(rec.Topic)
	return rec.Offset<<6 | int64(place&63)
}

func (r *kafkaReader) progress(tp topicPartition, c *codec.Codec) *progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.parts[tp]
	if p == nil {
		p = &progress{decoder: c.Decoder()}
		r.parts[tp] = p
	}
	return p
}

// revoked commits what is done before others get the partitions.
func (r *kafkaReader) revoked(ctx context.Context, cl *kgo.Client, gone map[string][]int32) {
	if err := cl.CommitMarkedOffsets(ctx); err != nil {
		r.in.env.log.Warn("offsets were not committed, others may read records again", "error", err)
	}
	r.lost(ctx, cl, gone)
}

func (r *kafkaReader) lost(_ context.Context, _ *kgo.Client, gone map[string][]int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for topic, partitions := range gone {
		for _, n := range partitions {
			if p := r.parts[topicPartition{topic, n}]; p != nil {
				p.drop()
				delete(r.parts, topicPartition{topic, n})
			}
		}
	}
}

const commitTimeout = 5 * time.Second

// close leaves the group; what is under way is committed by nobody and comes again.
func (r *kafkaReader) close() {
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	if err := r.client.CommitMarkedOffsets(ctx); err != nil {
		r.in.env.log.Warn("offsets were not committed, records may come again", "error", err)
	}
	r.client.Close()
}

// progress is how far a partition is done: batches end in any order, offsets are
// committed in theirs.
type progress struct {
	decoder codec.Decoder

	mu      sync.Mutex
	open    []*span
	dropped bool
}

// span is the part of a partition that one batch has.
type span struct {
	of   *progress
	last *kgo.Record
	done bool
}

func (p *progress) begin(last *kgo.Record) *span {
	p.mu.Lock()
	defer p.mu.Unlock()
	// The record's value need not be held for its offset.
	s := &span{of: p, last: &kgo.Record{Topic: last.Topic, Partition: last.Partition, Offset: last.Offset, LeaderEpoch: last.LeaderEpoch}}
	p.open = append(p.open, s)
	return s
}

// end returns the record up to which everything is done now, nil if nothing new is.
func (p *progress) end(s *span) *kgo.Record {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.done = true
	var last *kgo.Record
	for len(p.open) > 0 && p.open[0].done {
		last = p.open[0].last
		p.open = p.open[1:]
	}
	if p.dropped {
		return nil
	}
	return last
}

// drop forgets a partition that others have now.
func (p *progress) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dropped = true
}
