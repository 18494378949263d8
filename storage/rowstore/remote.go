package rowstore

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/internal/durable"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/wal"
	"github.com/pharosd/pharos/tenant"
)

// RemoteConfig is a Remote's settings.
type RemoteConfig struct {
	// Path is the folder of the write-ahead log; it is created if it does not exist.
	Path string
	// Retention and FutureLimit are as in Config. The servers must keep rows for as
	// long.
	Retention, FutureLimit time.Duration
	// MaxInFlight bounds the bytes of rows that wait for the disk.
	MaxInFlight int64
	// MaxLog bounds the write-ahead log in bytes: when the servers are away for so long
	// that it is full, rows are refused.
	MaxLog int64
	// Hold is how long rows stay in the write-ahead log after the servers took them.
	// Servers that are killed lose what they did not write yet, and get it again from
	// the log: it must be several times their -inmemoryDataFlushInterval.
	Hold time.Duration
}

// Remote is a Reader and a Writer on other servers of the same engine. Append answers
// when the rows are in its own write-ahead log and synced. They are sent in the
// background, and sent again if the servers lose them: each row is there once.
type Remote struct {
	*reads
	cfg     RemoteConfig
	log     *slog.Logger
	metrics *metrics
	server  remoteEngine
	wal     *wal.Log
	lock    *os.File
	// writer is the name of this log among others that send to the same servers.
	writer string

	// shipments tells repeats of agents' numbered batches, when learned is closed.
	shipments *shipments
	learned   chan struct{}

	stop       context.CancelFunc
	background sync.WaitGroup
	users      sync.WaitGroup
	closing    sync.Mutex
	closed     bool

	inFlight atomic.Int64
	// acknowledged is the number after the last row that was acknowledged.
	acknowledged atomic.Uint64
	wake         chan struct{} // has an element while there may be rows to send

	state   sync.Mutex // guards what follows
	sent    uint64     // the servers have taken all rows below
	ready   bool       // rows of earlier processes were looked after
	failure error      // why rows cannot be sent
	changed chan struct{}

	flushing sync.Mutex
	flushed  uint64 // queries see all rows below

	streams  atomic.Uint64 // see reads.created
	known    map[uint64]struct{}
	knownMu  sync.Mutex
	hashSeed maphash.Seed
}

var (
	_ Reader = (*Remote)(nil)
	_ Writer = (*Remote)(nil)
)

// OpenRemote opens the write-ahead log in cfg.Path and returns before the servers are
// reached: appends are accepted at once.
func OpenRemote(cfg RemoteConfig, transport Transport, log *slog.Logger, reg prometheus.Registerer) (*Remote, error) {
	if err := ensureSetup(log); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Path, 0o750); err != nil {
		return nil, fmt.Errorf("create remote row store: %w", err)
	}
	lock, err := lockDir(cfg.Path)
	if err != nil {
		return nil, fmt.Errorf("open remote row store: %w", err)
	}
	r := &Remote{cfg: cfg, log: log, metrics: newMetrics(reg), server: remoteEngine{transport}, lock: lock, wake: make(chan struct{}, 1),
		learned: make(chan struct{}), changed: make(chan struct{}), known: map[uint64]struct{}{}, hashSeed: maphash.MakeSeed()}
	// Servers remember selectors longer than a process may live.
	r.streams.Store(uint64(time.Now().UnixNano()))
	r.shipments, err = openShipments(cfg.Path, log, r.metrics)
	if err == nil {
		r.writer, err = writerName(cfg.Path)
	}
	if err == nil {
		r.wal, err = wal.Open(wal.Config{Dir: filepath.Join(cfg.Path, "wal"), SegmentSize: 1 << 20, MaxSize: cfg.MaxLog}, log, reg)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open remote row store: %w", err), lock.Close())
	}
	r.reads = &reads{source: r.server, begin: r.begin, created: r.streams.Load,
		find:     func(t tenant.ID) (logstorage.TenantID, bool) { return remoteTenant(t), true },
		distinct: func() (bool, uint64) { return false, 0 }, marked: func() (bool, uint64) { return false, 0 }}
	if reg != nil {
		r.register(reg)
	}
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	r.background.Go(func() {
		if r.learnShipments(ctx) {
			r.forward(ctx)
		}
	})
	return r, nil
}

func (r *Remote) register(reg prometheus.Registerer) {
	reg.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "pharos_rowstore_remote_up", Help: "1 while the servers take rows and answer.",
		}, func() float64 {
			if r.Reach() != nil {
				return 0
			}
			return 1
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "pharos_rowstore_remote_unsent_rows", Help: "Rows in the write-ahead log that the servers have not taken.",
		}, func() float64 {
			r.state.Lock()
			defer r.state.Unlock()
			return max(0, float64(r.acknowledged.Load())-float64(r.sent))
		}))
}

// writerName reads the name of the log in dir, or gives it one.
func writerName(dir string) (string, error) {
	path := filepath.Join(dir, "writer")
	b, err := os.ReadFile(path)
	switch name := strings.TrimSpace(string(b)); {
	case err == nil && name != "":
		return name, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	var name [8]byte
	if _, err := rand.Read(name[:]); err != nil {
		return "", err
	}
	text := "w" + hex.EncodeToString(name[:]) // no number
	return text, durable.Replace(path, []byte(text+"\n"))
}

func (r *Remote) enter() error {
	r.closing.Lock()
	defer r.closing.Unlock()
	if r.closed {
		return ErrClosed
	}
	r.users.Add(1)
	return nil
}

// Close waits for calls under way. What the servers have not taken yet stays in the
// write-ahead log.
func (r *Remote) Close() error {
	r.closing.Lock()
	again := r.closed
	r.closed = true
	r.closing.Unlock()
	if again {
		return ErrClosed
	}
	r.users.Wait()
	r.stop()
	r.background.Wait()
	return errors.Join(r.wal.Close(), r.lock.Close())
}

var errComparing = errors.New("the write-ahead log is being compared with the log server")

// Reach says why queries are not answered: the servers are away, or the write-ahead
// log is being compared with them. nil is well.
func (r *Remote) Reach() error {
	r.state.Lock()
	defer r.state.Unlock()
	if r.failure == nil && !r.ready {
		return errComparing
	}
	return r.failure
}

// Health says why rows are not taken, or will not be for long: the servers are away and
// the write-ahead log is nearly full. nil is well.
func (r *Remote) Health() error {
	if r.wal.Size() < r.cfg.MaxLog/10*9 {
		return nil
	}
	return r.Reach()
}

// Append implements Writer.
func (r *Remote) Append(ctx context.Context, t tenant.ID, rows []Row) error {
	if len(rows) == 0 {
		return nil
	}
	if err := r.enter(); err != nil {
		return err
	}
	defer r.users.Done()
	if err := r.logRows(ctx, t, rows); err != nil {
		r.metrics.refused.WithLabelValues(refusalName(err)).Add(float64(len(rows)))
		return err
	}
	r.metrics.rows.Add(float64(len(rows)))
	return nil
}

// logRows writes rows to the write-ahead log and wakes the sender.
func (r *Remote) logRows(ctx context.Context, t tenant.ID, rows []Row) error {
	size, err := checkRows(rows, r.cfg.Retention, r.cfg.FutureLimit)
	if err != nil {
		return err
	}
	if _, err := tenant.Parse(string(t)); err != nil {
		return err
	}
	defer r.inFlight.Add(-size)
	if r.inFlight.Add(size) > r.cfg.MaxInFlight {
		return ErrOverloaded
	}
	var shipment *model.Shipment
	if sh, ok := model.ShipmentFrom(ctx); ok {
		if store, err := r.beginShipment(ctx, t, sh); err != nil || !store {
			return err
		}
		defer r.shipments.end(tenantKey(remoteTenant(t)), sh)
		shipment = &sh
	}
	record, err := encodeRemote(remoteTenant(t), shipment, rows)
	if err != nil {
		return err
	}
	first, err := r.wal.Append(ctx, record, uint32(len(rows)))
	switch {
	case errors.Is(err, wal.ErrDiskFull):
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	case errors.Is(err, wal.ErrFull), errors.Is(err, wal.ErrTooLarge):
		return errors.Join(fmt.Errorf("%w: %w", ErrOverloaded, err), r.Reach())
	case err != nil:
		return err
	}
	if shipment != nil {
		// Long before the record is given up, which takes Hold.
		r.shipments.stored(tenantKey(remoteTenant(t)), *shipment)
	}
	r.learnStreams(t, rows)
	end := first + uint64(len(rows))
	for {
		last := r.acknowledged.Load()
		if last >= end || r.acknowledged.CompareAndSwap(last, end) {
			break
		}
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
	return nil
}

// learnShipments reads from the write-ahead log which of agents' batches it has.
func (r *Remote) learnShipments(ctx context.Context) bool {
	_, err := r.wal.Replay(ctx, func(rec wal.Record) error {
		if tenant, shipment, _, err := remoteHead(rec.Payload); err == nil && shipment != nil {
			r.shipments.stored(tenant, *shipment)
		}
		return nil
	})
	if err != nil {
		if ctx.Err() == nil {
			r.log.Error("write-ahead log cannot be read: rows are not sent", "error", err)
			r.report(0, err)
		}
		return false
	}
	close(r.learned)
	return true
}

// beginShipment says whether an agent's batch is to be stored; then its end must follow.
func (r *Remote) beginShipment(ctx context.Context, t tenant.ID, sh model.Shipment) (store bool, err error) {
	limit := time.NewTimer(replayWait)
	defer limit.Stop()
	select {
	case <-r.learned:
	case <-limit.C:
		return false, ErrReplaying
	case <-ctx.Done():
		return false, ctx.Err()
	}
	return r.shipments.begin(ctx, tenantKey(remoteTenant(t)), sh)
}

// maxKnownStreams bounds the memory for streams that were seen.
const maxKnownStreams = 1 << 16

// learnStreams counts streams that were not seen before on their day.
func (r *Remote) learnStreams(t tenant.ID, rows []Row) {
	r.knownMu.Lock()
	defer r.knownMu.Unlock()
	var h maphash.Hash
	h.SetSeed(r.hashSeed)
	for i := range rows {
		if day := rows[i].Time / int64(24*time.Hour); i == 0 || !sameStream(rows[i-1].Stream, rows[i].Stream) || day != rows[i-1].Time/int64(24*time.Hour) {
			h.Reset()
			fmt.Fprintf(&h, "%s %d %q", t, day, rows[i].Stream)
			if _, ok := r.known[h.Sum64()]; ok {
				continue
			}
			if len(r.known) >= maxKnownStreams {
				clear(r.known)
			}
			r.known[h.Sum64()] = struct{}{}
			r.streams.Add(1)
		}
	}
}

// sameStream says whether two rows surely have the same stream, cheaply.
func sameStream(a, b []Field) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// begin waits until the servers have what was acknowledged, and show it.
func (r *Remote) begin(ctx context.Context) (func(), error) {
	if err := r.enter(); err != nil {
		return nil, err
	}
	if err := r.makeVisible(ctx); err != nil {
		r.users.Done()
		return nil, err
	}
	return r.users.Done, nil
}

var errSlow = errors.New("the log server takes rows more slowly than they come")

// maxCatchUp is how long a query waits for rows on their way.
const maxCatchUp = 10 * time.Second

func (r *Remote) makeVisible(ctx context.Context) error {
	want := r.acknowledged.Load()
	ctx, cancel := context.WithTimeoutCause(ctx, maxCatchUp, errSlow)
	defer cancel()
	for {
		r.state.Lock()
		ready, failure, changed := r.ready, r.failure, r.changed
		done := ready && r.sent >= want
		r.state.Unlock()
		if done {
			break
		}
		if failure != nil {
			return failure
		}
		select {
		case <-changed:
		case <-ctx.Done():
			if cause := context.Cause(ctx); ready || !errors.Is(cause, errSlow) {
				return cause
			}
			return errComparing
		}
	}
	r.flushing.Lock()
	defer r.flushing.Unlock()
	if r.flushed >= want {
		return nil
	}
	r.state.Lock()
	sent := r.sent
	r.state.Unlock()
	if err := r.server.flush(ctx); err != nil {
		return err
	}
	r.flushed = sent
	return nil
}
