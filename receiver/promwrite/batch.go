package promwrite

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"github.com/pharosd/pharos/ingest"
)

// shownErrors is how many refusals an answer spells out.
const shownErrors = 10

// batch appends the series of one request.
type batch struct {
	app     storage.Appender
	known   storage.GetRef // nil when the appender is none
	maxTime int64

	ts      timeSeries
	builder labels.ScratchBuilder
	scratch labels.Labels // overwritten by each series

	// The series that is being appended.
	ref    storage.SeriesRef
	labels labels.Labels

	stored  stored
	refused map[ingest.Reason]int
	total   int
	errors  []string
}

func newBatch(app storage.Appender) *batch {
	b := &batch{
		app:     app,
		maxTime: time.Now().Add(maxAhead).UnixMilli(),
		builder: labels.NewScratchBuilder(32),
	}
	b.known, _ = app.(storage.GetRef)
	return b
}

// begin finds or makes the series of ts and appends its samples. It returns false
// when there is nothing more to do for the series.
func (b *batch) begin(ts *timeSeries) (bool, error) {
	b.builder.Reset()
	for _, l := range ts.labels {
		if n := max(len(l.Name), len(l.Value)); n > maxLabelBytes {
			b.refuse(ingest.LabelValueTooLong, fmt.Errorf("label %.64q has %d bytes, limit %d", l.Name, n, maxLabelBytes), max(len(ts.samples)+len(ts.histograms), 1))
			return false, nil
		}
		b.builder.Add(l.Name, l.Value)
	}
	if !ts.sorted {
		b.builder.Sort()
	}
	b.ref, b.labels = 0, labels.EmptyLabels()
	if b.known != nil {
		b.builder.Overwrite(&b.scratch)
		b.ref, b.labels = b.known.GetRef(b.scratch, b.scratch.Hash())
	}
	if b.ref == 0 {
		// A new series: its labels are copied out of the body and checked.
		b.labels = b.builder.Labels()
		if reason, err := check(b.labels); err != nil {
			b.refuse(reason, err, max(len(ts.samples)+len(ts.histograms), 1))
			return false, nil
		}
	}
	if len(ts.samples)+len(ts.histograms)+len(ts.exemplars) == 0 {
		b.refuse(ingest.Malformed, fmt.Errorf("TimeSeries must contain at least one sample or histogram for series %s", b.labels), 1)
		return false, nil
	}
	for _, s := range ts.samples {
		if err := b.sample(s); err != nil {
			return false, err
		}
	}
	return true, nil
}

// maxLabelBytes is the longest name or value that Prometheus' encoding of labels
// holds; it panics at longer ones.
const maxLabelBytes = 1<<24 - 1

// check refuses labels that Prometheus would not take either.
func check(ls labels.Labels) (ingest.Reason, error) {
	if !ls.Has(labels.MetricName) || !ls.IsValid(model.UTF8Validation) {
		return ingest.InvalidLabels, fmt.Errorf("invalid metric name or labels, got %s", shortened(ls))
	}
	if name, dup := ls.HasDuplicateLabelNames(); dup {
		return ingest.InvalidLabels, fmt.Errorf("invalid labels for series, labels %s, duplicated label %s", shortened(ls), name)
	}
	return "", nil
}

// shownSeries bounds how much of a series' labels an answer repeats.
const shownSeries = 512

func shortened(ls labels.Labels) string {
	s := ls.String()
	if len(s) > shownSeries {
		return strings.ToValidUTF8(s[:shownSeries], "") + "..."
	}
	return s
}

func (b *batch) sample(s sample) error {
	if s.time > b.maxTime {
		return b.failed(errTooNew, s.time)
	}
	ref, err := b.app.Append(b.ref, b.labels, s.time, s.value)
	if err != nil {
		return b.failed(err, s.time)
	}
	b.ref = ref
	b.stored.samples++
	return nil
}

func (b *batch) histogram(t int64, h *histogram.Histogram, fh *histogram.FloatHistogram) error {
	if t > b.maxTime {
		return b.failed(errTooNew, t)
	}
	if err := reduce(h, fh); err != nil {
		return b.failed(err, t)
	}
	ref, err := b.app.AppendHistogram(b.ref, b.labels, t, h, fh)
	if err != nil {
		return b.failed(err, t)
	}
	b.ref = ref
	b.stored.histograms++
	return nil
}

// reduce brings a histogram that is finer than the store keeps to its finest
// resolution.
func reduce(h *histogram.Histogram, fh *histogram.FloatHistogram) error {
	switch {
	case h != nil && histogram.IsExponentialSchemaReserved(h.Schema) && h.Schema > histogram.ExponentialSchemaMax:
		return h.ReduceResolution(histogram.ExponentialSchemaMax)
	case fh != nil && histogram.IsExponentialSchemaReserved(fh.Schema) && fh.Schema > histogram.ExponentialSchemaMax:
		return fh.ReduceResolution(histogram.ExponentialSchemaMax)
	}
	return nil
}

// exemplar appends an exemplar. As in Prometheus, one that is not stored is no
// reason to refuse the request unless it is out of order: exemplars are best effort.
func (b *batch) exemplar(e exemplar.Exemplar) error {
	if e.Ts > b.maxTime {
		return b.failed(errTooNew, e.Ts)
	}
	_, err := b.app.AppendExemplar(b.ref, b.labels, e)
	switch {
	case err == nil:
		b.stored.exemplars++
	case errors.Is(err, storage.ErrOutOfOrderExemplar):
		b.refuse(ingest.OutOfOrder, fmt.Errorf("%w for series %s", err, shortened(b.labels)), 1)
	}
	return nil
}

var errTooNew = fmt.Errorf("%w: timestamp is too far in the future", storage.ErrOutOfBounds)

// failed counts a sample that was refused; an error of the store itself, which is
// no refusal, is returned.
func (b *batch) failed(err error, t int64) error {
	reason, ok := refusal(err)
	if !ok {
		return err
	}
	b.refuse(reason, fmt.Errorf("%w for series %s at %d", err, shortened(b.labels), t), 1)
	return nil
}

func (b *batch) refuse(reason ingest.Reason, err error, n int) {
	if b.refused == nil {
		b.refused = map[ingest.Reason]int{}
	}
	b.refused[reason] += n
	b.total += n
	if len(b.errors) < shownErrors {
		b.errors = append(b.errors, err.Error())
	}
}

// refusal tells why a sample was refused; false says that the store failed.
func refusal(err error) (ingest.Reason, bool) {
	if named, ok := errors.AsType[interface {
		error
		Reason() string
	}](err); ok {
		return ingest.Reason(named.Reason()), true
	}
	_, invalid := errors.AsType[histogram.Error](err)
	switch {
	case invalid:
		return ingest.Malformed, true
	case errors.Is(err, errTooNew):
		return ingest.TooNew, true
	case errors.Is(err, storage.ErrOutOfOrderSample):
		return ingest.OutOfOrder, true
	case errors.Is(err, storage.ErrDuplicateSampleForTimestamp):
		return ingest.Duplicate, true
	case errors.Is(err, storage.ErrOutOfBounds), errors.Is(err, storage.ErrTooOldSample):
		return ingest.TooOld, true
	}
	return "", false
}

// finish commits what was appended, or nothing after an error. The error that it
// returns is what the sender is told.
func (b *batch) finish(err error) (stored, error) {
	if err == nil {
		err = b.app.Commit()
		if err != nil {
			return stored{}, fmt.Errorf("store samples: %w", err)
		}
		if b.total == 0 {
			return b.stored, nil
		}
		message := fmt.Sprintf("%d refused, %d stored: %s", b.total, b.stored.samples+b.stored.histograms, strings.Join(b.errors, "; "))
		return b.stored, &statusError{http.StatusBadRequest, message}
	}
	b.refused = nil
	if back := b.app.Rollback(); back != nil {
		err = errors.Join(err, back)
	}
	return stored{}, err
}
