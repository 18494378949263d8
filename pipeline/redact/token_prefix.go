package redact

import "strings"

// prefix is how a kind of token begins.
type prefix struct {
	text   string
	anchor int // the place of its rarest byte, not the first
	least  int // bytes behind the text
	// most bytes behind the text; 0: as many as there are.
	most int
	is   func(byte) bool // bytes of the token behind the text
	// whole finds the end of tokens with a structure, 0 if it is none; s begins behind
	// the text.
	whole func(s string) int
}

// tokenPrefixes are tokens that their issuers made recognizable.
func tokenPrefixes() []prefix {
	upper := func(c byte) bool { return isDigit(c) || c >= 'A' && c <= 'Z' }
	word := func(c byte) bool { return isAlnum(c) || c == '_' }
	var out []prefix
	add := func(anchor byte, least, most int, is func(byte) bool, texts ...string) {
		for _, t := range texts {
			out = append(out, prefix{text: t, anchor: strings.IndexByte(t, anchor), least: least, most: most, is: is})
		}
	}
	add('I', 16, 16, upper, "AKIA", "ASIA", "ABIA") // Amazon Web Services
	add('_', 16, 0, isAlnum, "ghp_", "gho_", "ghu_", "ghs_", "ghr_")
	add('_', 20, 0, word, "github_pat_")
	add('-', 16, 0, isURLSafe, "glpat-", "gldt-", "glrt-")
	add('-', 10, 0, isURLSafe, "xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-") // Slack
	add('_', 10, 0, isAlnum, "sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_")                 // Stripe
	add('-', 20, 0, isURLSafe, "sk-")
	add('z', 30, 0, isURLSafe, "AIza") // Google
	add('_', 20, 0, isAlnum, "npm_", "hf_")
	add('_', 32, 64, isAlnum, "shpat_", "shpss_", "dop_v1_", "doo_v1_", "dor_v1_")
	add('-', 50, 0, isURLSafe, "pypi-")
	out = append(out, prefix{text: "SG.", anchor: 1, whole: sendGridEnd}, prefix{text: "eyJ", anchor: 2, whole: jwtEnd})
	return out
}

func isURLSafe(c byte) bool { return isAlnum(c) || c == '-' || c == '_' }

func (p *prefix) find(s string, i, done int) (span, bool) {
	from := i - p.anchor
	if from < done || !strings.HasPrefix(s[from:], p.text) || !boundary(s, from) {
		return span{}, false
	}
	rest := s[from+len(p.text):]
	if p.whole != nil {
		if from > 0 && isURLSafe(s[from-1]) && escapeEnd(s, from-1) != from {
			// Within other base64. To look from each place of it would take long.
			return span{}, false
		}
		n := p.whole(rest)
		return span{from, from + len(p.text) + n}, n > 0
	}
	n := 0
	for n < len(rest) && p.is(rest[n]) {
		n++
	}
	if n < p.least || p.most > 0 && n > p.most {
		return span{}, false
	}
	return span{from, from + len(p.text) + n}, true
}

// jwtEnd is the end of a JSON web token, or of one without a signature: three parts of
// base64 with dots between them.
func jwtEnd(s string) int {
	head := urlSafeLength(s)
	if head < 8 || head >= len(s) || s[head] != '.' {
		return 0
	}
	body := head + 1 + urlSafeLength(s[head+1:])
	if body-head < 5 || body >= len(s) || s[body] != '.' {
		return 0
	}
	return body + 1 + urlSafeLength(s[body+1:])
}

func sendGridEnd(s string) int {
	id := urlSafeLength(s)
	if id < 16 || id >= len(s) || s[id] != '.' {
		return 0
	}
	if n := urlSafeLength(s[id+1:]); n >= 16 {
		return id + 1 + n
	}
	return 0
}

func urlSafeLength(s string) int {
	n := 0
	for n < len(s) && isURLSafe(s[n]) {
		n++
	}
	return n
}

// findBearer finds the token of "Bearer TOKEN". Words of letters alone must be long:
// "bearer certificate" is English.
func findBearer(s string, i int) (span, bool) {
	const scheme = "bearer "
	if len(s)-i < len(scheme) || !strings.EqualFold(s[i:i+len(scheme)], scheme) || !boundary(s, i) {
		return span{}, false
	}
	from := i + len(scheme)
	for from < len(s) && s[from] == ' ' {
		from++
	}
	to, digits := from, false
	for to < len(s) && (isURLSafe(s[to]) || strings.IndexByte(".~+/=", s[to]) >= 0) {
		digits = digits || isDigit(s[to])
		to++
	}
	return span{from, to}, to-from >= 16 || to-from >= 8 && digits
}

// findPrivateKey finds a private key in PEM, or as much of it as is there.
func findPrivateKey(s string, i int) (span, bool) {
	const begin, private, end = "-----BEGIN ", "PRIVATE KEY-----", "-----END "
	if !strings.HasPrefix(s[i:], begin) {
		return span{}, false
	}
	head := s[i+len(begin) : min(len(s), i+len(begin)+64)]
	at := strings.Index(head, private)
	if at < 0 {
		return span{}, false
	}
	from := i + len(begin) + at + len(private)
	if n := strings.Index(s[from:], end); n >= 0 {
		return span{from, from + n}, n > 0
	}
	return span{from, len(s)}, from < len(s)
}
