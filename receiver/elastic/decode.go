package elastic

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"unsafe"

	"github.com/pharosd/pharos/internal/esapi"
)

// itemCost is what an item takes in memory besides its source, until it is answered.
const itemCost = 512

// decode reads the items of a bulk body: pairs of an action line and, for all but
// delete, a line with the source. Sources share body's memory, which must not change.
// An error is the whole request's: nothing of it may be stored.
func decode(body []byte, d defaults, s *share) ([]item, error) {
	if len(body) == 0 {
		return nil, &esapi.Error{Status: http.StatusBadRequest, Type: "parse_exception", Reason: "request body is required"}
	}
	if body[len(body)-1] != '\n' {
		return nil, esapi.Illegal(`The bulk request must be terminated by a newline [\n]`)
	}
	var (
		items   []item
		missing missingIndices
		lastRaw []byte // the last action line, since most are alike
		last    action
		granted int
	)
	lines := lineReader{rest: body}
	for {
		line, n, ok := lines.next()
		if !ok {
			break
		}
		if len(line) == 0 {
			continue
		}
		if lastRaw == nil || !bytes.Equal(line, lastRaw) {
			a, err := parseAction(line, n, d)
			if err != nil {
				return nil, err
			}
			last, lastRaw = a, line
		}
		it := item{action: last}
		if last.op.hasSource() {
			source, _, ok := lines.next()
			if !ok {
				return nil, esapi.Illegal(fmt.Sprintf("Malformed action/metadata line [%d], no source follows it", n))
			}
			it.source = unsafe.String(unsafe.SliceData(source), len(source))
		}
		if len(items) == granted {
			more := max(64, granted)
			if err := s.grow(int64(more) * itemCost); err != nil {
				return nil, err
			}
			granted += more
		}
		items = append(items, it)
		missing.check(&last, len(items))
	}
	if len(items) == 0 {
		return nil, &esapi.Error{Status: http.StatusBadRequest, Type: "action_request_validation_exception", Reason: "Validation Failed: 1: no requests added;"}
	}
	return items, missing.err()
}

// lineReader cuts a body into lines.
type lineReader struct {
	rest []byte
	n    int
}

// next returns a line without its end and without space around it, and its number
// from 1 on.
func (l *lineReader) next() (line []byte, n int, ok bool) {
	at := bytes.IndexByte(l.rest, '\n')
	if at < 0 {
		return nil, 0, false
	}
	line, l.rest = l.rest[:at], l.rest[at+1:]
	l.n++
	return bytes.TrimSpace(line), l.n, true
}

// missingIndices gathers the items that say nowhere what index they are for.
type missingIndices struct {
	text strings.Builder
	n    int
}

func (m *missingIndices) check(a *action, item int) {
	if a.index != "" {
		return
	}
	if m.n++; m.n <= 100 {
		fmt.Fprintf(&m.text, " %d: index is missing;", item)
	}
}

func (m *missingIndices) err() error {
	if m.n == 0 {
		return nil
	}
	return &esapi.Error{Status: http.StatusBadRequest, Type: "action_request_validation_exception", Reason: "Validation Failed:" + m.text.String()}
}
