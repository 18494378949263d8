package lines

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limiter bounds what each client address posts. It remembers so many addresses; when
// there are more, those that were not seen lately begin anew.
type limiter struct {
	rate, burst int

	mu         sync.Mutex
	young, old map[string]*rate.Limiter
}

const maxAddresses = 20_000

func newLimiter(perSecond, burst int) *limiter {
	return &limiter{rate: perSecond, burst: burst, young: map[string]*rate.Limiter{}}
}

// take takes n lines of an address' rate, or says when to come again.
func (l *limiter) take(address string, n int, now time.Time) time.Duration {
	if l.rate == 0 {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.young[address]
	if one == nil {
		if one = l.old[address]; one == nil {
			one = rate.NewLimiter(rate.Limit(l.rate), l.burst)
		}
		if len(l.young) >= maxAddresses {
			l.old, l.young = l.young, map[string]*rate.Limiter{}
		}
		l.young[address] = one
	}
	if one.AllowN(now, n) {
		return 0
	}
	wait := time.Duration(float64(min(n, l.burst)) / float64(l.rate) * float64(time.Second))
	return max(time.Second, min(wait, time.Minute))
}
