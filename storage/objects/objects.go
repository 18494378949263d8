// Package objects opens object storage: a directory or a bucket that speaks S3.
// What it returns is objstore's Bucket, with names below the configured prefix.
//
// An upload is atomic: after a crash an object is there as it was before, whole as
// it was meant, or not at all. In a directory it is on disk when Upload returns.
package objects

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/go-kit/log"
	"github.com/thanos-io/objstore"
	"github.com/thanos-io/objstore/providers/s3"
)

// Kinds of storage.
const (
	Off       = ""
	Directory = "directory"
	S3        = "s3"
)

// Config says where objects are kept.
type Config struct {
	// Type is directory or s3; empty: there is no object storage.
	Type string `yaml:"type"`
	// Directory is the folder for type directory; put it on another disk.
	Directory string `yaml:"directory"`
	// Prefix goes before the name of every object.
	Prefix string `yaml:"prefix"`
	// Bucket, Endpoint (host or host:port) and Region say where the bucket of type s3
	// is.
	Bucket   string `yaml:"bucket"`
	Endpoint string `yaml:"endpoint"`
	Region   string `yaml:"region"`
	// AccessKey is who we are to the bucket. Without one the environment (AWS_...),
	// the AWS credentials file and the machine's role are asked, in this order.
	AccessKey string `yaml:"access_key"`
	// SecretKey belongs to AccessKey: write ${NAME} to take it from the environment.
	SecretKey string `yaml:"secret_key"`
	// SecretKeyFile is a file that has the secret key instead.
	SecretKeyFile string `yaml:"secret_key_file"`
	// Insecure speaks HTTP without TLS.
	Insecure bool `yaml:"insecure"`
	// PathStyle puts the bucket's name into the path instead of the host name.
	PathStyle bool `yaml:"path_style"`
	// SSE is the server-side encryption to ask for: SSE-S3, SSE-KMS or SSE-C; empty:
	// the bucket's own default.
	SSE string `yaml:"sse"`
	// SSEKMSKeyID is the key's name for SSE-KMS, SSEKeyFile a file with the 32 bytes of
	// the key for SSE-C.
	SSEKMSKeyID string `yaml:"sse_kms_key_id"`
	SSEKeyFile  string `yaml:"sse_key_file"`
}

// Enabled says whether there is storage at all.
func (c Config) Enabled() bool { return c.Type != Off }

// Validate says what is wrong with the settings, all at once.
func (c Config) Validate() error {
	var errs []error
	need := func(ok bool, text string) {
		if !ok {
			errs = append(errs, errors.New(text))
		}
	}
	switch c.Type {
	case Off:
	case Directory:
		need(c.Directory != "", "directory is missing")
	case S3:
		need(c.Bucket != "", "bucket is missing")
		need(c.Endpoint != "" && !strings.Contains(c.Endpoint, "/"), "endpoint must be a host or host:port, without a scheme")
		need(c.SecretKey == "" || c.SecretKeyFile == "", "secret_key and secret_key_file exclude each other")
		need((c.AccessKey == "") == (c.SecretKey == "" && c.SecretKeyFile == ""), "access_key and its secret go together")
		switch c.SSE {
		case "", s3.SSES3:
		case s3.SSEKMS:
			need(c.SSEKMSKeyID != "", "sse_kms_key_id is missing")
		case s3.SSEC:
			need(c.SSEKeyFile != "", "sse_key_file is missing")
			need(!c.Insecure, "SSE-C sends the key: it needs TLS")
		default:
			errs = append(errs, fmt.Errorf("sse %q is none of SSE-S3, SSE-KMS, SSE-C", c.SSE))
		}
	default:
		errs = append(errs, fmt.Errorf("type %q is none of directory, s3", c.Type))
	}
	for part := range strings.SplitSeq(strings.Trim(c.Prefix, "/"), "/") {
		need(part != "." && part != "..", "prefix must not have . or .. in it")
	}
	return errors.Join(errs...)
}

// Open returns the storage. It does not talk to it yet.
func Open(c Config) (objstore.Bucket, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("object storage: %w", err)
	}
	var b objstore.Bucket
	var err error
	switch c.Type {
	case Directory:
		b, err = openDirectory(c.Directory)
	case S3:
		b, err = openS3(c)
	default:
		err = errors.New("no type is configured")
	}
	if err != nil {
		return nil, fmt.Errorf("open object storage: %w", err)
	}
	if prefix := strings.Trim(c.Prefix, "/"); prefix != "" {
		b = objstore.NewPrefixedBucket(b, prefix)
	}
	return b, nil
}

func openS3(c Config) (objstore.Bucket, error) {
	cfg := s3.DefaultConfig
	cfg.PutUserMetadata = map[string]string{}
	cfg.Bucket, cfg.Endpoint, cfg.Region = c.Bucket, c.Endpoint, c.Region
	cfg.AccessKey, cfg.SecretKey, cfg.Insecure = c.AccessKey, c.SecretKey, c.Insecure
	if c.SecretKeyFile != "" {
		b, err := os.ReadFile(c.SecretKeyFile)
		if err != nil {
			return nil, fmt.Errorf("read secret key: %w", err)
		}
		cfg.SecretKey = strings.TrimSpace(string(b))
	}
	if c.PathStyle {
		cfg.BucketLookupType = s3.PathLookup
	}
	cfg.SSEConfig = s3.SSEConfig{Type: c.SSE, KMSKeyID: c.SSEKMSKeyID, EncryptionKey: c.SSEKeyFile}
	return s3.NewBucketWithConfig(log.NewNopLogger(), cfg, "pharos", nil)
}
