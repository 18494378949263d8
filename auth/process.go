package auth

import "sync"

// processTokens are tokens that live as long as the process: of parts of it that
// use its own protocols, such as the scrape of its own metrics. They are in no
// database and nobody can list or revoke them.
type processTokens struct {
	mu     sync.RWMutex
	byHash map[string]Identity
}

// NewTokenSecret returns the secret of a token that AddProcessToken can take.
func NewTokenSecret() string { return tokenPrefix + newSecret() }

// AddProcessToken lets secret stand for identity until the process ends.
func (s *Service) AddProcessToken(secret string, identity Identity) {
	s.process.mu.Lock()
	defer s.process.mu.Unlock()
	if s.process.byHash == nil {
		s.process.byHash = map[string]Identity{}
	}
	s.process.byHash[hashSecret(secret)] = identity
}

// RemoveProcessToken ends what AddProcessToken began.
func (s *Service) RemoveProcessToken(secret string) {
	s.process.mu.Lock()
	defer s.process.mu.Unlock()
	delete(s.process.byHash, hashSecret(secret))
}

func (p *processTokens) get(secret string) (Identity, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if len(p.byHash) == 0 {
		return Identity{}, false
	}
	identity, ok := p.byHash[hashSecret(secret)]
	return identity, ok
}
