package logstash

import (
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/pharosd/pharos/pipeline"
)

// cidrFilter matches events that have an address within one of several networks.
type cidrFilter struct {
	addresses []*Template
	field     Ref
	networks  []*Template
	static    []netip.Prefix // when no network depends on the event
	file      *cidrFile
}

func newCIDR(s *Settings, env *Env) (any, error) {
	f := &cidrFilter{addresses: s.Templates("address"), field: s.Ref("address_field", ""), networks: s.Templates("network")}
	if len(f.addresses) > 0 && !f.field.IsZero() {
		s.Errorf("address_field", "write either address or address_field")
	}
	path := s.String("network_path", "")
	interval := time.Duration(s.Float("refresh_interval", 600) * float64(time.Second))
	separator := s.String("separator", "\n")
	switch {
	case path == "":
	case len(f.networks) > 0:
		s.Errorf("network_path", "write either network or network_path")
	case env.Untrusted:
		s.Errorf("network_path", "only an administrator's configuration may read files; write network")
	default:
		file := &cidrFile{path: inDir(env, path), separator: separator, interval: interval, now: env.Now}
		if err := file.load(); err != nil {
			s.Errorf("network_path", "%v", err)
		}
		f.file = env.Shared("networks", func() any { return file }).(*cidrFile)
	}
	f.prepare(s)
	return Func(f.filter), nil
}

// prepare reads networks that are the same for all events.
func (f *cidrFilter) prepare(s *Settings) {
	for _, n := range f.networks {
		text, ok := n.Static()
		if !ok {
			f.static = nil
			return
		}
		for _, part := range strings.Split(text, ",") {
			p, ok := parseNetwork(part)
			if !ok {
				s.Errorf("network", "%q is no network such as 10.0.0.0/8 or 2001:db8::/32", part)
				continue
			}
			f.static = append(f.static, p)
		}
	}
	f.networks = nil
}

// parseNetwork reads a network, or an address as one of itself.
func parseNetwork(text string) (netip.Prefix, bool) {
	text = strings.TrimSpace(text)
	if addr, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), true
	}
	if addr, mask, ok := strings.Cut(text, "/"); ok && strings.Contains(mask, ".") {
		return dottedMask(addr, mask)
	}
	p, err := netip.ParsePrefix(text)
	return p.Masked(), err == nil
}

// dottedMask reads 10.0.0.0/255.0.0.0.
func dottedMask(addr, mask string) (netip.Prefix, bool) {
	a, err1 := netip.ParseAddr(addr)
	m, err2 := netip.ParseAddr(mask)
	if err1 != nil || err2 != nil || !a.Is4() || !m.Is4() {
		return netip.Prefix{}, false
	}
	bits, ended := 0, false
	for _, b := range m.As4() {
		for i := 7; i >= 0; i-- {
			switch one := b>>i&1 == 1; {
			case one && ended:
				return netip.Prefix{}, false
			case one:
				bits++
			default:
				ended = true
			}
		}
	}
	return netip.PrefixFrom(a, bits).Masked(), true
}

func (f *cidrFilter) filter(e *pipeline.Event) bool {
	networks := f.static
	switch {
	case f.file != nil:
		networks = f.file.current()
	case f.networks != nil:
		networks = nil
		for _, n := range f.networks {
			for _, part := range strings.Split(n.Expand(e), ",") {
				if p, ok := parseNetwork(part); ok {
					networks = append(networks, p)
				}
			}
		}
	}
	for _, text := range f.candidates(e) {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			continue
		}
		for _, n := range networks {
			if n.Contains(addr.WithZone("")) {
				return true
			}
		}
	}
	return false
}

func (f *cidrFilter) candidates(e *pipeline.Event) []string {
	if f.field.IsZero() {
		return expandAll(f.addresses, e)
	}
	v, _ := f.field.Get(e)
	var all []string
	for _, x := range asList(v) {
		all = append(all, Text(x))
	}
	return all
}

// maxCIDRFile bounds a file of networks.
const maxCIDRFile = 64 << 20

// cidrFile are networks of a file that is read again at intervals.
type cidrFile struct {
	path, separator string
	interval        time.Duration
	now             func() time.Time

	mu       sync.Mutex
	next     time.Time
	networks []netip.Prefix
}

func (f *cidrFile) current() []netip.Prefix {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.interval > 0 && f.now().After(f.next) {
		_ = f.read() // what was read before stays
	}
	return f.networks
}

func (f *cidrFile) load() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.read()
}

func (f *cidrFile) read() error {
	f.next = f.now().Add(f.interval)
	info, err := os.Stat(f.path)
	if err != nil {
		return err
	}
	if info.Size() > maxCIDRFile {
		return os.ErrInvalid
	}
	text, err := os.ReadFile(f.path)
	if err != nil {
		return err
	}
	var networks []netip.Prefix
	for _, part := range strings.Split(string(text), f.separator) {
		if p, ok := parseNetwork(part); ok {
			networks = append(networks, p)
		}
	}
	if len(networks) > 0 {
		f.networks = networks
	}
	return nil
}
