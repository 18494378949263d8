package logstash

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/codec"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// s3Output gathers events in files and uploads each when it is large or old enough. The
// files lie in the pipeline's state: what a crash leaves there is uploaded at the next
// start.
type s3Output struct {
	env      *env
	codec    *codec.Codec
	access   awsAccess
	bucket   string
	prefix   *logstash.Template
	tags     []string
	dir      string
	size     int64
	age      time.Duration
	gzip     bool
	class    string
	restored bool

	mu     sync.Mutex
	client *minio.Client
	parts  map[string]*s3Part
	number int
}

// s3Part is a file that is being gathered. Its folder's name is its prefix.
type s3Part struct {
	file  *os.File
	name  string
	size  int64
	begun time.Time
}

// maxParts bounds how many prefixes are gathered for at a time.
const maxParts = 128

func newS3Output(s *logstash.Settings, v *env) (output, error) {
	s.Required("bucket")
	o := &s3Output{env: v, codec: readCodec(s, v, "line"), access: readAWS(s, v), bucket: s.String("bucket", ""), prefix: s.Template("prefix", ""), tags: s.Strings("tags"),
		dir: filepath.Join(v.state, "s3-output", fileName(v.plugin)), size: s.Bytes("size_file", 5<<20), age: time.Duration(s.Float("time_file", 15) * float64(time.Minute)),
		gzip: s.Enum("encoding", "none", "none", "gzip") == "gzip", class: s.String("storage_class", "STANDARD"), parts: map[string]*s3Part{}}
	if dir := s.String("temporary_directory", ""); dir != "" {
		o.dir = filepath.Join(v.path(dir), fileName(v.pipeline+v.plugin))
	}
	switch s.Enum("rotation_strategy", "size_and_time", "size_and_time", "size", "time") {
	case "size":
		o.age = 0
	case "time":
		o.size = 0
	}
	s.Known("restore", "upload_workers_count", "upload_queue_size", "upload_multipart_threshold", "validate_credentials_on_root_bucket", "canned_acl",
		"server_side_encryption", "server_side_encryption_algorithm", "ssekms_key_id", "retry_count", "retry_delay", "workers")
	if !o.codec.Encodes() {
		s.Errorf("codec", "%s does not write", o.codec.Name)
	}
	return o, nil
}

// write implements output: events are taken when they are in a file.
func (o *s3Output) write(ctx context.Context, events []*pipeline.Event) ([]*pipeline.Event, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.ready(ctx); err != nil {
		return events, err
	}
	if err := o.rotate(ctx, false); err != nil {
		return events, err
	}
	for i, e := range events {
		b, err := o.codec.Encode(nil, e)
		if err != nil {
			o.env.deadLetter(e, "malformed", err.Error())
			continue
		}
		if o.codec.Name == "json" {
			b = append(b, '\n')
		}
		p, err := o.part(ctx, cleanPrefix(o.prefix.Expand(e)))
		if err == nil {
			_, err = p.file.Write(b)
		}
		if err != nil {
			return events[i:], fmt.Errorf("s3: %w", err)
		}
		p.size += int64(len(b))
	}
	return nil, o.rotate(ctx, false)
}

// cleanPrefix keeps what comes from fields within the bucket's names and our folder.
func cleanPrefix(prefix string) string {
	parts := strings.FieldsFunc(strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune("^`><\\\"*?|:", r) {
			return '_'
		}
		return r
	}, prefix), func(r rune) bool { return r == '/' })
	out := parts[:0]
	for _, p := range parts {
		if p != "." && p != ".." {
			out = append(out, p[:min(len(p), 200)])
		}
	}
	return strings.Join(out[:min(len(out), 16)], "/")
}

// ready connects and uploads what an earlier run left.
func (o *s3Output) ready(ctx context.Context) error {
	if o.client == nil {
		c, err := o.access.s3()
		if err != nil {
			return fmt.Errorf("s3: %w", err)
		}
		o.client = c
	}
	if o.restored {
		return nil
	}
	err := filepath.WalkDir(o.dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && d.IsDir() {
			return nil
		}
		if err != nil {
			return err
		}
		return o.upload(ctx, path)
	})
	o.restored = err == nil
	return err
}

func (o *s3Output) part(ctx context.Context, prefix string) (*s3Part, error) {
	if p := o.parts[prefix]; p != nil {
		return p, nil
	}
	if len(o.parts) >= maxParts {
		if err := o.rotate(ctx, true); err != nil {
			return nil, err
		}
	}
	dir := filepath.Join(o.dir, filepath.FromSlash(prefix))
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	now := o.env.deps.Now().UTC()
	o.number++
	name := fmt.Sprintf("ls.s3.%016x.%s%s.part%d.txt", uint64(now.UnixNano()), now.Format("2006-01-02T15.04"), tagPart(o.tags), o.number)
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err != nil {
		return nil, err
	}
	p := &s3Part{file: f, name: f.Name(), begun: now}
	o.parts[prefix] = p
	return p, nil
}

func tagPart(tags []string) string {
	if len(tags) == 0 {
		return ""
	}
	return ".tag_" + fileName(strings.Join(tags, "."))
}

// rotate uploads the files that are large or old enough, or all.
func (o *s3Output) rotate(ctx context.Context, all bool) error {
	now := o.env.deps.Now()
	for prefix, p := range o.parts {
		if p.size == 0 || !all && (o.size <= 0 || p.size < o.size) && (o.age <= 0 || now.Sub(p.begun) < o.age) {
			continue
		}
		if p.file != nil {
			if err := p.file.Close(); err != nil {
				return fmt.Errorf("s3: %w", err)
			}
			p.file = nil
		}
		delete(o.parts, prefix)
		if err := o.upload(ctx, p.name); err != nil {
			o.restored = false // it lies there: the next write tries again
			return err
		}
	}
	return nil
}

// upload brings a file to the bucket and deletes it.
func (o *s3Output) upload(ctx context.Context, path string) error {
	below, err := filepath.Rel(o.dir, path)
	if err != nil {
		return fmt.Errorf("s3: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("s3: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("s3: %w", err)
	}
	if info.Size() == 0 {
		return os.Remove(path)
	}
	key, size := filepath.ToSlash(below), info.Size()
	var body io.Reader = f
	opts := minio.PutObjectOptions{StorageClass: o.class, ContentType: "text/plain"}
	if o.gzip {
		key, size = key+".gz", -1
		opts.ContentEncoding = "gzip"
		r, w := io.Pipe()
		go func() {
			z := gzip.NewWriter(w)
			_, err := io.Copy(z, f)
			w.CloseWithError(errors.Join(err, z.Close()))
		}()
		defer r.Close()
		body = r
	}
	if _, err := o.client.PutObject(ctx, o.bucket, key, body, size, opts); err != nil {
		return fmt.Errorf("upload to s3://%s/%s: %w", o.bucket, key, err)
	}
	return os.Remove(path)
}

// uploadTime bounds the last uploads of a pipeline that stops.
const uploadTime = 8 * time.Second

func (o *s3Output) close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.client == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), uploadTime)
	defer cancel()
	return o.rotate(ctx, true)
}
