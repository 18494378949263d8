package elastic

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// item is one action with its source, and what became of it.
type item struct {
	action
	source string
	// at, unless it is 0, is when its entry is, in nanoseconds, whatever @timestamp says.
	at int64

	err *esapi.Error
	// seq is the document's number, if err is nil.
	seq int64
	// claimed says that claim was made for this item, to be given back if it is not
	// stored.
	claim   uint64
	claimed bool
}

// batch stores the items of one request.
type batch struct {
	rc     *Receiver
	ctx    context.Context //nolint:containedctx // a batch lives as long as its request
	tenant tenant.ID
	// now is the time of documents without @timestamp: each gets a nanosecond more, so
	// that they stay in their order and apart.
	now     int64
	targets map[string]target

	// What is to be pushed next.
	streams []model.LogStream
	origin  [][]*item // of the streams' entries
	hashes  []uint64  // of the streams' labels
	byKey   map[streamKey]int
	last    streamKey
	lastAt  int
	size    int
	// seen are this request's entries, to keep those apart that are equal.
	seen   map[uint64]equal
	labels []model.Label // memory for metadata

	stored int
}

type target struct {
	Target
	err *esapi.Error
}

type streamKey struct{ index, service string }

// equal are entries with the same stream, time and line.
type equal struct {
	id string // of the first
	n  int64  // how many more there are
}

// pushSize is how many bytes are pushed at once: enough that a sync of the disk costs
// little for each, and less than ingest has in flight.
const pushSize = 8 << 20

func (rc *Receiver) newBatch(ctx context.Context, n int) *batch {
	return &batch{rc: rc, ctx: ctx, tenant: tenant.FromContext(ctx), now: rc.now().UnixNano(), targets: map[string]target{},
		byKey: map[streamKey]int{}, seen: make(map[uint64]equal, n)}
}

// store stores the items and says of each what became of it.
func (b *batch) store(items []item) {
	for i := range items {
		it := &items[i]
		if it.err = b.take(it, len(items)-i); it.err != nil {
			b.rc.deps.Metrics.Refused(ingest.SignalLogs, b.tenant, b.reasonOf(it), 1)
		} else if b.size >= pushSize {
			b.push()
		}
	}
	b.push()
}

// reasonOf is the reason by which an item that was refused here is counted.
func (b *batch) reasonOf(it *item) ingest.Reason {
	switch {
	case it.err.Status == http.StatusConflict:
		return ingest.VersionConflict
	case len(it.source) > b.rc.cfg.MaxDocument:
		return ingest.LineTooLong
	case it.err.Status >= 500:
		return ingest.Overloaded
	}
	return ingest.Malformed
}

// take makes an entry of an item's document.
func (b *batch) take(it *item, left int) *esapi.Error {
	if err := it.check(); err != nil {
		return err
	}
	to := b.target(it.index)
	if to.err != nil {
		return to.err
	}
	if err := admit(&it.action, to.Target); err != nil {
		return err
	}
	if len(it.source) > b.rc.cfg.MaxDocument {
		return esapi.Illegal(fmt.Sprintf("the document has %d bytes, the limit is %d", len(it.source), b.rc.cfg.MaxDocument))
	}
	doc, err := parseDocument(it.source)
	if err != nil {
		return parsing(err.Error())
	}
	if to.DataStream && !doc.timed {
		return parsing("[1:1] failed to parse: data stream timestamp field [@timestamp] is missing")
	}
	it.index = to.Index
	if it.hasID {
		it.claim = b.rc.recent.key(b.tenant, to.Index, it.id)
		it.claimed = b.rc.recent.claim(it.claim)
		if it.op == opCreate && !it.claimed {
			return &esapi.Error{Status: http.StatusConflict, Type: "version_conflict_engine_exception", Index: to.Index,
				Reason: fmt.Sprintf("[%s]: version conflict, document already exists (current version [1])", it.id)}
		}
	}
	b.add(it, doc, left)
	return nil
}

// admit checks what an action demands of its target, and the other way round.
func admit(a *action, to Target) *esapi.Error {
	switch {
	case a.requireAlias && !to.Alias:
		e := esapi.NoSuchIndex(a.index)
		e.Reason += " and [require_alias] request flag is [true] and [" + a.index + "] is not an alias"
		return e
	case a.requireData && !to.DataStream:
		e := esapi.NoSuchIndex(a.index)
		e.Reason += " and [require_data_stream] request flag is [true] and [" + a.index + "] is not a data stream"
		return e
	case to.DataStream && a.op == opIndex:
		return esapi.Illegal("only write ops with an op_type of create are allowed in data streams")
	}
	return nil
}

func parsing(reason string) *esapi.Error {
	return &esapi.Error{Status: http.StatusBadRequest, Type: "document_parsing_exception", Reason: reason}
}

// target resolves a name, once for each request.
func (b *batch) target(name string) target {
	to, ok := b.targets[name]
	if !ok {
		to = b.resolve(name)
		b.targets[name] = to
	}
	return to
}

func (b *batch) resolve(name string) target {
	concrete, ok := esapi.ResolveDateMath(name, time.Unix(0, b.now))
	if !ok {
		return target{err: esapi.Illegal("date math of this form is not supported in the index name [" + name + "]")}
	}
	if err := esapi.CheckName(concrete); err != nil {
		return target{err: err}
	}
	to, err := b.rc.deps.Catalog.Target(b.ctx, b.tenant, concrete)
	if err == nil {
		return target{Target: to}
	}
	var e *esapi.Error
	if !errors.As(err, &e) {
		b.rc.deps.Log.Error("cannot look up an index", "error", err)
		e = &esapi.Error{Status: http.StatusServiceUnavailable, Type: "cluster_block_exception", Reason: "the state of indices cannot be read now", RetryAfter: 5 * time.Second}
	}
	return target{err: e}
}

// add puts a document into what is to be pushed.
func (b *batch) add(it *item, doc document, left int) {
	at := b.stream(streamKey{it.index, doc.service})
	if !doc.timed {
		doc.time = b.now
		b.now++
	}
	if it.at != 0 {
		doc.time = it.at
	} else {
		b.separate(it, &doc, b.hashes[at])
	}
	if !it.hasID {
		it.id = esapi.ID(it.index, doc.time, doc.source)
	}
	if len(b.labels) == 0 {
		b.labels = make([]model.Label, min(left, 1024))
	}
	metadata := b.labels[:1:1]
	b.labels = b.labels[1:]
	metadata[0] = model.Label{Name: "_id", Value: it.id}
	s := &b.streams[at]
	s.Entries = append(s.Entries, model.LogEntry{Time: doc.time, Line: doc.source, Metadata: metadata})
	b.origin[at] = append(b.origin[at], it)
	b.size += 64 + len(doc.source) + len(it.id)
}

// separate moves a document that equals an earlier one of the request: two documents that
// are equal are two, and a nanosecond keeps them apart.
func (b *batch) separate(it *item, doc *document, stream uint64) {
	key := xxhash.Sum64String(doc.source) ^ uint64(doc.time)*0x9E3779B97F4A7C15 ^ stream
	e, there := b.seen[key]
	if !there {
		b.seen[key] = equal{id: it.id}
	} else if !it.hasID || it.id != e.id {
		e.n++
		b.seen[key] = e
		doc.time += e.n
	}
}

// stream returns the place of a stream in what is to be pushed.
func (b *batch) stream(key streamKey) int {
	if key == b.last && b.size > 0 {
		return b.lastAt
	}
	at, ok := b.byKey[key]
	if !ok {
		at = len(b.streams)
		// The body must not live as long as its labels.
		key = streamKey{strings.Clone(key.index), strings.Clone(key.service)}
		b.byKey[key] = at
		b.streams = append(b.streams, model.LogStream{Labels: model.NewLabels(
			model.Label{Name: "index", Value: key.index}, model.Label{Name: "service_name", Value: key.service})})
		b.origin = append(b.origin, nil)
		b.hashes = append(b.hashes, xxhash.Sum64String(key.index+"\x00"+key.service))
	}
	b.last, b.lastAt = key, at
	return at
}

// push stores what was gathered.
func (b *batch) push() {
	if len(b.streams) == 0 {
		return
	}
	err := b.rc.deps.Sink.PushLogItems(b.ctx, b.tenant, b.streams, func(stream, entry int, r *ingest.Refusal) {
		if entry >= 0 {
			b.origin[stream][entry].err = refused(r)
			return
		}
		for _, it := range b.origin[stream] {
			if it.err == nil {
				it.err = refused(r)
			}
		}
	})
	if err != nil {
		b.rc.failed(b.ctx, err)
	}
	for _, items := range b.origin {
		for _, it := range items {
			if it.err == nil && err != nil {
				it.err = refused(err)
			}
			switch {
			case it.err == nil:
				it.seq = b.rc.stored.Add(1) - 1
				b.stored++
			case it.claimed:
				b.rc.recent.forget(it.claim)
			}
		}
	}
	b.streams, b.origin, b.hashes, b.size = nil, nil, nil, 0
	clear(b.byKey)
}

// failed logs errors that are not refusals: those are counted where they are made.
func (rc *Receiver) failed(ctx context.Context, err error) {
	var r *ingest.Refusal
	if !errors.As(err, &r) && ctx.Err() == nil {
		rc.deps.Log.Error("documents were not stored", "error", err)
	}
}

// refused is ingest's answer in Elasticsearch's words.
func refused(err error) *esapi.Error {
	var r *ingest.Refusal
	switch {
	case !errors.As(err, &r):
		return &esapi.Error{Status: http.StatusInternalServerError, Type: "exception", Reason: err.Error()}
	case r.Temporary && r.Reason != ingest.DiskFull:
		return &esapi.Error{Status: http.StatusTooManyRequests, Type: "es_rejected_execution_exception", Reason: r.Message, RetryAfter: r.RetryAfter}
	case r.Temporary:
		return &esapi.Error{Status: http.StatusServiceUnavailable, Type: "cluster_block_exception", Reason: r.Message, RetryAfter: r.RetryAfter}
	}
	return esapi.Illegal(r.Message)
}
