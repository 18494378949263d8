package tsdb

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// revocableRegisterer remembers what was registered through it, because the TSDB
// leaves its metrics registered when it is closed and could not be opened again.
type revocableRegisterer struct {
	prometheus.Registerer
	mu         sync.Mutex
	collectors []prometheus.Collector
}

func newRevocableRegisterer(r prometheus.Registerer) *revocableRegisterer {
	return &revocableRegisterer{Registerer: r}
}

func (r *revocableRegisterer) Register(c prometheus.Collector) error {
	if err := r.Registerer.Register(c); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.collectors = append(r.collectors, c)
	return nil
}

func (r *revocableRegisterer) MustRegister(cs ...prometheus.Collector) {
	for _, c := range cs {
		if err := r.Register(c); err != nil {
			panic("BUG: " + err.Error())
		}
	}
}

func (r *revocableRegisterer) revoke() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.collectors {
		r.Registerer.Unregister(c)
	}
	r.collectors = nil
}
