package logql

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

var (
	errIPPattern   = errors.New("ip: invalid pattern")
	errIPOperation = errors.New("ip: invalid operation")
)

// ipMatcher finds addresses within [from, to] in texts.
type ipMatcher struct{ from, to netip.Addr }

// newIPMatcher reads an address, a prefix (10.0.0.0/8) or a range
// (10.0.0.1-10.0.0.9).
func newIPMatcher(pattern string) (*ipMatcher, error) {
	if a, err := netip.ParseAddr(pattern); err == nil {
		return &ipMatcher{a, a}, nil
	}
	if p, err := netip.ParsePrefix(pattern); err == nil {
		return &ipMatcher{p.Masked().Addr(), lastAddr(p)}, nil
	}
	if from, to, ok := strings.Cut(pattern, "-"); ok {
		a, err1 := netip.ParseAddr(from)
		b, err2 := netip.ParseAddr(to)
		if err1 == nil && err2 == nil && a.Zone() == "" && b.Zone() == "" && a.Is4() == b.Is4() && !b.Less(a) {
			return &ipMatcher{a, b}, nil
		}
	}
	return nil, fmt.Errorf("%w: %q", errIPPattern, pattern)
}

// lastAddr is the highest address of a prefix.
func lastAddr(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for bit := p.Bits(); bit < len(b)*8; bit++ {
		b[bit/8] |= 0x80 >> (bit % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

func (m *ipMatcher) contains(a netip.Addr) bool {
	return a.Is4() == m.from.Is4() && a.Zone() == m.from.Zone() && !a.Less(m.from) && !m.to.Less(a)
}

const (
	ipv4Chars = "0123456789."
	ipv6Chars = "0123456789abcdefABCDEF:."
)

// matchAny says whether an address within the text is in the range. Candidates
// are found as Loki finds them: a digit with a point, or up to four hexadecimal
// digits with a colon, within the next characters; after a candidate that is no
// match the search goes on behind it and one character.
func (m *ipMatcher) matchAny(s string) bool {
	for i := 0; i < len(s); i++ {
		var chars string
		switch {
		case i+3 < len(s) && isDigit(s[i]) && (s[i+1] == '.' || s[i+2] == '.' || s[i+3] == '.'):
			chars = ipv4Chars
		case ipv6Hint(s[i:]):
			chars = ipv6Chars
		default:
			continue
		}
		n := strings.IndexFunc(s[i:], func(r rune) bool { return !strings.ContainsRune(chars, r) })
		if n < 0 {
			n = len(s) - i
		}
		if a, err := netip.ParseAddr(s[i : i+n]); err == nil && m.contains(a) {
			return true
		}
		i += n
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

func ipv6Hint(s string) bool {
	if len(s) >= 3 && s[0] == ':' && s[1] == ':' {
		return isHex(s[2])
	}
	for i := 0; i < len(s) && i < 5; i++ {
		if s[i] == ':' {
			return i > 0
		}
		if !isHex(s[i]) {
			return false
		}
	}
	return false
}
