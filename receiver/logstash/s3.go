package logstash

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// awsAccess is who we are and where the services are.
type awsAccess struct {
	region, endpoint, key, secret, token, profileFile string
	pathStyle                                         bool
}

func readAWS(s *logstash.Settings, v *env) awsAccess {
	a := awsAccess{region: s.String("region", "us-east-1"), endpoint: s.String("endpoint", ""), key: s.String("access_key_id", ""),
		secret: s.String("secret_access_key", ""), token: s.String("session_token", ""), profileFile: s.String("aws_credentials_file", "")}
	for _, p := range s.Hash("additional_settings") {
		if p.Key == "force_path_style" {
			a.pathStyle = logstash.Text(p.Value) == "true"
		}
	}
	s.Known("use_ssl", "proxy_uri", "role_session_name", "use_aws_bundled_ca")
	s.Unsupported("role_arn", "give the machine the role, or put its credentials in the environment")
	if a.endpoint != "" {
		u, err := url.Parse(a.endpoint)
		if err != nil || u.Host == "" {
			s.Errorf("endpoint", "%q is no address such as https://s3.example.org", a.endpoint)
			return a
		}
		u.Host = v.address(u.Host)
		a.endpoint = u.String()
	}
	return a
}

// s3 returns a client of object storage.
func (a awsAccess) s3() (*minio.Client, error) {
	host, secure := "s3."+a.region+".amazonaws.com", true
	if a.endpoint != "" {
		u, err := url.Parse(a.endpoint)
		if err != nil {
			return nil, err
		}
		host, secure = u.Host, u.Scheme == "https"
	}
	chain := []credentials.Provider{&credentials.EnvAWS{}, &credentials.FileAWSCredentials{Filename: a.profileFile}, &credentials.IAM{}}
	c := credentials.NewChainCredentials(chain)
	if a.key != "" {
		c = credentials.NewStaticV4(a.key, a.secret, a.token)
	}
	lookup := minio.BucketLookupAuto
	if a.pathStyle {
		lookup = minio.BucketLookupPath
	}
	return minio.New(host, &minio.Options{Creds: c, Secure: secure, Region: a.region, BucketLookup: lookup, MaxRetries: 3})
}

// object is one that is read.
type object struct {
	bucket, key string
	modified    time.Time
	size        int64
}

// objectReader makes events of objects. The lines of an object are events at the time of
// its last change, so that an object that is read again, after a crash, makes the same.
type objectReader struct {
	common
	env   *env
	gzip  *regexp.Regexp
	props bool
}

func readObjects(s *logstash.Settings, v *env, def string) objectReader {
	r := objectReader{common: readCommon(s, v, def), env: v, props: s.Bool("include_object_properties", false)}
	var err error
	if r.gzip, err = regexp.Compile(s.String("gzip_pattern", `\.gz(ip)?$`)); err != nil {
		s.Errorf("gzip_pattern", "%v", err)
	}
	_ = requireDecoder(s, &r.common)
	return r
}

var (
	s3Key   = ref("[@metadata][s3][key]")
	s3Meta  = ref("[@metadata][s3]")
	ecsPath = ref("[@metadata][s3][bucket]")
)

// read hands an object's events over and returns when they are where the pipeline brings
// them.
func (r *objectReader) read(ctx context.Context, c *minio.Client, o object, q *queue) error {
	body, err := c.GetObject(ctx, o.bucket, o.key, minio.GetObjectOptions{})
	if err != nil {
		return fmt.Errorf("read s3://%s/%s: %w", o.bucket, o.key, err)
	}
	defer body.Close()
	if o.modified.IsZero() {
		info, err := body.Stat()
		if err != nil {
			return fmt.Errorf("read s3://%s/%s: %w", o.bucket, o.key, err)
		}
		o.modified, o.size = info.LastModified, info.Size
	}
	in := newBuffered(body)
	var lines io.Reader = in
	if magic, _ := in.Peek(2); r.gzip.MatchString(o.key) && bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		if lines, err = gzip.NewReader(in); err != nil {
			return fmt.Errorf("read s3://%s/%s: %w", o.bucket, o.key, err)
		}
	}
	n := int64(hash(o.bucket+"/"+o.key)%1e6) * cloneStep
	// The pieces are handed over one after the other; the last is done when all are.
	all := newPieces()
	s := stream{common: r.common, env: r.env, r: lines, finish: func(e *pipeline.Event) {
		if e.Time.IsZero() {
			e.Time = o.modified.UTC().Truncate(time.Millisecond)
		}
		setNumber(e, n)
		n++
		s3Key.Set(e, o.key)
		ecsPath.Set(e, o.bucket)
		if r.props {
			s3Meta.Set(e, map[string]any{"key": o.key, "bucket": o.bucket, "last_modified": o.modified.UTC(), "content_length": o.size})
		}
	}}
	if err := s.run(ctx, all.of(q)); err != nil {
		return fmt.Errorf("read s3://%s/%s: %w", o.bucket, o.key, err)
	}
	return all.wait(ctx)
}

// backup is what is done with objects that were read.
type backup struct {
	bucket, prefix, dir string
	delete              bool
}

func readBackup(s *logstash.Settings) backup {
	b := backup{bucket: s.String("backup_to_bucket", ""), prefix: s.String("backup_add_prefix", ""), dir: s.String("backup_to_dir", ""), delete: s.Bool("delete", false)}
	return b
}

func (b backup) run(ctx context.Context, c *minio.Client, o object) error {
	if b.bucket != "" {
		_, err := c.CopyObject(ctx, minio.CopyDestOptions{Bucket: b.bucket, Object: b.prefix + o.key}, minio.CopySrcOptions{Bucket: o.bucket, Object: o.key})
		if err != nil {
			return fmt.Errorf("back up s3://%s/%s: %w", o.bucket, o.key, err)
		}
	}
	if b.dir != "" {
		// Keys have slashes; what is stored is one file each, within the folder.
		name := strings.NewReplacer("/", "_", "\\", "_", "\x00", "_").Replace(o.key)
		if err := c.FGetObject(ctx, o.bucket, o.key, strings.TrimRight(b.dir, "/")+"/"+name, minio.GetObjectOptions{}); err != nil {
			return fmt.Errorf("back up s3://%s/%s: %w", o.bucket, o.key, err)
		}
	}
	if b.delete {
		if err := c.RemoveObject(ctx, o.bucket, o.key, minio.RemoveObjectOptions{}); err != nil {
			return fmt.Errorf("delete s3://%s/%s: %w", o.bucket, o.key, err)
		}
	}
	return nil
}
