package v1

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	prommodel "github.com/prometheus/common/model"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/query/logexport"
	"github.com/pharosd/pharos/tenant"
)

const (
	// maxExportRows is how many lines one export has at most.
	maxExportRows = 10_000_000
	// maxExports is how many run at once; each holds a page of lines.
	maxExports = 4
	// exportStall is how long a reader may pause before the export ends.
	exportStall = time.Minute
	maxColumns  = 100
	// ExportTrailer says how an export ended: "complete", "cut" or "failed", the number
	// of rows, and why.
	ExportTrailer = "Pharos-Export"
)

// LogExport streams all lines of a log query as CSV or NDJSON.
type LogExport struct {
	engine *logql.Engine
	log    *slog.Logger
	slots  chan struct{}
	rows   *prometheus.CounterVec
}

// NewLogExport exports what e finds.
func NewLogExport(e *logql.Engine, log *slog.Logger, reg prometheus.Registerer) *LogExport {
	rows := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "pharos_log_export_rows_total", Help: "Log lines that exports handed out, by how the export ended.",
	}, []string{"outcome"})
	reg.MustRegister(rows)
	return &LogExport{engine: e, log: log, slots: make(chan struct{}, maxExports), rows: rows}
}

// Routes returns the table of routes.
func (x *LogExport) Routes() []httpx.Route {
	return []httpx.Route{{Pattern: "GET /api/pharos/v1/logs/export", Access: httpx.Read, Scoped: true, Streaming: true, Handler: http.HandlerFunc(x.get)}}
}

// exportRequest is a request that was read.
type exportRequest struct {
	logexport.Request
	csv     bool
	escape  bool
	columns []string
}

// get answers GET /logs/export?query=&start=&end=&format=csv|ndjson&limit=&direction=
// &columns=&escape_formulas=1; start and end are nanoseconds since the Unix epoch
// (the last hour without them), columns repeats. What is not whole says so in the trailer and in its last line.
func (x *LogExport) get(w http.ResponseWriter, r *http.Request) {
	t := tenant.FromContext(r.Context())
	req, err := readExport(r, x.engine.ConfigOf(t).MaxLength)
	if err != nil {
		httpx.WriteError(w, err)
		return
	}
	select {
	case x.slots <- struct{}{}:
		defer func() { <-x.slots }()
	default:
		w.Header().Set("Retry-After", "30")
		httpx.WriteError(w, &httpx.Error{Status: http.StatusTooManyRequests, Code: "exports_busy",
			Message: fmt.Sprintf("%d exports are running, which is the limit", maxExports), Hint: "wait until one of them is done"})
		return
	}
	name, kind := "logs-"+time.Unix(0, req.Start).UTC().Format("20060102T150405Z"), "application/x-ndjson"
	if req.csv {
		kind, name = "text/csv; charset=utf-8", name+".csv"
	} else {
		name += ".ndjson"
	}
	x.stream(w, r, t, req, kind, name)
}

// stream writes the answer. The head goes out with the first page, so that a query that
// fails at once answers with its error.
func (x *LogExport) stream(w http.ResponseWriter, r *http.Request, t tenant.ID, req exportRequest, kind, name string) {
	control := http.NewResponseController(w)
	out := bufio.NewWriterSize(w, 64<<10)
	encoder := logexport.NewNDJSON(out, req.columns)
	if req.csv {
		encoder = logexport.NewCSV(out, req.columns, req.escape)
	}
	begun := false
	begin := func() {
		if begun {
			return
		}
		begun = true
		h := w.Header()
		h.Set("Content-Type", kind)
		h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
		h.Set("Cache-Control", "no-store")
		h.Set("Trailer", ExportTrailer)
		w.WriteHeader(http.StatusOK)
	}
	emit := func(rows []logexport.Row) error {
		begin()
		_ = control.SetWriteDeadline(time.Now().Add(exportStall)) // not supported by test recorders
		if err := encoder.Rows(rows); err != nil {
			return err
		}
		return out.Flush()
	}
	result, err := logexport.Each(r.Context(), x.engine, t, req.Request, emit)
	if err != nil && !begun {
		httpx.WriteError(w, exportError(err))
		return
	}
	begin()
	outcome, reason := "complete", ""
	switch {
	case r.Context().Err() != nil:
		outcome, reason = "cancelled", "the export was cancelled"
	case err != nil:
		outcome, reason = "failed", err.Error()
		x.log.Warn("log export failed", "tenant", t, "rows", result.Rows, "error", err)
	case result.Cut:
		outcome, reason = "cut", fmt.Sprintf("the limit of %d rows is reached, more begins at %d ns", req.Limit, result.Next)
	}
	x.rows.WithLabelValues(outcome).Add(float64(result.Rows))
	_ = control.SetWriteDeadline(time.Now().Add(exportStall))
	if reason != "" {
		_ = encoder.Incomplete(result.Rows, reason) // the reader may be gone
	} else {
		_ = encoder.Rows(nil) // the header of an export without lines
	}
	_ = out.Flush()
	trailer := fmt.Sprintf("%s; rows=%d", outcome, result.Rows)
	if reason != "" {
		trailer += "; reason=" + strconv.QuoteToASCII(reason)
	}
	w.Header().Set(ExportTrailer, trailer)
}

func exportError(err error) error {
	switch {
	case errors.Is(err, logql.ErrBusy):
		return &httpx.Error{Status: http.StatusTooManyRequests, Code: "queries_busy", Message: err.Error(), Hint: "try again in a moment"}
	case errors.Is(err, logql.ErrUnsupported):
		return &httpx.Error{Status: http.StatusNotImplemented, Code: "not_supported", Message: err.Error()}
	case errors.Is(err, logql.ErrLimit), errors.Is(err, logql.ErrPipeline), errors.Is(err, logql.ErrExecution):
		return &httpx.Error{Status: http.StatusBadRequest, Code: "query_failed", Message: err.Error(), Hint: "narrow the query or the time range"}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &httpx.Error{Status: http.StatusGatewayTimeout, Code: "timeout", Message: err.Error(), Hint: "ask for a shorter time range"}
	}
	return err
}

func badExport(code, message, hint string) error {
	return &httpx.Error{Status: http.StatusBadRequest, Code: code, Message: message, Hint: hint}
}

// readTimes reads start and end; without them it is the last hour.
func (req *exportRequest) readTimes(q url.Values) error {
	read := func(name string, def int64) (int64, error) {
		text := q.Get(name)
		if text == "" {
			return def, nil
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return 0, badExport("bad_time", fmt.Sprintf("%s: %q is no time", name, text), "nanoseconds since the Unix epoch")
		}
		return n, nil
	}
	var err error
	if req.End, err = read("end", time.Now().UnixNano()); err != nil {
		return err
	}
	if req.Start, err = read("start", max(0, req.End-int64(time.Hour))); err != nil {
		return err
	}
	if req.End <= req.Start {
		return badExport("bad_time", "end must be after start", "")
	}
	return nil
}

func readExport(r *http.Request, maxLength time.Duration) (exportRequest, error) {
	q := r.URL.Query()
	req := exportRequest{columns: q["columns"], escape: q.Get("escape_formulas") == "1"}
	x, err := logql.Parse(q.Get("query"))
	if err != nil {
		return req, badExport("bad_query", err.Error(), "query is a LogQL log query, such as {service_name=\"web\"}")
	}
	logs, ok := x.(*logql.LogExpr)
	if !ok {
		return req, badExport("bad_query", "a query that gives numbers has no lines to export", "export the log query inside it")
	}
	req.Query = logs
	switch format := q.Get("format"); format {
	case "csv":
		req.csv = true
	case "ndjson", "":
	default:
		return req, badExport("bad_format", fmt.Sprintf("format %q is not known", format), "csv or ndjson")
	}
	if err := req.readTimes(q); err != nil {
		return req, err
	}
	if length := time.Duration(req.End - req.Start); length > maxLength {
		return req, badExport("range_too_long", fmt.Sprintf("the range of %s is longer than the limit of %s (max_query_length)", prommodel.Duration(length), prommodel.Duration(maxLength)), "export it in parts")
	}
	switch direction := q.Get("direction"); direction {
	case "forward":
		req.Forward = true
	case "backward", "":
	default:
		return req, badExport("bad_direction", fmt.Sprintf("direction %q is not known", direction), "forward or backward")
	}
	req.Limit = maxExportRows
	if s := q.Get("limit"); s != "" {
		if req.Limit, err = strconv.Atoi(s); err != nil || req.Limit < 1 || req.Limit > maxExportRows {
			return req, badExport("bad_limit", fmt.Sprintf("limit: %q is not between 1 and %d", s, maxExportRows), "")
		}
	}
	if len(req.columns) > maxColumns {
		return req, badExport("too_many_columns", fmt.Sprintf("%d columns, at most %d", len(req.columns), maxColumns), "")
	}
	return req, nil
}
