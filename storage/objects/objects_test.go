package objects

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/thanos-io/objstore"
)

// s3Server is an S3 server on this machine with one empty bucket, "logs".
func s3Server(t *testing.T) Config {
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket("logs"))
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("secret\n"), 0o600))
	return Config{
		Type: S3, Bucket: "logs", Endpoint: strings.TrimPrefix(server.URL, "http://"), Region: "eu-central-1",
		AccessKey: "key", SecretKeyFile: secret, Insecure: true, PathStyle: true, Prefix: "a/b",
	}
}

func TestStorage(t *testing.T) {
	configs := map[string]Config{
		Directory: {Type: Directory, Directory: t.TempDir(), Prefix: "/a/b/"},
		S3:        s3Server(t),
	}
	for name, c := range configs {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			b, err := Open(c)
			require.NoError(t, err)
			_, err = b.Get(ctx, "x/none")
			require.Error(t, err)
			assert.True(t, b.IsObjNotFoundErr(err), "%v", err)
			for _, content := range []string{"first", "the second, longer", "3"} {
				require.NoError(t, b.Upload(ctx, "x/y/object", strings.NewReader(content)))
				assert.Equal(t, content, get(t, b, "x/y/object"))
			}
			large := bytes.Repeat([]byte("0123456789"), 700_000)
			require.NoError(t, b.Upload(ctx, "x/large", bytes.NewReader(large)))
			r, err := b.GetRange(ctx, "x/large", 5_000_003, 4)
			require.NoError(t, err)
			part, err := io.ReadAll(r)
			require.NoError(t, errors.Join(err, r.Close()))
			assert.Equal(t, "3456", string(part))
			attributes, err := b.Attributes(ctx, "x/large")
			require.NoError(t, err)
			assert.EqualValues(t, len(large), attributes.Size)

			var names []string
			require.NoError(t, b.Iter(ctx, "x/", func(n string) error { names = append(names, n); return nil }, objstore.WithRecursiveIter()))
			assert.ElementsMatch(t, []string{"x/large", "x/y/object"}, names)
			require.NoError(t, b.Delete(ctx, "x/large"))
			_, err = b.Get(ctx, "x/large")
			assert.True(t, b.IsObjNotFoundErr(err), "%v", err)
		})
	}
}

func get(t *testing.T, b objstore.Bucket, name string) string {
	r, err := b.Get(t.Context(), name)
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, errors.Join(err, r.Close()))
	return string(text)
}

// An upload that breaks off leaves the object as it was.
func TestDirectoryKeepsWhatAnUploadDidNotReplace(t *testing.T) {
	dir := t.TempDir()
	b, err := Open(Config{Type: Directory, Directory: dir})
	require.NoError(t, err)
	require.NoError(t, b.Upload(t.Context(), "x/object", strings.NewReader("whole")))
	broken := io.MultiReader(strings.NewReader("ha"), failing{})
	require.ErrorContains(t, b.Upload(t.Context(), "x/object", broken), "broken off")
	assert.Equal(t, "whole", get(t, b, "x/object"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, b.Upload(ctx, "x/object", strings.NewReader("late")))
	// What a killed process leaves is not listed.
	require.NoError(t, os.WriteFile(filepath.Join(dir, "x", temporary+"123"), []byte("ha"), 0o600))
	var names []string
	require.NoError(t, b.Iter(t.Context(), "x/", func(n string) error { names = append(names, n); return nil }))
	assert.Equal(t, []string{"x/object"}, names)
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("broken off") }

func TestValidate(t *testing.T) {
	require.NoError(t, Config{}.Validate())
	for want, c := range map[string]Config{
		"type":             {Type: "ftp"},
		"directory":        {Type: Directory},
		"bucket":           {Type: S3, Endpoint: "host"},
		"without a scheme": {Type: S3, Bucket: "b", Endpoint: "https://host"},
		"go together":      {Type: S3, Bucket: "b", Endpoint: "host", AccessKey: "k"},
		"exclude":          {Type: S3, Bucket: "b", Endpoint: "host", AccessKey: "k", SecretKey: "s", SecretKeyFile: "f"},
		"sse_kms_key_id":   {Type: S3, Bucket: "b", Endpoint: "host", SSE: "SSE-KMS"},
		"none of SSE-S3":   {Type: S3, Bucket: "b", Endpoint: "host", SSE: "rot13"},
		"prefix":           {Type: Directory, Directory: "d", Prefix: "a/../b"},
		"it needs TLS":     {Type: S3, Bucket: "b", Endpoint: "host", SSE: "SSE-C", SSEKeyFile: "f", Insecure: true},
	} {
		require.ErrorContains(t, c.Validate(), want)
		_, err := Open(c)
		require.Error(t, err)
	}
}
