package ingest

import (
	"sync"
	"time"
)

// streamIdle is how long a stream without entries counts as active.
const streamIdle = time.Hour

// activeStreams are the streams of a tenant that got entries within streamIdle, by
// the hash of their labels.
type activeStreams struct {
	mu      sync.Mutex
	streams map[uint64]activeStream
	swept   time.Time
}

// activeStream has the bytes that it may have at the time of its last use.
type activeStream struct {
	used   time.Time
	tokens float64
}

// verdict is what a stream's limits say to a push.
type verdict int

const (
	streamTaken    verdict = iota
	tooManyStreams         // it would be one too many
	streamTooFast          // it has had its bytes
)

// take says whether so many bytes may come for the stream: it is active, or there
// may be one more, and its rate allows them.
func (a *activeStreams) take(l *Limits, hash uint64, bytes int, now time.Time) verdict {
	if l.MaxStreams == 0 && l.PerStreamRateLimit == 0 {
		return streamTaken
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	s, ok := a.streams[hash]
	if !ok && over(len(a.streams)+1, l.MaxStreams) {
		a.sweep(now)
		if over(len(a.streams)+1, l.MaxStreams) {
			return tooManyStreams
		}
	}
	if l.PerStreamRateLimit > 0 {
		burst := float64(max(l.PerStreamRateLimit, l.PerStreamRateLimitBurst))
		if ok {
			s.tokens = min(burst, s.tokens+max(0, now.Sub(s.used).Seconds())*float64(l.PerStreamRateLimit))
		} else {
			s.tokens = burst
		}
		s.used = now
		if float64(bytes) > s.tokens {
			a.streams[hash] = s
			return streamTooFast
		}
		s.tokens -= float64(bytes)
	}
	s.used = now
	a.streams[hash] = s
	return streamTaken
}

// sweep forgets idle streams, at most once in ten seconds.
func (a *activeStreams) sweep(now time.Time) {
	if now.Sub(a.swept) < 10*time.Second {
		return
	}
	a.swept = now
	for h, s := range a.streams {
		if now.Sub(s.used) > streamIdle {
			delete(a.streams, h)
		}
	}
}
