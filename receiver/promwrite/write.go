package promwrite

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gogo/protobuf/proto"
	remoteapi "github.com/prometheus/client_golang/exp/api/remote"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"

	"github.com/pharosd/pharos/tenant"
)

// write answers POST /api/v1/write. What can be stored is; the answer is 204 when
// that was everything, else 400 with what was refused (and, to version 2, how much
// was not), so that the sender does not send it again.
func (rc *Receiver) write(w http.ResponseWriter, r *http.Request) {
	version, err := messageVersion(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnsupportedMediaType)
		return
	}
	buf := buffers.Get().(*buffer)
	defer putBuffer(buf)
	body, release, err := rc.readSnappy(r, buf)
	if err != nil {
		answer(w, err)
		return
	}
	defer release()
	t := tenant.FromContext(r.Context())
	b := newBatch(rc.deps.Appender(r.Context(), t))
	if version == remoteapi.WriteV1MessageType {
		err = b.appendV1(body)
	} else {
		err = b.appendV2(body)
	}
	stored, err := b.finish(err)
	for reason, n := range b.refused {
		rc.deps.Refused(t, reason, n)
	}
	rc.samples.WithLabelValues(string(version)).Add(float64(stored.samples + stored.histograms))
	if version == remoteapi.WriteV2MessageType {
		stored.headers(w)
	}
	if err != nil {
		answer(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func messageVersion(r *http.Request) (remoteapi.WriteMessageType, error) {
	contentType := r.Header.Get("Content-Type")
	if contentType == "" {
		return remoteapi.WriteV1MessageType, nil
	}
	return remoteapi.ParseProtoMsg(contentType)
}

// retryAfter is what a sender is told to wait, in seconds.
const retryAfter = "5"

func answer(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	if s, ok := errors.AsType[*statusError](err); ok {
		status = s.status
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retryAfter)
	}
	http.Error(w, err.Error(), status)
}

// stored is how much of a request was stored.
type stored struct{ samples, histograms, exemplars int }

// headers tells a sender of version 2 what was stored, as the specification asks.
func (s stored) headers(w http.ResponseWriter) {
	w.Header().Set("X-Prometheus-Remote-Write-Samples-Written", strconv.Itoa(s.samples))
	w.Header().Set("X-Prometheus-Remote-Write-Histograms-Written", strconv.Itoa(s.histograms))
	w.Header().Set("X-Prometheus-Remote-Write-Exemplars-Written", strconv.Itoa(s.exemplars))
}

func (b *batch) appendV1(body []byte) error {
	var h prompb.Histogram
	var e prompb.Exemplar
	return decodeV1(body, &b.ts, func(ts *timeSeries) error {
		ok, err := b.begin(ts)
		if !ok {
			return err
		}
		for _, raw := range ts.histograms {
			h.Reset()
			if err := proto.Unmarshal(raw, &h); err != nil {
				return malformed(err)
			}
			var ih *histogram.Histogram
			var fh *histogram.FloatHistogram
			if h.IsFloatHistogram() {
				fh = h.ToFloatHistogram()
			} else {
				ih = h.ToIntHistogram()
			}
			if err := b.histogram(h.Timestamp, ih, fh); err != nil {
				return err
			}
		}
		for _, raw := range ts.exemplars {
			e.Reset()
			if err := proto.Unmarshal(raw, &e); err != nil {
				return malformed(err)
			}
			if len(raw) > maxLabelBytes {
				return malformed(fmt.Errorf("exemplar has %d bytes, limit %d", len(raw), maxLabelBytes))
			}
			if err := b.exemplar(e.ToExemplar(&b.builder, nil)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (b *batch) appendV2(body []byte) error {
	var h writev2.Histogram
	var e writev2.Exemplar
	return decodeV2(body, &b.ts, func(ts *timeSeries, symbols []string) error {
		ok, err := b.begin(ts)
		if !ok {
			return err
		}
		for _, raw := range ts.histograms {
			h.Reset()
			if err := proto.Unmarshal(raw, &h); err != nil {
				return malformed(err)
			}
			var ih *histogram.Histogram
			var fh *histogram.FloatHistogram
			if h.IsFloatHistogram() {
				fh = h.ToFloatHistogram()
			} else {
				ih = h.ToIntHistogram()
			}
			if err := b.histogram(h.Timestamp, ih, fh); err != nil {
				return err
			}
		}
		for _, raw := range ts.exemplars {
			e.Reset()
			if err := proto.Unmarshal(raw, &e); err != nil {
				return malformed(err)
			}
			ex, err := v2Exemplar(&e, symbols, &b.builder)
			if err != nil {
				return malformed(err)
			}
			if err := b.exemplar(ex); err != nil {
				return err
			}
		}
		return nil
	})
}

// v2Exemplar resolves an exemplar's symbols, which may reach beyond the table.
func v2Exemplar(e *writev2.Exemplar, symbols []string, b *labels.ScratchBuilder) (exemplar.Exemplar, error) {
	for _, ref := range e.LabelsRefs {
		if int64(ref) >= int64(len(symbols)) {
			return exemplar.Exemplar{}, fmt.Errorf("exemplar: label reference %d of %d symbols", ref, len(symbols))
		}
		if n := len(symbols[ref]); n > maxLabelBytes {
			return exemplar.Exemplar{}, fmt.Errorf("exemplar: label has %d bytes, limit %d", n, maxLabelBytes)
		}
	}
	return e.ToExemplar(b, symbols)
}

// malformed is the error of a message that is none: nothing of it is stored.
func malformed(err error) error {
	return &statusError{http.StatusBadRequest, "decode remote write request: " + err.Error()}
}

// maxAhead is how far in the future a sample may be, as in Prometheus.
const maxAhead = 10 * time.Minute
