package config

import (
	"bytes"
	"fmt"
	"os"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/strictyaml"
)

// maxRedactionKey bounds the file with the key of hashes, in bytes.
const maxRedactionKey = 4 << 10

// RedactionKey reads the key of hashes, without the white space around it; nil if no
// file is named.
func (c *Config) RedactionKey() ([]byte, error) {
	path := c.Redaction.KeyFile
	if path == "" {
		return nil, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("redaction.key_file: %w", err)
	}
	if info.Size() > maxRedactionKey {
		return nil, fmt.Errorf("redaction.key_file: %s has %d bytes, want %d at most", path, info.Size(), maxRedactionKey)
	}
	key, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("redaction.key_file: %w", err)
	}
	key = bytes.TrimSpace(key)
	if err := ingest.CheckRedactionKey(key); err != nil {
		return nil, fmt.Errorf("redaction.key_file: %s: %w", path, err)
	}
	return key, nil
}

func (c *Config) validateRedaction() error {
	return strictyaml.Prefix("redaction", c.Redaction.Validate())
}
