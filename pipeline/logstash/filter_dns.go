package logstash

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/pharosd/pharos/pipeline"
)

// dnsFilter resolves names to addresses and addresses to names. A worker waits for the
// answer: at most the timeout for each try.
type dnsFilter struct {
	resolve, reverse []Ref
	replace          bool
	timeoutTags      []string
	timeout          time.Duration
	tries            int
	resolver         *net.Resolver
	hosts            hostsFile
	hits, misses     *dnsCache
}

func newDNS(s *Settings, env *Env) (any, error) {
	f := &dnsFilter{
		resolve:     s.Refs("resolve"),
		reverse:     s.Refs("reverse"),
		replace:     s.Enum("action", "append", "append", "replace") == "replace",
		timeoutTags: stringsOr(s, "tag_on_timeout", "_dnstimeout"),
		timeout:     time.Duration(s.Float("timeout", 0.5) * float64(time.Second)),
		tries:       1 + int(min(max(s.Int("max_retries", 2), 0), 10)),
		resolver:    net.DefaultResolver,
	}
	if f.timeout <= 0 || f.timeout > time.Minute {
		s.Errorf("timeout", "it has to be more than 0 and at most 60 seconds")
	}
	if env.Untrusted {
		s.report.errorf(s.plugin.Pos, "", "dns: only an administrator's configuration may speak to the network")
	}
	if servers := f.nameservers(s); len(servers) > 0 {
		f.resolver = resolverAt(servers)
	}
	for _, path := range s.Strings("hostsfile") {
		if err := f.hosts.read(inDir(env, path)); err != nil && !env.Untrusted {
			s.Errorf("hostsfile", "%v", err)
		}
	}
	f.hits = sharedDNSCache(s, env, "hit_cache", 60)
	f.misses = sharedDNSCache(s, env, "failed_cache", 5)
	return Func(f.filter), nil
}

// nameservers are addresses, or a hash { address => [...] }.
func (f *dnsFilter) nameservers(s *Settings) []string {
	v, ok := s.Value("nameserver")
	if !ok {
		return nil
	}
	var all []string
	if pairs, ok := v.([]Pair); ok {
		for _, p := range pairs {
			switch p.Key {
			case "address":
				v = p.Value
			case "search", "ndots":
				s.Warnf("nameserver", "%s has no meaning here: names are asked for as they are", p.Key)
			default:
				s.Errorf("nameserver", "%q is not known", p.Key)
			}
		}
	}
	for _, x := range asList(v) {
		addr := Text(x)
		if _, err := netip.ParseAddr(addr); err == nil {
			addr = net.JoinHostPort(addr, "53")
		} else if _, err := netip.ParseAddrPort(addr); err != nil {
			s.Errorf("nameserver", "%q is no address", addr)
			continue
		}
		all = append(all, addr)
	}
	return all
}

// resolverAt asks the servers in turn.
func resolverAt(servers []string) *net.Resolver {
	var mu sync.Mutex
	next := 0
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		mu.Lock()
		server := servers[next%len(servers)]
		next++
		mu.Unlock()
		var d net.Dialer
		return d.DialContext(ctx, network, server)
	}}
}

var (
	errDNSTimeout = errors.New("no answer in time")
	errDNSNone    = errors.New("there is no answer")
)

func (f *dnsFilter) filter(e *pipeline.Event) bool {
	for _, r := range f.resolve {
		if !f.field(e, r, f.address) {
			return false
		}
	}
	for _, r := range f.reverse {
		if !f.field(e, r, f.name) {
			return false
		}
	}
	return true
}

// field looks up one field; what has no single text ends the filter, as in Logstash.
func (f *dnsFilter) field(e *pipeline.Event, r Ref, lookup func(string) (string, error)) bool {
	v, _ := r.Get(e)
	if v == nil {
		return true
	}
	list, isList := v.([]any)
	if isList {
		if len(list) != 1 {
			return false
		}
		v = list[0]
	}
	text, ok := v.(string)
	if !ok {
		return false
	}
	answer, err := f.cached(text, lookup)
	if errors.Is(err, errDNSTimeout) {
		tagAll(e, f.timeoutTags)
	}
	if err != nil {
		return false
	}
	switch {
	case f.replace && isList:
		return r.Set(e, []any{answer})
	case f.replace:
		return r.Set(e, answer)
	}
	return r.Set(e, []any{text, answer})
}

func (f *dnsFilter) cached(text string, lookup func(string) (string, error)) (string, error) {
	if _, known := f.misses.get(text); known {
		return "", errDNSNone
	}
	if answer, ok := f.hits.get(text); ok {
		return answer, nil
	}
	answer, err := lookup(text)
	if err != nil {
		f.misses.put(text, "")
		return "", err
	}
	f.hits.put(text, answer)
	return answer, nil
}

// try asks up to the number of tries and tells timeouts from other failures.
func (f *dnsFilter) try(ask func(ctx context.Context) error) error {
	for range f.tries {
		ctx, cancel := context.WithTimeout(context.Background(), f.timeout)
		err := ask(ctx)
		cancel()
		var dns *net.DNSError
		switch {
		case err == nil:
			return nil
		case errors.As(err, &dns) && dns.IsNotFound:
			return errDNSNone
		case !errors.As(err, &dns) || !dns.IsTimeout:
			return errDNSNone
		}
	}
	return errDNSTimeout
}

func (f *dnsFilter) address(name string) (string, error) {
	if a, ok := f.hosts.addresses[strings.ToLower(name)]; ok {
		return a, nil
	}
	answer := ""
	err := f.try(func(ctx context.Context) error {
		addrs, err := f.resolver.LookupNetIP(ctx, "ip4", name)
		if err != nil || len(addrs) == 0 {
			addrs, err = f.resolver.LookupNetIP(ctx, "ip6", name)
		}
		if err == nil && len(addrs) > 0 {
			answer = addrs[0].Unmap().String()
		}
		return err
	})
	if err == nil && answer == "" {
		err = errDNSNone
	}
	return answer, err
}

func (f *dnsFilter) name(address string) (string, error) {
	if _, err := netip.ParseAddr(address); err != nil {
		return "", errDNSNone
	}
	if n, ok := f.hosts.names[address]; ok {
		return n, nil
	}
	answer := ""
	err := f.try(func(ctx context.Context) error {
		names, err := f.resolver.LookupAddr(ctx, address)
		if err == nil && len(names) > 0 {
			answer = strings.TrimSuffix(names[0], ".")
		}
		return err
	})
	if err == nil && answer == "" {
		err = errDNSNone
	}
	return answer, err
}
