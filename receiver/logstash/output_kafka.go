package logstash

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"errors"
	"sync"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/codec"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// kafkaOutput produces a record of each event.
type kafkaOutput struct {
	env   *env
	codec *codec.Codec
	topic *logstash.Template
	key   *logstash.Template // nil: none
	opts  []kgo.Opt

	mu     sync.Mutex
	client *kgo.Client
}

func newKafkaOutput(s *logstash.Settings, v *env) (output, error) {
	s.Required("topic_id")
	o := &kafkaOutput{env: v, codec: readCodec(s, v, "plain"), topic: s.Template("topic_id", ""), opts: readKafka(s, v)}
	if s.Has("message_key") {
		o.key = s.Template("message_key", "")
	}
	switch s.Enum("acks", "1", "0", "1", "all", "-1") {
	case "0":
		o.opts = append(o.opts, kgo.RequiredAcks(kgo.NoAck()), kgo.DisableIdempotentWrite())
	case "1":
		o.opts = append(o.opts, kgo.RequiredAcks(kgo.LeaderAck()), kgo.DisableIdempotentWrite())
	}
	switch s.Enum("compression_type", "none", "none", "gzip", "snappy", "lz4", "zstd") {
	case "gzip":
		o.opts = append(o.opts, kgo.ProducerBatchCompression(kgo.GzipCompression()))
	case "snappy":
		o.opts = append(o.opts, kgo.ProducerBatchCompression(kgo.SnappyCompression()))
	case "lz4":
		o.opts = append(o.opts, kgo.ProducerBatchCompression(kgo.Lz4Compression()))
	case "zstd":
		o.opts = append(o.opts, kgo.ProducerBatchCompression(kgo.ZstdCompression()))
	case "none":
		o.opts = append(o.opts, kgo.ProducerBatchCompression(kgo.NoCompression()))
	}
	o.opts = append(o.opts, kgo.ProducerLinger(time.Duration(s.Int("linger_ms", 0))*time.Millisecond), kgo.ProducerBatchMaxBytes(int32(min(s.Int("max_request_size", 1<<20), 64<<20))),
		kgo.RecordDeliveryTimeout(time.Minute), kgo.AllowAutoTopicCreation())
	s.Known("batch_size", "buffer_memory", "retries", "metadata_fetch_timeout_ms", "partitioner", "message_headers", "workers", "enable_metric")
	if !o.codec.Encodes() {
		s.Errorf("codec", "%s does not write", o.codec.Name)
	}
	return o, nil
}

// write implements output.
func (o *kafkaOutput) write(ctx context.Context, events []*pipeline.Event) ([]*pipeline.Event, error) {
	cl, err := o.connect()
	if err != nil {
		return events, err
	}
	var records []*kgo.Record
	of := map[*kgo.Record]*pipeline.Event{}
	for _, e := range events {
		value, err := o.codec.Encode(nil, e)
		if err != nil {
			o.env.deadLetter(e, "malformed", err.Error())
			continue
		}
		rec := &kgo.Record{Topic: o.topic.Expand(e), Value: value}
		if o.key != nil {
			rec.Key = []byte(o.key.Expand(e))
		}
		records = append(records, rec)
		of[rec] = e
	}
	var left []*pipeline.Event
	for _, r := range cl.ProduceSync(ctx, records...) {
		switch {
		case r.Err == nil:
		case errors.Is(r.Err, kerr.MessageTooLarge), errors.Is(r.Err, kerr.InvalidTopicException):
			o.env.deadLetter(of[r.Record], "refused", r.Err.Error())
		default:
			left = append(left, of[r.Record])
			err = fmt.Errorf("produce: %w", r.Err)
		}
	}
	return left, err
}

func (o *kafkaOutput) connect() (*kgo.Client, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.client == nil {
		cl, err := kgo.NewClient(o.opts...)
		if err != nil {
			return nil, fmt.Errorf("kafka: %w", err)
		}
		o.client = cl
	}
	return o.client, nil
}

func (o *kafkaOutput) close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.client != nil {
		o.client.Close()
	}
	return nil
}
