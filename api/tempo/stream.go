package tempo

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/traces/traceql"
)

// streamingService is the name of Tempo's gRPC service. Grafana's Tempo data source
// calls it on the host and port of its URL, without the URL's path, where the data
// source's streaming is on.
const streamingService = "tempopb.StreamingQuerier"

// streamInterval is how often a search tells what it has found so far.
const streamInterval = 250 * time.Millisecond

// streamRoutes are the service's methods: gRPC is HTTP/2, so each is a route behind the
// gate as any other.
func (a *API) streamRoutes() []httpx.Route {
	server := a.streamServer()
	var out []httpx.Route
	for _, m := range a.methods() {
		out = append(out, read("POST /"+streamingService+"/"+m.name, server.ServeHTTP))
	}
	return out
}

// method is one of the service: it answers a request that the HTTP API would get as r.
type method struct {
	name   string
	fields map[protowire.Number]param
	run    func(r *http.Request, send func(message) error) error
}

func (a *API) methods() []method {
	// once makes a method of what has one answer.
	once := func(answer func(*http.Request) (message, error)) func(*http.Request, func(message) error) error {
		return func(r *http.Request, send func(message) error) error {
			m, err := answer(r)
			if err != nil {
				return err
			}
			return send(m)
		}
	}
	return []method{
		{"Search", searchFields, a.streamSearch},
		{"SearchTags", tagsFields, once(func(r *http.Request) (message, error) {
			names, err := a.tagNames(r)
			return textsMessage(names), err
		})},
		{"SearchTagsV2", tagsFields, once(func(r *http.Request) (message, error) {
			scopes, err := a.scopes(r)
			return scopesMessage(scopes), err
		})},
		{"SearchTagValues", valuesFields, once(func(r *http.Request) (message, error) {
			texts, err := a.tagTexts(r, r.FormValue("tag"))
			return textsMessage(texts), err
		})},
		{"SearchTagValuesV2", valuesFields, once(func(r *http.Request) (message, error) {
			values, err := a.typedValues(r, r.FormValue("tag"))
			return valuesMessage(values), err
		})},
		{"MetricsQueryRange", rangeFields, once(func(r *http.Request) (message, error) {
			found, err := a.evaluate(r, true)
			return rangeMessage(found), err
		})},
		{"MetricsQueryInstant", instantFields, once(func(r *http.Request) (message, error) {
			found, err := a.evaluate(r, false)
			return instantMessage(found), err
		})},
	}
}

// streamServer decodes and frames; it listens to nothing of its own.
func (a *API) streamServer() *grpc.Server {
	server := grpc.NewServer(grpc.ForceServerCodec(rawCodec{}), grpc.MaxRecvMsgSize(httpx.DefaultMaxBody))
	service := grpc.ServiceDesc{ServiceName: streamingService, HandlerType: (*any)(nil)}
	for _, m := range a.methods() {
		service.Streams = append(service.Streams, grpc.StreamDesc{
			StreamName:    m.name,
			ServerStreams: true,
			Handler:       func(_ any, stream grpc.ServerStream) error { return a.serveStream(m, stream) },
		})
	}
	server.RegisterService(&service, nil)
	return server
}

func (a *API) serveStream(m method, stream grpc.ServerStream) error {
	var body []byte
	if err := stream.RecvMsg(&body); err != nil {
		return err
	}
	form, err := decodeRequest(body, m.fields)
	if err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	r := streamRequest(stream.Context(), m.name, form)
	if err := m.run(r, func(out message) error { return stream.SendMsg(out) }); err != nil {
		return a.streamError(r, err)
	}
	return nil
}

// streamRequest is what the HTTP API's functions read parameters from.
func streamRequest(ctx context.Context, name string, form url.Values) *http.Request {
	r := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/" + streamingService + "/" + name}, Form: form}
	return r.WithContext(ctx)
}

// streamSearch tells what is found while the search goes on, each trace once, and at the
// end how much was read.
func (a *API) streamSearch(r *http.Request, send func(message) error) error {
	var waiting []traceql.FoundTrace
	last := a.now()
	read := 0
	found, err := a.findTraces(r, func(t traceql.FoundTrace) error {
		waiting = append(waiting, t)
		read++
		now := a.now()
		if now.Sub(last) < streamInterval {
			return nil
		}
		last = now
		err := send(searchMessage(waiting, searchMetrics{InspectedTraces: read, TotalJobs: 1}))
		waiting = nil
		return err
	})
	if err != nil {
		return err
	}
	return send(searchMessage(waiting, searchMetrics{found.Candidates, 1, 1}))
}

// streamError makes a gRPC status of an error.
func (a *API) streamError(r *http.Request, err error) error {
	if _, own := status.FromError(err); own { // of the transport: the client went away
		return err
	}
	httpStatus, text, _ := a.explain(r, err)
	code := map[int]codes.Code{
		http.StatusBadRequest:         codes.InvalidArgument,
		http.StatusNotFound:           codes.NotFound,
		http.StatusServiceUnavailable: codes.Unavailable,
		http.StatusGatewayTimeout:     codes.DeadlineExceeded,
		statusClientClosed:            codes.Canceled,
	}[httpStatus]
	if code == codes.OK {
		code = codes.Internal
	}
	return status.Error(code, text)
}
