package tsdb

import (
	"context"
	"time"

	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"

	"github.com/pharosd/pharos/metrics"
)

// transaction is what both kinds of appender share: the instance to release and the
// oldest sample that is accepted.
type transaction struct {
	inner  storage.AppenderTransaction
	store  *Store
	in     *instance
	oldest int64
}

func (v *view) begin() (transaction, *tsdb.DB, error) {
	in, db, err := v.store.acquire(v.tenant, true)
	if err != nil {
		return transaction{}, nil, err
	}
	oldest := time.Now().Add(-v.store.retention()).UnixMilli()
	return transaction{store: v.store, in: in, oldest: oldest}, db, nil
}

func (tx *transaction) check(t int64) error {
	if t >= tx.oldest {
		return nil
	}
	tx.store.metrics.tooOld.Inc()
	return &metrics.TooOldError{Time: t, Oldest: tx.oldest}
}

// Commit hands the samples to the write-ahead log and the head.
func (tx *transaction) Commit() error {
	defer tx.store.release(tx.in)
	tx.in.dirty.Store(true)
	return tx.inner.Commit()
}

// Rollback drops the samples.
func (tx *transaction) Rollback() error {
	defer tx.store.release(tx.in)
	return tx.inner.Rollback()
}

// AppenderV2 implements storage.AppendableV2.
func (v *view) AppenderV2(ctx context.Context) storage.AppenderV2 {
	tx, db, err := v.begin()
	if err != nil {
		return failedAppenderV2{err}
	}
	inner := db.AppenderV2(ctx)
	tx.inner = inner
	return &appenderV2{tx, inner}
}

type appenderV2 struct {
	transaction
	app storage.AppenderV2
}

func (a *appenderV2) Append(ref storage.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, opts storage.AOptions) (storage.SeriesRef, error) {
	if err := a.check(t); err != nil {
		return 0, err
	}
	return a.app.Append(ref, ls, st, t, v, h, fh, opts)
}

// Appender implements storage.Appendable.
func (v *view) Appender(ctx context.Context) storage.Appender {
	tx, db, err := v.begin()
	if err != nil {
		return failedAppender{err: err}
	}
	inner := db.Appender(ctx)
	tx.inner = inner
	return &appender{Appender: inner, tx: tx}
}

// appender passes on what it does not check (exemplars, metadata, start times).
type appender struct {
	storage.Appender
	tx transaction
}

func (a *appender) Append(ref storage.SeriesRef, ls labels.Labels, t int64, v float64) (storage.SeriesRef, error) {
	if err := a.tx.check(t); err != nil {
		return 0, err
	}
	return a.Appender.Append(ref, ls, t, v)
}

func (a *appender) AppendHistogram(ref storage.SeriesRef, ls labels.Labels, t int64, h *histogram.Histogram, fh *histogram.FloatHistogram) (storage.SeriesRef, error) {
	if err := a.tx.check(t); err != nil {
		return 0, err
	}
	return a.Appender.AppendHistogram(ref, ls, t, h, fh)
}

// GetRef implements storage.GetRef: pushed batches look their series up by it, which
// costs less than making labels for samples of series that are known.
func (a *appender) GetRef(ls labels.Labels, hash uint64) (storage.SeriesRef, labels.Labels) {
	if g, ok := a.Appender.(storage.GetRef); ok {
		return g.GetRef(ls, hash)
	}
	return 0, labels.EmptyLabels()
}

func (a *appender) Commit() error   { return a.tx.Commit() }
func (a *appender) Rollback() error { return a.tx.Rollback() }

// failedAppenderV2 answers everything with the reason why there is no appender.
type failedAppenderV2 struct{ err error }

func (f failedAppenderV2) Append(storage.SeriesRef, labels.Labels, int64, int64, float64, *histogram.Histogram, *histogram.FloatHistogram, storage.AOptions) (storage.SeriesRef, error) {
	return 0, f.err
}
func (f failedAppenderV2) Commit() error   { return f.err }
func (f failedAppenderV2) Rollback() error { return nil }

// failedAppender is the same for the older interface.
type failedAppender struct{ err error }

func (f failedAppender) SetOptions(*storage.AppendOptions) {}
func (f failedAppender) Append(storage.SeriesRef, labels.Labels, int64, float64) (storage.SeriesRef, error) {
	return 0, f.err
}
func (f failedAppender) AppendExemplar(storage.SeriesRef, labels.Labels, exemplar.Exemplar) (storage.SeriesRef, error) {
	return 0, f.err
}
func (f failedAppender) AppendHistogram(storage.SeriesRef, labels.Labels, int64, *histogram.Histogram, *histogram.FloatHistogram) (storage.SeriesRef, error) {
	return 0, f.err
}
func (f failedAppender) AppendHistogramSTZeroSample(storage.SeriesRef, labels.Labels, int64, int64, *histogram.Histogram, *histogram.FloatHistogram) (storage.SeriesRef, error) {
	return 0, f.err
}
func (f failedAppender) AppendSTZeroSample(storage.SeriesRef, labels.Labels, int64, int64) (storage.SeriesRef, error) {
	return 0, f.err
}
func (f failedAppender) UpdateMetadata(storage.SeriesRef, labels.Labels, metadata.Metadata) (storage.SeriesRef, error) {
	return 0, f.err
}
func (f failedAppender) Commit() error   { return f.err }
func (f failedAppender) Rollback() error { return nil }
