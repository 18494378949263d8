package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/sync/semaphore"
)

// argon2id's cost: OWASP's recommendation for 19 MiB. Hashes carry theirs, so that
// it can be raised.
const (
	argonTime    = 2
	argonMemory  = 19 << 10 // KiB
	argonThreads = 1
	argonSalt    = 16
	argonKey     = 32

	// parallelHashes bounds the memory that strangers can make us use (19 MiB each);
	// hashWait is how long one waits for its turn.
	parallelHashes = 2
	hashWait       = 5 * time.Second

	minPassword = 8
	maxPassword = 512 // bytes
)

type hasher struct{ slots *semaphore.Weighted }

func newHasher() *hasher { return &hasher{slots: semaphore.NewWeighted(parallelHashes)} }

// key computes argon2id, or returns ErrBusy.
func (h *hasher) key(ctx context.Context, password string, salt []byte, time_, memory uint32, threads uint8, size uint32) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, hashWait)
	defer cancel()
	if err := h.slots.Acquire(ctx, 1); err != nil {
		return nil, ErrBusy
	}
	defer h.slots.Release(1)
	return argon2.IDKey([]byte(password), salt, time_, memory, threads, size), nil
}

// hash returns the password's hash in PHC string format.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // never fails: see crypto/rand
	key, err := h.key(ctx, password, salt, argonTime, argonMemory, argonThreads, argonKey)
	if err != nil {
		return "", err
	}
	return phc(salt, key), nil
}

func phc(salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads,
		b64.EncodeToString(salt), b64.EncodeToString(key))
}

// noHash is verified for a user who does not exist, so that the answer takes as
// long; no password has it.
var noHash = phc(make([]byte, argonSalt), make([]byte, argonKey))

// verify reports whether the password has the hash.
func (h *hasher) verify(ctx context.Context, password, hash string) (bool, error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, fmt.Errorf("read password hash: not in argon2id's PHC format")
	}
	var version int
	var memory, times uint32
	var threads uint8
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false, fmt.Errorf("read password hash: version %q is not known", parts[2])
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &times, &threads); err != nil {
		return false, fmt.Errorf("read password hash: %w", err)
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, fmt.Errorf("read password hash: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return false, fmt.Errorf("read password hash: %w", err)
	}
	got, err := h.key(ctx, password, salt, times, memory, threads, uint32(len(want)))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}
