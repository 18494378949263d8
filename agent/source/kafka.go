package source

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/pharosd/pharos/agent/conf"
	"github.com/pharosd/pharos/agent/feed"
	"github.com/pharosd/pharos/agent/ship"
)

// maxPolled bounds the records that are taken at once.
const maxPolled = 2000

// sameTopic is how far behind what the queue has a partition may begin and still be the
// one that it was: commits are behind the queue by moments. A partition that begins
// earlier was made anew.
const sameTopic = 1_000_000

// Kafka is a consumer group. Offsets are committed when the queue has the records; what
// the queue has is remembered in it too, so that a process that was killed between the
// two takes no record twice.
type Kafka struct {
	cfg    conf.KafkaConfig
	deps   Deps
	client *kgo.Client

	mu         sync.Mutex // guards what follows
	partitions map[topicPartition]*partition
	err        error
}

type topicPartition struct {
	topic     string
	partition int32
}

// NewKafka returns a consumer that has not joined yet.
func NewKafka(cfg conf.KafkaConfig, deps Deps) (*Kafka, error) {
	k := &Kafka{cfg: cfg, deps: deps, partitions: map[topicPartition]*partition{}}
	opts := []kgo.Opt{
		kgo.SeedBrokers(cfg.Brokers...), kgo.ConsumerGroup(cfg.GroupID), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.AutoCommitMarks(), kgo.AutoCommitInterval(time.Second), kgo.ClientID("pharos-agent"),
		kgo.FetchMaxBytes(8 << 20), kgo.FetchMaxPartitionBytes(1 << 20), kgo.BrokerMaxReadBytes(64 << 20), kgo.MaxConcurrentFetches(4),
		kgo.OnPartitionsRevoked(k.revoked), kgo.OnPartitionsLost(k.lost), kgo.BlockRebalanceOnPoll(),
	}
	opts = append(opts, topicOpts(cfg.Topics)...)
	switch cfg.Assignor {
	case "roundrobin":
		opts = append(opts, kgo.Balancers(kgo.RoundRobinBalancer()))
	case "sticky":
		opts = append(opts, kgo.Balancers(kgo.StickyBalancer()))
	default:
		opts = append(opts, kgo.Balancers(kgo.RangeBalancer()))
	}
	auth, err := kafkaAuth(cfg.Authentication)
	if err != nil {
		return nil, err
	}
	if k.client, err = kgo.NewClient(append(opts, auth...)...); err != nil {
		return nil, fmt.Errorf("kafka: %w", err)
	}
	return k, nil
}

// topicOpts name the topics: those that begin with ^ are expressions.
func topicOpts(topics []string) []kgo.Opt {
	expressions := false
	for _, t := range topics {
		expressions = expressions || strings.HasPrefix(t, "^")
	}
	if !expressions {
		return []kgo.Opt{kgo.ConsumeTopics(topics...)}
	}
	all := make([]string, len(topics))
	for i, t := range topics {
		if all[i] = t; !strings.HasPrefix(t, "^") {
			all[i] = "^" + regexp.QuoteMeta(t) + "$"
		}
	}
	return []kgo.Opt{kgo.ConsumeTopics(all...), kgo.ConsumeRegex()}
}

func kafkaAuth(c conf.KafkaAuthentication) ([]kgo.Opt, error) {
	var opts []kgo.Opt
	secure := c.TLS
	switch c.Type {
	case "", "none":
		return nil, nil
	case "sasl":
		user, password := c.SASL.User, c.SASL.Password
		switch c.SASL.Mechanism {
		case "SCRAM-SHA-256":
			opts = append(opts, kgo.SASL(scram.Auth{User: user, Pass: password}.AsSha256Mechanism()))
		case "SCRAM-SHA-512":
			opts = append(opts, kgo.SASL(scram.Auth{User: user, Pass: password}.AsSha512Mechanism()))
		default:
			opts = append(opts, kgo.SASL(plain.Auth{User: user, Pass: password}.AsMechanism()))
		}
		if !c.SASL.UseTLS {
			return opts, nil
		}
		secure = c.SASL.TLS
	}
	cfg, err := clientTLS(secure)
	if err != nil {
		return nil, fmt.Errorf("kafka: %w", err)
	}
	return append(opts, kgo.DialTLSConfig(cfg)), nil
}

// Run implements Source.
func (k *Kafka) Run(ctx context.Context) error {
	defer k.client.CloseAllowingRebalance()
	for {
		fetches := k.client.PollRecords(ctx, maxPolled)
		if ctx.Err() != nil || fetches.IsClientClosed() {
			k.commit(ctx)
			return nil
		}
		fetches.EachError(func(topic string, partition int32, err error) {
			k.deps.Metrics.problem(kafka)
			k.noteError(fmt.Errorf("topic %s partition %d: %w", topic, partition, err))
		})
		var err error
		fetches.EachRecord(func(r *kgo.Record) {
			if err == nil {
				err = k.take(ctx, r)
			}
		})
		if err == nil && !fetches.Empty() {
			err = k.deps.Feed.Tick(ctx)
		}
		k.client.AllowRebalance()
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// commit commits what the queue has, once more at the end.
func (k *Kafka) commit(ctx context.Context) {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := k.client.CommitMarkedOffsets(last); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		k.deps.Logger.Debug("kafka offsets are not committed", "error", err)
	}
}

func (k *Kafka) noteError(err error) {
	k.mu.Lock()
	fresh := k.err == nil || k.err.Error() != err.Error()
	k.err = err
	k.mu.Unlock()
	if fresh {
		k.deps.Logger.Warn("kafka cannot be read, trying again", "error", err)
	}
}

// take takes one record.
func (k *Kafka) take(ctx context.Context, r *kgo.Record) error {
	p := k.partition(r)
	if p.labels == nil {
		return nil
	}
	if p.has(r.Offset) {
		return nil
	}
	key := string(r.Key)
	if key == "" {
		key = "none"
	}
	own, _ := relabelled(map[string]string{"__meta_kafka_message_key": key}, k.deps.Relabel)
	line := feed.Line{Text: string(r.Value), Labels: merged(p.labels, own), Source: p.source, From: r.Offset, To: r.Offset + 1}
	if k.cfg.UseIncomingTimestamp {
		line.Time = r.Timestamp
	}
	p.setEpoch(r.LeaderEpoch)
	k.deps.Metrics.entry(kafka)
	return k.deps.Feed.Push(ctx, line)
}

// partition is that of a record, made when its first one comes.
func (k *Kafka) partition(r *kgo.Record) *partition {
	at := topicPartition{r.Topic, r.Partition}
	k.mu.Lock()
	p := k.partitions[at]
	k.mu.Unlock()
	if p != nil {
		return p
	}
	member, _ := k.client.GroupMetadata()
	discovered := map[string]string{
		"__meta_kafka_topic": r.Topic, "__meta_kafka_partition": strconv.Itoa(int(r.Partition)),
		"__meta_kafka_member_id": member, "__meta_kafka_group_id": k.cfg.GroupID,
	}
	labels, _ := relabelled(merged(discovered, k.cfg.Labels), k.deps.Relabel)
	p = &partition{kafka: k, at: at, discovered: discovered, labels: labels,
		key: Key(k.deps.Job, "kafka", k.cfg.GroupID, r.Topic, strconv.Itoa(int(r.Partition)))}
	if len(labels) == 0 {
		p.labels = nil
		k.deps.Logger.Warn("kafka partition is not read, it has no labels", "topic", r.Topic, "partition", r.Partition)
	}
	p.ranges.Low = r.Offset
	if s, ok := decodeOffsets(k.deps.States[p.key]); ok && s.Low >= r.Offset && s.Low-r.Offset < sameTopic {
		p.ranges = s
	}
	p.source = k.deps.Feed.Register(p)
	k.mu.Lock()
	k.partitions[at] = p
	k.mu.Unlock()
	return p
}

// revoked commits what the queue has of partitions that another consumer takes over.
func (k *Kafka) revoked(ctx context.Context, _ *kgo.Client, gone map[string][]int32) {
	_ = k.deps.Feed.Tick(ctx) // what cannot be kept now the other one reads
	k.commit(ctx)
	k.lost(ctx, nil, gone)
}

func (k *Kafka) lost(_ context.Context, _ *kgo.Client, gone map[string][]int32) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for topic, partitions := range gone {
		for _, n := range partitions {
			if p := k.partitions[topicPartition{topic, n}]; p != nil {
				k.deps.Feed.Forget(p.source)
				delete(k.partitions, p.at)
			}
		}
	}
}

// partition is the source of one partition's records.
type partition struct {
	kafka              *Kafka
	at                 topicPartition
	key                string
	source             uint64
	discovered, labels map[string]string

	mu     sync.Mutex // guards what follows
	ranges feed.Ranges
	epoch  int32 // of the leader of the last record
}

func (p *partition) setEpoch(epoch int32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.epoch = epoch
}

func (p *partition) has(offset int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ranges.From(offset) > offset
}

// Done implements feed.Source.
func (p *partition) Done(from, to int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ranges.Add(from, to)
}

// State implements feed.Source.
func (p *partition) State() (ship.State, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return ship.State{Key: p.key, Value: encodeOffsets(p.ranges)}, true
}

// Kept implements feed.Source: Kafka may forget the records now.
func (p *partition) Kept() {
	p.mu.Lock()
	low, epoch := p.ranges.Low, p.epoch
	p.mu.Unlock()
	p.kafka.client.MarkCommitRecords(&kgo.Record{Topic: p.at.topic, Partition: p.at.partition, Offset: low - 1, LeaderEpoch: epoch})
}

// Cursors implements Source: Promtail's Kafka positions are Kafka's own.
func (*Kafka) Cursors() map[string]string { return nil }

// Status implements Source.
func (k *Kafka) Status() []Status {
	k.mu.Lock()
	defer k.mu.Unlock()
	failed := ""
	if k.err != nil {
		failed = k.err.Error()
	}
	out := []Status{}
	for at, p := range k.partitions {
		p.mu.Lock()
		low := p.ranges.Low
		p.mu.Unlock()
		out = append(out, Status{Type: "Kafka", Ready: true, Labels: p.labels, Discovered: p.discovered, Details: map[string]string{
			"topic": at.topic, "partition": strconv.Itoa(int(at.partition)), "offset": strconv.FormatInt(low, 10), "error": failed}})
	}
	if len(out) == 0 {
		out = append(out, Status{Type: "Kafka", Labels: k.cfg.Labels, Details: map[string]string{"error": failed}})
	}
	return out
}
