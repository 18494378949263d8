// Package isolation proves that tenants do not see each other's data: for each
// row of a table, what one tenant pushes the other never reads. Every dialect adds
// its rows; a row that nobody could read would fail, so that an empty answer
// proves nothing by accident.
package isolation

import (
	"bytes"
	"crypto/rand"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Account is one tenant's credentials: a token that may push and read whatever
// the rows do.
type Account struct {
	Tenant string
	Token  string
	// Narrow makes a token that may do everything in the tenant, but is narrowed to a
	// selector.
	Narrow func(t *testing.T, selector string) string
}

// Target is a running server: the base URL of its one port and, by name ("otlp",
// "jaeger", "zipkin"), those of native HTTP ports. GRPC are addresses of native
// gRPC ports by the same names.
type Target struct {
	URL   string
	Ports map[string]string
	GRPC  map[string]string
}

// Request is one HTTP request of a row. In Path and Body {marker} stands for a
// word that is new in each run, {now_s}, {now_ms}, {now_us}, {now_ns} and
// {now_rfc3339} for the time.
type Request struct {
	Method      string
	Path        string
	ContentType string
	Body        string
	// Encode turns the body, placeholders replaced, into what is sent, for dialects
	// that are not text; nil sends it as it is.
	Encode func(t testing.TB, body string) []byte
	Header map[string]string
	// Decode makes text of the body of a good answer; nil takes it as it is.
	Decode func(t testing.TB, body []byte) string
	// Port names the native port; "" is the one port.
	Port string
	// Call makes a request that is not plain HTTP (gRPC, WebSocket) with these
	// headers, all names in lower case, and returns the HTTP status that stands for
	// the outcome, and what came.
	Call func(t testing.TB, target Target, path string, header map[string]string, marker string) (int, string)
	// Shows is the text that proves that the answer tells of the data; "" is
	// {marker} itself.
	Shows string
}

// Row is one way in and the ways out that could leak it.
type Row struct {
	Name  string
	Push  Request
	Reads []Request
	// Narrows says that what is pushed has the label marker="{marker}", by which a
	// token can be narrowed.
	Narrows bool
	// Within is how long a push may take to show, 0 meaning 10 seconds.
	Within time.Duration
}

// Run checks every row against the server.
func Run(t *testing.T, target Target, a, b Account, rows []Row) {
	t.Helper()
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	for _, row := range rows {
		t.Run(row.Name, func(t *testing.T) { (&run{t: t, target: target, client: client, row: row}).check(a, b) })
	}
}

type run struct {
	t      *testing.T
	target Target
	client *http.Client
	row    Row
}

func (r *run) check(a, b Account) {
	r.t.Helper()
	markerA, markerB := newMarker(), newMarker()
	r.push(a, markerA)
	r.push(b, markerB)
	for _, read := range r.row.Reads {
		r.sees(read, a, markerA)
		r.sees(read, b, markerB)
		r.seesNot(read, a, markerB)
		r.seesNot(read, b, markerA)
	}
	for _, request := range append([]Request{r.row.Push}, r.row.Reads...) {
		marker := newMarker()
		r.answers(request, marker, "", "", http.StatusUnauthorized)
		r.answers(request, marker, b.Token, a.Tenant, http.StatusForbidden)
	}
	r.checkNarrowed(a)
}

func (r *run) push(who Account, marker string) {
	r.t.Helper()
	if status, body := r.do(r.row.Push, marker, who.Token, ""); status < 200 || status > 299 {
		r.t.Fatalf("%s %s as %s answers %d: %s", r.row.Push.Method, r.row.Push.Path, who.Tenant, status, body)
	}
}

func (r *run) sees(read Request, who Account, marker string) {
	r.t.Helper()
	within := r.row.Within
	if within == 0 {
		within = 10 * time.Second
	}
	for deadline := time.Now().Add(within); ; time.Sleep(50 * time.Millisecond) {
		status, body := r.do(read, marker, who.Token, "")
		if status == http.StatusOK && shows(read, body, marker) {
			return
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("%s %s does not show %s its own data within %s; it answers %d: %s", read.Method, read.Path, who.Tenant, within, status, body)
		}
	}
}

func (r *run) seesNot(read Request, who Account, marker string) {
	r.t.Helper()
	status, body := r.do(read, marker, who.Token, "")
	if status == http.StatusNotFound {
		return // and may repeat what was asked for
	}
	if status != http.StatusOK {
		r.t.Fatalf("%s %s as %s answers %d: %s", read.Method, read.Path, who.Tenant, status, body)
	}
	if shows(read, body, marker) {
		r.t.Fatalf("%s %s shows %s another tenant's data: %s", read.Method, read.Path, who.Tenant, body)
	}
}

func (r *run) answers(request Request, marker, token, org string, want int) {
	r.t.Helper()
	if status, body := r.do(request, marker, token, org); status != want {
		r.t.Fatalf("%s %s with token %t and X-Scope-OrgID %q answers %d, want %d: %s", request.Method, request.Path, token != "", org, status, want, body)
	}
}

func shows(read Request, body, marker string) bool {
	text := marker
	if read.Shows != "" {
		text = strings.ReplaceAll(read.Shows, "{marker}", marker)
	}
	return strings.Contains(withoutQuery(read, body, marker), text)
}

// withoutQuery removes the echo of the request's own text from an answer, such as
// the query in a warning.
func withoutQuery(read Request, body, marker string) string {
	for _, text := range []string{read.Path, read.Body} {
		if strings.Contains(text, "{marker}") {
			body = strings.ReplaceAll(body, strings.ReplaceAll(text, "{marker}", marker), "")
		}
	}
	return body
}

func (r *run) do(request Request, marker, token, org string) (int, string) {
	r.t.Helper()
	now := time.Now()
	fill := strings.NewReplacer("{marker}", marker,
		"{now_s}", strconv.FormatInt(now.Unix(), 10), "{now_ms}", strconv.FormatInt(now.UnixMilli(), 10),
		"{now_us}", strconv.FormatInt(now.UnixMicro(), 10), "{now_ns}", strconv.FormatInt(now.UnixNano(), 10),
		"{now_rfc3339}", now.Format(time.RFC3339Nano))
	header := map[string]string{}
	for name, value := range request.Header {
		header[strings.ToLower(name)] = value
	}
	if token != "" {
		header["authorization"] = "Bearer " + token
	}
	if org != "" {
		header["x-scope-orgid"] = org
	}
	if request.Call != nil {
		return request.Call(r.t, r.target, fill.Replace(request.Path), header, marker)
	}
	base := r.target.URL
	if request.Port != "" {
		base = r.target.Ports[request.Port]
	}
	body := []byte(fill.Replace(request.Body))
	if request.Encode != nil {
		body = request.Encode(r.t, string(body))
	}
	req, err := http.NewRequestWithContext(r.t.Context(), request.Method, base+fill.Replace(request.Path), bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	if request.ContentType != "" {
		req.Header.Set("Content-Type", request.ContentType)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	if request.Decode != nil && resp.StatusCode == http.StatusOK {
		return resp.StatusCode, request.Decode(r.t, answer)
	}
	return resp.StatusCode, string(answer)
}

// newMarker returns a word of 32 hexadecimal digits, so that it can be a trace id.
func newMarker() string {
	const digits = "0123456789abcdef"
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = digits[b[i]%16]
	}
	b[0] = 'a' // a letter first, so that it can be a name
	return string(b)
}
