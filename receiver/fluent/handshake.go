package fluent

import (
	"bufio"
	"crypto/rand"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/pharosd/pharos/tenant"
)

// maxPing bounds what a client sends before it is known.
const maxPing = 64 << 10

// handshake is the protocol's: HELO, PING, PONG. It returns whose the connection is.
// The error says why the client may not come in.
func (r *Receiver) handshake(in *bufio.Reader, out io.Writer) (tenant.ID, error) {
	nonce, salt := randomText(), ""
	if len(r.cfg.Users) > 0 {
		salt = randomText()
	}
	hello := appendString(appendArray(nil, 2), "HELO")
	hello = appendMap(hello, 3)
	hello = appendString(appendString(hello, "nonce"), nonce)
	hello = appendString(appendString(hello, "auth"), salt)
	hello = appendBool(appendString(hello, "keepalive"), true)
	if _, err := out.Write(hello); err != nil {
		return "", err
	}
	ping, err := readPing(in)
	if err != nil {
		return "", err
	}
	id, reason := r.admit(ping, nonce, salt)
	pong := appendString(appendArray(nil, 5), "PONG")
	pong = appendBool(pong, reason == "")
	pong = appendString(appendString(pong, reason), r.cfg.Hostname)
	digest := ""
	if reason == "" {
		digest = hash(ping.salt, r.cfg.Hostname, nonce, r.cfg.SharedKey)
	}
	if _, err := out.Write(appendString(pong, digest)); err != nil {
		return "", err
	}
	if reason != "" {
		return "", errors.New(reason)
	}
	return id, nil
}

// ping is what a client says of itself.
type ping struct{ host, salt, digest, user, password string }

func readPing(in *bufio.Reader) (ping, error) {
	d := &decoder{r: in, left: maxPing}
	v, err := d.value(0)
	if err != nil {
		return ping{}, unexpected(err)
	}
	fields, ok := v.([]any)
	if !ok || len(fields) != 6 {
		return ping{}, fmt.Errorf("%w: no PING", errMalformed)
	}
	texts := [6]string{}
	for i, f := range fields {
		switch f := f.(type) {
		case string:
			texts[i] = f
		case []byte:
			texts[i] = string(f)
		case nil:
		default:
			return ping{}, fmt.Errorf("%w: no PING", errMalformed)
		}
	}
	if texts[0] != "PING" {
		return ping{}, fmt.Errorf("%w: no PING", errMalformed)
	}
	return ping{texts[1], texts[2], texts[3], texts[4], texts[5]}, nil
}

// admit says whose the connection is, or why it may not be.
func (r *Receiver) admit(p ping, nonce, salt string) (id tenant.ID, reason string) {
	if p.host == r.cfg.Hostname {
		return "", "same hostname between input and output: invalid configuration"
	}
	if !equal(p.digest, hash(p.salt, p.host, nonce, r.cfg.SharedKey)) {
		return "", "shared_key mismatch"
	}
	if salt == "" {
		return r.cfg.Tenant, ""
	}
	for _, u := range r.cfg.Users {
		// Both are compared for every user, so that time tells nothing.
		name, password := equal(p.user, u.Name), equal(p.password, hash(salt, u.Name, u.Password))
		if name && password {
			id = u.Tenant
		}
	}
	if id == "" {
		return "", "username/password mismatch"
	}
	return id, ""
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// hash is how the protocol proves secrets.
func hash(parts ...string) string {
	h := sha512.New()
	for _, p := range parts {
		_, _ = io.WriteString(h, p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func randomText() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
