package render

import (
	"net/url"
	"sync"
	"time"

	"github.com/chromedp/cdproto/network"
)

// maxAnswers bounds what is kept of a page's answers in bytes, within Chromium.
const maxAnswers = 128 << 20

// traffic follows what a page asks.
type traffic struct {
	mu       sync.Mutex
	requests map[network.RequestID]*asked
	order    []network.RequestID
	done     time.Time // when the last one ended
	status   int64     // of the page itself
}

// asked is one request of the page.
type asked struct {
	id      network.RequestID
	path    string
	query   url.Values
	form    string
	hasForm bool
	began   time.Time
	ended   bool
	ok      bool
}

// event takes what Chromium tells; it runs on Chromium's own goroutine and must not wait.
func (t *traffic) event(ev any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.requests == nil {
		t.requests, t.done = map[network.RequestID]*asked{}, time.Now()
	}
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		u, err := url.Parse(ev.Request.URL)
		if err != nil || u.Scheme == "data" {
			return
		}
		if t.requests[ev.RequestID] == nil {
			t.order = append(t.order, ev.RequestID)
		}
		t.requests[ev.RequestID] = &asked{id: ev.RequestID, path: u.Path, query: u.Query(), form: formOf(ev.Request), hasForm: ev.Request.HasPostData, began: time.Now()}
	case *network.EventResponseReceived:
		if ev.Type == network.ResourceTypeDocument && t.status == 0 {
			t.status = ev.Response.Status
		}
		if a := t.requests[ev.RequestID]; a != nil {
			a.ok = ev.Response.Status == 200
			// Events have no end; they are not waited for.
			a.ended = a.ended || ev.Response.MimeType == "text/event-stream"
		}
	case *network.EventLoadingFinished:
		t.end(ev.RequestID)
	case *network.EventLoadingFailed:
		if a := t.requests[ev.RequestID]; a != nil {
			a.ok = false
		}
		t.end(ev.RequestID)
	}
}

func (t *traffic) end(id network.RequestID) {
	t.done = time.Now()
	if a := t.requests[id]; a != nil {
		a.ended = true
	}
}

// document is the status of the page itself, 0 if it is not known.
func (t *traffic) document() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.status
}

// quiet is since when nothing is in flight; 0 if something is.
func (t *traffic) quiet() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, a := range t.requests {
		if !a.ended {
			return 0
		}
	}
	if t.done.IsZero() {
		return 0
	}
	return time.Since(t.done)
}

// oldest is the path that is in flight for longest, "" if nothing is.
func (t *traffic) oldest() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var found *asked
	for _, a := range t.requests {
		if !a.ended && (found == nil || a.began.Before(found.began)) {
			found = a
		}
	}
	if found == nil {
		return ""
	}
	return found.path
}

// answers are the good answers to queries, in the order in which they were asked.
func (t *traffic) answers() []asked {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []asked
	for _, id := range t.order {
		if a := t.requests[id]; a.ok && a.ended && queryPaths[a.path] != "" {
			out = append(out, *a)
		}
	}
	return out
}
