package logstash

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/pharosd/pharos/pipeline/logstash"
)

// s3Input reads the objects of a bucket as they appear, in the order of their last
// change. Its sincedb has the time of the last one that was read, as Logstash's has, and
// below it the keys of those with just that time.
type s3Input struct {
	objectReader
	access  awsAccess
	bucket  string
	prefix  string
	exclude *regexp.Regexp
	every   time.Duration
	watch   bool
	sincedb string
	after   backup
}

func newS3Input(s *logstash.Settings, v *env) (input, error) {
	s.Required("bucket")
	i := &s3Input{objectReader: readObjects(s, v, "plain"), access: readAWS(s, v), bucket: s.String("bucket", ""), prefix: s.String("prefix", ""),
		every: s.Duration("interval", time.Minute), watch: s.Bool("watch_for_new_files", true), after: readBackup(s)}
	if pattern := s.String("exclude_pattern", ""); pattern != "" {
		var err error
		if i.exclude, err = regexp.Compile(pattern); err != nil {
			s.Errorf("exclude_pattern", "%v", err)
		}
	}
	name := fmt.Sprintf("sincedb_%016x", hash(i.bucket+"\x00"+i.prefix))
	i.sincedb = v.path(s.String("sincedb_path", filepath.Join(v.state, "s3", name)))
	s.Known("temporary_directory")
	return i, nil
}

// run implements input.
func (i *s3Input) run(ctx context.Context, q *queue) error {
	c, err := i.access.s3()
	if err != nil {
		return err
	}
	since, err := readSince(i.sincedb)
	if err != nil {
		return err
	}
	for {
		if err := i.poll(ctx, c, q, since); err != nil {
			return ended(ctx, err)
		}
		i.env.health.works()
		if !i.watch || !wait(ctx, i.every) {
			return nil
		}
	}
}

func (i *s3Input) poll(ctx context.Context, c *minio.Client, q *queue, since *sinceTime) error {
	var found []object
	for info := range c.ListObjects(ctx, i.bucket, minio.ListObjectsOptions{Prefix: i.prefix, Recursive: true}) {
		if info.Err != nil {
			return fmt.Errorf("list s3://%s/%s: %w", i.bucket, i.prefix, info.Err)
		}
		o := object{i.bucket, info.Key, info.LastModified, info.Size}
		if strings.HasSuffix(o.key, "/") || o.size == 0 || since.has(o) || i.exclude != nil && i.exclude.MatchString(o.key) || i.isBackup(o) {
			continue
		}
		found = append(found, o)
	}
	slices.SortFunc(found, func(a, b object) int {
		if d := a.modified.Compare(b.modified); d != 0 {
			return d
		}
		return strings.Compare(a.key, b.key)
	})
	for _, o := range found {
		if err := i.read(ctx, c, o, q); err != nil {
			return err
		}
		if err := i.after.run(ctx, c, o); err != nil {
			return err
		}
		if err := since.add(i.sincedb, o); err != nil {
			return err
		}
	}
	return nil
}

// isBackup says whether an object is one that we put there.
func (i *s3Input) isBackup(o object) bool {
	return i.after.bucket == i.bucket && i.after.prefix != "" && strings.HasPrefix(o.key, i.after.prefix)
}

// sinceTime is up to which time objects were read.
type sinceTime struct {
	at   time.Time
	keys map[string]bool // of those with just this time
}

const sinceLayout = "2006-01-02 15:04:05 MST"

func readSince(path string) (*sinceTime, error) {
	s := &sinceTime{keys: map[string]bool{}}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("sincedb: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, layout := range []string{time.RFC3339Nano, sinceLayout, "2006-01-02 15:04:05 -0700"} {
		if s.at, err = time.Parse(layout, strings.TrimSpace(lines[0])); err == nil {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("sincedb %s: %w", path, err)
	}
	for _, key := range lines[1:] {
		s.keys[key] = true
	}
	return s, nil
}

func (s *sinceTime) has(o object) bool {
	return o.modified.Before(s.at) || o.modified.Equal(s.at) && (s.keys[o.key] || len(s.keys) == 0)
}

func (s *sinceTime) add(path string, o object) error {
	if !o.modified.Equal(s.at) {
		s.at, s.keys = o.modified, map[string]bool{}
	}
	s.keys[o.key] = true
	text := s.at.UTC().Format(time.RFC3339Nano)
	for key := range s.keys {
		text += "\n" + key
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("sincedb: %w", err)
	}
	return replaceFile(path, text+"\n")
}
