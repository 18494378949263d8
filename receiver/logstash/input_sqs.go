package logstash

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/minio/minio-go/v7"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// sqsQueue receives messages and deletes them when they are done.
type sqsQueue struct {
	env    *env
	access awsAccess
	name   string
	owner  string
	wait   int32 // seconds
}

func readSQS(s *logstash.Settings, v *env) sqsQueue {
	s.Required("queue")
	a := readAWS(s, v)
	if e := s.String("sqs_endpoint", ""); e != "" {
		a.endpoint = e
	}
	return sqsQueue{v, a, s.String("queue", ""), s.String("queue_owner_aws_account_id", ""), int32(min(max(s.Int("polling_frequency", 20), 0), 20))}
}

func (sq *sqsQueue) client(ctx context.Context) (*sqs.Client, error) {
	opts := []func(*awsconfig.LoadOptions) error{awsconfig.WithRegion(sq.access.region)}
	if sq.access.key != "" {
		opts = append(opts, awsconfig.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(sq.access.key, sq.access.secret, sq.access.token)))
	}
	cfg, err := awsconfig.LoadDefaultConfig(ctx, opts...)
	if err != nil {
		return nil, fmt.Errorf("sqs: %w", err)
	}
	return sqs.NewFromConfig(cfg, func(o *sqs.Options) {
		if sq.access.endpoint != "" {
			o.BaseEndpoint = aws.String(sq.access.endpoint)
		}
	}), nil
}

// run receives until ctx is done. take handles messages and calls done for each that may
// be deleted.
func (sq *sqsQueue) run(ctx context.Context, take func(ctx context.Context, m types.Message, done func()) error) error {
	c, err := sq.client(ctx)
	if err != nil {
		return err
	}
	in := &sqs.GetQueueUrlInput{QueueName: aws.String(sq.name)}
	if sq.owner != "" {
		in.QueueOwnerAWSAccountId = aws.String(sq.owner)
	}
	address := sq.name
	if !strings.Contains(address, "://") {
		q, err := c.GetQueueUrl(ctx, in)
		if err != nil {
			return ended(ctx, fmt.Errorf("sqs: %w", err))
		}
		address = aws.ToString(q.QueueUrl)
	}
	for {
		out, err := c.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &address, MaxNumberOfMessages: 10, WaitTimeSeconds: sq.wait,
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll}, MessageAttributeNames: []string{"All"}})
		if err != nil {
			return ended(ctx, fmt.Errorf("sqs: %w", err))
		}
		sq.env.health.works()
		for _, m := range out.Messages {
			if err := take(ctx, m, func() { sq.remove(c, address, m) }); err != nil {
				return ended(ctx, err)
			}
		}
	}
}

const sqsTime = 10 * time.Second

func (sq *sqsQueue) remove(c *sqs.Client, address string, m types.Message) {
	ctx, cancel := context.WithTimeout(context.Background(), sqsTime)
	defer cancel()
	if _, err := c.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &address, ReceiptHandle: m.ReceiptHandle}); err != nil {
		sq.env.health.failed(fmt.Errorf("sqs: a message that is stored may come again: %w", err))
	}
}

// sqsInput makes events of messages. A message is deleted when its events are where the
// pipeline brings them. Its events are at the time that it was sent.
type sqsInput struct {
	common
	sqsQueue
	id, md5, sent logstash.Ref
}

func newSQSInput(s *logstash.Settings, v *env) (input, error) {
	i := &sqsInput{common: readCommon(s, v, "json"), sqsQueue: readSQS(s, v)}
	optional := func(name string) logstash.Ref {
		if s.String(name, "") == "" {
			return logstash.Ref{}
		}
		return s.Ref(name, "")
	}
	i.id, i.md5, i.sent = optional("id_field"), optional("md5_field"), optional("sent_timestamp_field")
	s.Known("threads")
	return i, requireDecoder(s, &i.common)
}

// run implements input.
func (i *sqsInput) run(ctx context.Context, q *queue) error {
	return i.sqsQueue.run(ctx, func(ctx context.Context, m types.Message, done func()) error {
		b := batch{size: len(aws.ToString(m.Body)), done: done}
		sent := sentAt(m)
		n := int64(hash(aws.ToString(m.MessageId)) >> 1)
		emit := func(e *pipeline.Event) {
			if e.Time.IsZero() && !sent.IsZero() {
				e.Time = sent
			}
			setNumber(e, n)
			e.Origins[0].To += int64(len(b.events))
			for _, f := range []struct {
				ref   logstash.Ref
				value any
			}{{i.id, aws.ToString(m.MessageId)}, {i.md5, aws.ToString(m.MD5OfBody)}, {i.sent, sent}} {
				if !f.ref.IsZero() {
					f.ref.Set(e, f.value)
				}
			}
			i.decorate(e)
			b.events = append(b.events, e)
		}
		d := i.codec.Decoder()
		d.Decode([]byte(aws.ToString(m.Body)), emit)
		d.Flush(emit)
		return q.push(ctx, b)
	})
}

func sentAt(m types.Message) time.Time {
	ms, err := strconv.ParseInt(m.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)], 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// s3SQSInput reads the objects that a queue's notifications name: those of S3, bare or
// through SNS.
type s3SQSInput struct {
	objectReader
	sqsQueue
	objects awsAccess
	after   backup
}

func newS3SQSInput(s *logstash.Settings, v *env) (input, error) {
	i := &s3SQSInput{objectReader: readObjects(s, v, "plain"), sqsQueue: readSQS(s, v), after: readBackup(s)}
	i.after.delete = s.Bool("s3_delete", i.after.delete) || s.Bool("delete_on_success", false)
	i.objects = i.access
	i.objects.endpoint = s.String("s3_endpoint", s.String("endpoint", ""))
	s.Known("from_sns", "temporary_directory", "sqs_skip_delete", "visibility_timeout", "max_processing_time", "consumer_threads", "s3_options_by_bucket",
		"s3_default_options", "sns_topic", "type_by_folder", "set_role_by_bucket", "set_codec_by_folder")
	return i, nil
}

// run implements input.
func (i *s3SQSInput) run(ctx context.Context, q *queue) error {
	c, err := i.objects.s3()
	if err != nil {
		return err
	}
	return i.sqsQueue.run(ctx, func(ctx context.Context, m types.Message, done func()) error {
		objects, err := notified(aws.ToString(m.Body))
		if err != nil {
			i.objectReader.env.unreadable("malformed")
			done() // it would come again for ever
			return nil
		}
		for _, o := range objects {
			err := i.read(ctx, c, o, q)
			if minio.ToErrorResponse(errors.Unwrap(err)).Code == "NoSuchKey" {
				i.objectReader.env.unreadable("no_such_object")
				continue
			}
			if err == nil {
				err = i.after.run(ctx, c, o)
			}
			if err != nil {
				return err
			}
		}
		done()
		return nil
	})
}

// notified reads a notification of S3.
func notified(body string) ([]object, error) {
	var n struct {
		Type    string
		Message string
		Event   string
		Records []struct {
			EventName string `json:"eventName"`
			S3        struct {
				Bucket struct {
					Name string `json:"name"`
				} `json:"bucket"`
				Object struct {
					Key  string `json:"key"`
					Size int64  `json:"size"`
				} `json:"object"`
			} `json:"s3"`
		}
	}
	if err := json.Unmarshal([]byte(body), &n); err != nil {
		return nil, fmt.Errorf("read notification: %w", err)
	}
	if n.Message != "" && n.Records == nil { // wrapped by SNS
		if err := json.Unmarshal([]byte(n.Message), &n); err != nil {
			return nil, fmt.Errorf("read notification: %w", err)
		}
	}
	if n.Event == "s3:TestEvent" {
		return nil, nil
	}
	if n.Records == nil {
		return nil, errors.New("a message is no notification of S3")
	}
	var out []object
	for _, r := range n.Records {
		if !strings.HasPrefix(strings.TrimPrefix(r.EventName, "s3:"), "ObjectCreated") {
			continue
		}
		key, err := url.QueryUnescape(r.S3.Object.Key)
		if err != nil || r.S3.Bucket.Name == "" || key == "" {
			return nil, errors.New("a notification names no object")
		}
		out = append(out, object{bucket: r.S3.Bucket.Name, key: key, size: r.S3.Object.Size})
	}
	return out, nil
}
