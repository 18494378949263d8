package promwrite

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/tenant"
)

// otlp answers POST /api/v1/otlp/v1/metrics, where Prometheus takes OTLP over HTTP.
func (rc *Receiver) otlp(w http.ResponseWriter, r *http.Request) {
	req, release, err := rc.readOTLP(r)
	if err != nil {
		answer(w, err)
		return
	}
	defer release()
	t := tenant.FromContext(r.Context())
	err = rc.deps.Metrics.PushMetrics(r.Context(), t, req.Metrics())
	if refusal, ok := errors.AsType[*ingest.Refusal](err); ok && !refusal.Temporary {
		err = &statusError{http.StatusBadRequest, refusal.Message}
	}
	if err != nil {
		answer(w, err)
		return
	}
	w.WriteHeader(http.StatusOK)
}

func (rc *Receiver) readOTLP(r *http.Request) (req pmetricotlp.ExportRequest, release func(), err error) {
	req = pmetricotlp.NewExportRequest()
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-protobuf" && media != "application/json" {
		return req, nil, &statusError{http.StatusBadRequest, fmt.Sprintf("unsupported content type: %s, supported: [application/json, application/x-protobuf]", r.Header.Get("Content-Type"))}
	}
	body := io.Reader(r.Body)
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		gz, err := gzip.NewReader(r.Body)
		if err != nil {
			return req, nil, &statusError{http.StatusBadRequest, "gzip: " + err.Error()}
		}
		defer gz.Close()
		body = gz
	default:
		return req, nil, &statusError{http.StatusBadRequest, fmt.Sprintf("unsupported compression: %s. Only \"gzip\" or no compression supported", encoding)}
	}
	raw, err := readAll(body, nil)
	if err != nil {
		return req, nil, err
	}
	// Unpacked OTLP takes several times its encoded size.
	weight := int64(2 * len(raw))
	if !rc.inFlight.TryAcquire(weight) {
		return req, nil, errBusy
	}
	if media == "application/json" {
		err = req.UnmarshalJSON(raw)
	} else {
		err = req.UnmarshalProto(raw)
	}
	if err != nil {
		rc.inFlight.Release(weight)
		return req, nil, &statusError{http.StatusBadRequest, err.Error()}
	}
	return req, func() { rc.inFlight.Release(weight) }, nil
}
