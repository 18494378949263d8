package tail

import "errors"

// Config bounds live tails.
type Config struct {
	// MaxSubscribers bounds the concurrent tails of one tenant. Loki's default is 10;
	// this one lets a platform show each of its customers their own logs.
	MaxSubscribers int `yaml:"max_concurrent_tail_requests"`
	// MaxPerScope bounds the concurrent tails of all tokens that are narrowed to one
	// selector, so that one customer cannot take those of the others.
	MaxPerScope int `yaml:"max_tails_per_selector"`
	// BufferEntries bounds the entries that wait for one reader.
	BufferEntries int `yaml:"buffer_entries"`
	// BufferBytes bounds the lines that wait for one reader, in bytes. All readers
	// together share a part of the process' memory.
	BufferBytes int `yaml:"buffer_bytes"`
	// EmbedOrigins are the sites (https://portal.example.com) that may show
	// /embed/tail in a frame and whose pages may tail with a token of their own.
	EmbedOrigins []string `yaml:"embed_origins"`

	// MaxMemory bounds the rings and the queue before them together, in bytes.
	MaxMemory int64 `yaml:"-"`
}

// DefaultConfig allows 500 tails a tenant, 25 of them to a selector, and a ring that holds a few seconds of a
// busy stream.
func DefaultConfig() Config {
	return Config{MaxSubscribers: 500, MaxPerScope: 25, BufferEntries: 10000, BufferBytes: 4 << 20, MaxMemory: 64 << 20}
}

// Validate says which setting makes no sense.
func (c Config) Validate() error {
	if c.MaxSubscribers <= 0 || c.MaxPerScope <= 0 || c.BufferEntries <= 0 || c.BufferBytes <= 0 {
		return errors.New("max_concurrent_tail_requests, max_tails_per_selector, buffer_entries and buffer_bytes must be positive")
	}
	return validOrigins(c.EmbedOrigins)
}
