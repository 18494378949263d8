package redact

import (
	"strings"
	"testing"
	"time"
)

// Lines are written by others: no text may take much longer than its length says.
func TestTimeIsLinear(t *testing.T) {
	r := builtIn(t)
	counts := make([]int, 3)
	took := func(part string, size int) time.Duration {
		s := strings.Repeat(part, size/len(part))
		best := time.Hour
		for range 3 {
			start := time.Now()
			r.Text(s, counts)
			best = min(best, time.Since(start))
		}
		return best
	}
	for _, part := range []string{
		"eyJa-", "eyJaaaaaaaaa.", "eyJ", "SG.a-", "@a", "a@", "a@b.", "4", "4111 ", "4-", "411111111111111 ", "password=", `"password":"`, `\"token\":\"`,
		"token: ", "secret = ", "-----BEGIN ", "-----BEGIN PRIVATE KEY", "-", "bearer ", "be", "://", "://:@", "a://b:c", "sk-", "sk_live_", "ghp_", "AKIA",
		"AIza-", "shpat_", "xoxb-", "cookie: ", "=", ":", `"`, `\`, `{"`, " ", "authorization: basic ", "https://hooks.slack.com/services/",
	} {
		// Quadratic would be 16 times as long; caches and the machine's other work are
		// allowed for.
		short, long := took(part, 8<<10), took(part, 128<<10)
		if long > 16*8*short && long > 300*time.Millisecond {
			t.Errorf("%q: 8 KiB take %v, 128 KiB %v", part, short, long)
		}
	}
}
