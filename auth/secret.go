package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
)

// tokenPrefix makes tokens recognisable, for people and for secret scanners.
const tokenPrefix = "phr_"

// newSecret returns 256 random bits as text that is safe in headers and cookies.
func newSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: see crypto/rand
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// hashSecret is how secrets of newSecret are kept. They are random, so that a
// fast hash without salt is enough.
func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// newPassword returns a password that a person can type: 20 characters without
// look-alikes, some 99 bits.
func newPassword() string {
	const letters = "abcdefghijkmnpqrstuvwxyz23456789" // 32, so that no letter is likelier
	var b [20]byte
	_, _ = rand.Read(b[:])
	for i := range b {
		b[i] = letters[b[i]%byte(len(letters))]
	}
	return string(b[:])
}
