package httpx

import (
	"io"
	"net/http"
	"time"
)

// bodyPause is how long a client may pause while it sends a body, bodyTotal how
// long it may take as a whole.
const (
	bodyPause = 30 * time.Second
	bodyTotal = 10 * time.Minute
)

// NewSteadyBody returns body with deadlines: a client that stalls, or drips, is cut
// off. The server's own ReadTimeout would do that by the clock alone and would end
// handlers that have read their body.
func NewSteadyBody(body io.ReadCloser, control *http.ResponseController) io.ReadCloser {
	if body == nil || body == http.NoBody {
		return body
	}
	return &steadyBody{body: body, control: control, pause: bodyPause, end: time.Now().Add(bodyTotal)}
}

// NewEndlessBody is NewSteadyBody for routes that are Endless.
func NewEndlessBody(body io.ReadCloser, control *http.ResponseController) io.ReadCloser {
	if body == nil || body == http.NoBody {
		return body
	}
	const years = 10 * 365 * 24 * time.Hour
	return &steadyBody{body: body, control: control, pause: time.Hour, end: time.Now().Add(years)}
}

type steadyBody struct {
	body    io.ReadCloser
	control *http.ResponseController
	pause   time.Duration
	end     time.Time
	done    bool
}

func (b *steadyBody) Read(p []byte) (int, error) {
	if b.done {
		return b.body.Read(p)
	}
	deadline := time.Now().Add(b.pause)
	if deadline.After(b.end) {
		deadline = b.end
	}
	_ = b.control.SetReadDeadline(deadline) // not supported by test recorders
	n, err := b.body.Read(p)
	if err != nil {
		b.done = true
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

func (b *steadyBody) Close() error { return b.body.Close() }
