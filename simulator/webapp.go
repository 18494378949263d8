package simulator

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
)

// Operation is what a visitor does with an item.
type Operation string

// The four operations.
const (
	Create Operation = "create"
	Read   Operation = "read"
	Update Operation = "update"
	Delete Operation = "delete"
)

// Operations in the order that people name them.
var Operations = []Operation{Create, Read, Update, Delete}

var methods = map[Operation]string{Create: http.MethodPost, Read: http.MethodGet, Update: http.MethodPut, Delete: http.MethodDelete}

// webapp is the public web application: visitors create, read, update and delete
// items; each request leaves a line in the Common Log Format.
type webapp struct {
	v     *service
	query *service
	in    *incidents
	ops   *prometheus.CounterVec
	count map[Operation]*atomic.Int64
	fails atomic.Int64

	mu    sync.RWMutex
	items map[int]string
	next  int
}

const maxItems = 50_000

func newWebapp(v *service, query *service, in *incidents) *webapp {
	a := &webapp{v: v, query: query, in: in, items: map[int]string{}, count: map[Operation]*atomic.Int64{},
		ops: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "webapp_items_total", Help: "Operations on items."}, []string{"operation"})}
	v.registry.MustRegister(a.ops)
	for _, op := range Operations {
		a.count[op] = &atomic.Int64{}
		a.ops.WithLabelValues(string(op))
	}
	v.handle("POST /items", a.wrap(Create, a.create))
	v.handle("GET /items/{id}", a.wrap(Read, a.read))
	v.handle("PUT /items/{id}", a.wrap(Update, a.update))
	v.handle("DELETE /items/{id}", a.wrap(Delete, a.remove))
	return a
}

// answer is a status and the size of the body.
type answer struct{ status, bytes int }

// wrap counts, fails during an error burst, and writes the access line.
func (a *webapp) wrap(op Operation, f func(*http.Request) answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		at := time.Now()
		var ans answer
		if op != Read && a.in.active(errorBurst) && chance(0.33) {
			ans = answer{http.StatusInternalServerError, 31}
			a.fails.Add(1)
			trace.SpanFromContext(r.Context()).RecordError(errBadDeploy)
			a.v.log.emit(r.Context(), levelError, errBadDeploy.Error(), map[string]any{"operation": string(op), "path": r.URL.Path})
		} else {
			ans = f(r)
			a.ops.WithLabelValues(string(op)).Inc()
			a.count[op].Add(1)
		}
		w.WriteHeader(ans.status)
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		if v := r.Header.Get("X-Visitor"); v != "" {
			host = v
		}
		a.v.log.access(fmt.Sprintf("%s - - [%s] %q %d %d", host, at.Format("02/Jan/2006:15:04:05 -0700"), r.Method+" "+r.URL.Path+" "+r.Proto, ans.status, ans.bytes), at)
	}
}

type constError string

func (e constError) Error() string { return string(e) }

const errBadDeploy = constError("NullPointerException in ItemController.save: price is null")

func (a *webapp) create(r *http.Request) answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.items) >= maxItems {
		for id := range a.items { // the oldest would be fairer; any is cheaper
			delete(a.items, id)
			break
		}
	}
	a.next++
	a.items[a.next] = "item " + strconv.Itoa(a.next)
	return answer{http.StatusCreated, 24}
}

func (a *webapp) read(r *http.Request) answer {
	// One read in twenty needs the platform's data too.
	if chance(0.05) {
		req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, a.query.url()+"/api/v1/"+pick(endpoints)+"?page="+strconv.Itoa(rand.IntN(2)), nil)
		if err == nil {
			if resp, err := a.v.client.Do(req); err == nil {
				_ = resp.Body.Close()
			}
		}
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	if item, ok := a.items[id(r)]; ok {
		return answer{http.StatusOK, len(item)}
	}
	return answer{http.StatusNotFound, 9}
}

func (a *webapp) update(r *http.Request) answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := id(r)
	item, ok := a.items[i]
	if !ok {
		return answer{http.StatusNotFound, 9}
	}
	a.items[i] = strings.TrimSuffix(item, "*") + "*"
	return answer{http.StatusOK, len(item)}
}

func (a *webapp) remove(r *http.Request) answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := id(r)
	if _, ok := a.items[i]; !ok {
		return answer{http.StatusNotFound, 9}
	}
	delete(a.items, i)
	return answer{http.StatusNoContent, 0}
}

func id(r *http.Request) int {
	n, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return -1
	}
	return n
}

// newest is the id of the item created last.
func (a *webapp) newest() int {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.next
}

func (a *webapp) counters() map[Operation]int64 {
	out := map[Operation]int64{}
	for op, c := range a.count {
		out[op] = c.Load()
	}
	return out
}
