package ship

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/receiver/lokipush"
	"github.com/pharosd/pharos/receiver/otlp"
	"github.com/pharosd/pharos/tenant"
)

// sink keeps what a receiver pushes, as the server's store would: by numbers.
type sink struct {
	mu      sync.Mutex
	have    map[string]uint64
	pushed  []model.LogStream
	tenants map[tenant.ID]int
	refuse  func() error
}

func (s *sink) PushLogs(ctx context.Context, t tenant.ID, streams []model.LogStream) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse != nil {
		if err := s.refuse(); err != nil {
			return err
		}
	}
	sh, ok := model.ShipmentFrom(ctx)
	key := string(t) + " " + sh.Agent
	switch {
	case !ok || sh.Last <= s.have[key]:
		return nil
	case sh.First <= s.have[key]:
		return &model.OverlapError{Have: s.have[key]}
	}
	if s.have == nil {
		s.have, s.tenants = map[string]uint64{}, map[tenant.ID]int{}
	}
	s.have[key] = sh.Last
	s.tenants[t]++
	s.pushed = append(s.pushed, streams...)
	return nil
}

func (s *sink) streams() []model.LogStream {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]model.LogStream(nil), s.pushed...)
}

// tenants is a resolver as X-Scope-OrgID has it.
type tenants struct{}

func (tenants) ResolveWrite(_ context.Context, header func(string) string) (tenant.ID, error) {
	if h := header("Authorization"); h != "" && h != "Bearer secret" {
		return "", tenant.ErrUnauthenticated
	}
	if id := header("X-Scope-OrgID"); id != "" {
		return tenant.ID(id), nil
	}
	return tenant.Default, nil
}

// lokiServer serves our own push API over s.
func lokiServer(t testing.TB, s *sink) string {
	mux := http.NewServeMux()
	for _, r := range lokipush.New(lokipush.DefaultConfig(), s).Routes() {
		mux.Handle(r.Pattern, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			id, err := tenants{}.ResolveWrite(req.Context(), req.Header.Get)
			if err != nil {
				http.Error(w, err.Error(), http.StatusUnauthorized)
				return
			}
			r.Handler.ServeHTTP(w, req.WithContext(tenant.NewContext(req.Context(), id)))
		}))
	}
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL + "/loki/api/v1/push"
}

// grpcServer serves our own OTLP receiver over s.
func grpcServer(t testing.TB, s *sink) string {
	address := testkit.FreeAddress(t)
	r, err := otlp.New(otlp.Config{GRPC: address, MaxMessageMiB: 20}, otlp.Deps{Logs: s, Tenants: tenants{}, Log: discard()}, nil)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return "grpc://" + address
}

// strange are entries that are hard to carry.
func strange() Batch {
	odd := model.NewLabels(model.Label{Name: "job", Value: "a \"b\"\\\n"}, model.Label{Name: "filename", Value: "/var/log/ü.log"},
		model.Label{Name: "service_name", Value: "x"}, model.Label{Name: "empty_is_none", Value: ""})
	b := Batch{Entries: []Entry{
		{Labels: odd, Entry: model.LogEntry{Time: 1790000000123456789, Line: "plain"}},
		{Labels: odd, Entry: model.LogEntry{Time: 1790000000123456789, Line: "plain"}}, // twice on purpose
		{Labels: odd, Entry: model.LogEntry{Time: 1, Line: ""}},
		{Labels: odd, Entry: model.LogEntry{Time: -1500000000, Line: "before 1970"}},
		{Labels: odd, Entry: model.LogEntry{Time: 5, Line: "bytes \xff\xfe\x00 and\ttabs"}},
		{Labels: odd, Entry: model.LogEntry{Time: 6, Line: "with metadata", Metadata: model.NewLabels(
			model.Label{Name: "trace_id", Value: "0af7"}, model.Label{Name: "a.b-c", Value: "dots stay"})}},
		{Labels: web, Entry: model.LogEntry{Time: 7, Line: strings.Repeat("long ", 100_000)}},
	}}
	return b
}

// TestBothProtocolsCarryTheSame compares what comes out of our own receivers.
func TestBothProtocolsCarryTheSame(t *testing.T) {
	external := map[string]string{"cluster": "c1", "job": "not this"}
	var got [][]model.LogStream
	for _, serve := range []func(testing.TB, *sink) string{lokiServer, grpcServer} {
		s := &sink{}
		cfg := testConfig(t.TempDir())
		cfg.Clients[0].URL, cfg.Clients[0].ExternalLabels, cfg.Clients[0].BearerToken = serve(t, s), external, "secret"
		q := open(t, cfg)
		mustAppend(t, q, strange())
		stop := run(t, q)
		wait(t, "the entries", func() bool { return len(s.streams()) == 2 })
		stop()
		require.NoError(t, q.Close())
		got = append(got, s.streams())
	}
	var want []model.LogStream
	for _, e := range strange().Entries {
		labels := e.Labels.Map()
		labels["cluster"] = "c1"
		var all []model.Label
		for k, v := range labels {
			all = append(all, model.Label{Name: k, Value: v})
		}
		ls := model.NewLabels(all...)
		if len(want) == 0 || want[len(want)-1].Labels.String() != ls.String() {
			want = append(want, model.LogStream{Labels: ls})
		}
		want[len(want)-1].Entries = append(want[len(want)-1].Entries, e.Entry)
	}
	require.Equal(t, want, got[0], "Loki's push API")
	require.Equal(t, want, got[1], "OTLP over gRPC")
}

func TestTenantsGoApart(t *testing.T) {
	for name, serve := range map[string]func(testing.TB, *sink) string{"loki": lokiServer, "grpc": grpcServer} {
		t.Run(name, func(t *testing.T) {
			s := &sink{}
			cfg := testConfig(t.TempDir())
			cfg.Clients[0].URL, cfg.Clients[0].TenantID = serve(t, s), "team"
			q := open(t, cfg)
			b := lines(0, 9)
			for i := range b.Entries {
				b.Entries[i].Tenant = []string{"", "a", "b"}[i%3]
			}
			mustAppend(t, q, b)
			defer run(t, q)()
			wait(t, "all tenants", func() bool { return len(s.streams()) == 3 })
			require.Equal(t, map[tenant.ID]int{"team": 1, "a": 1, "b": 1}, s.tenants)
		})
	}
}

// TestAnAnswerThatIsLost repeats what the server has, cut into other requests.
func TestAnAnswerThatIsLost(t *testing.T) {
	for name, serve := range map[string]func(testing.TB, *sink) string{"loki": lokiServer, "grpc": grpcServer} {
		t.Run(name, func(t *testing.T) {
			s := &sink{}
			cfg := testConfig(t.TempDir())
			cfg.Clients[0].URL, cfg.Clients[0].BatchSize = serve(t, s), 100
			q := open(t, cfg)
			mustAppend(t, q, lines(0, 50))
			stop := run(t, q)
			wait(t, "the first part", func() bool { return len(s.streams()) >= 3 })
			stop()
			kill(t, q) // without a word of the last requests: the cursor is put back
			require.NoError(t, replaceFile(cfg.Dir+"/cursors.json", []byte(`{"version":1,"clients":[]}`)))

			cfg.Clients[0].BatchSize = 170
			q = open(t, cfg)
			mustAppend(t, q, lines(50, 100))
			stop = run(t, q)
			defer stop()
			count := func() (n int) {
				for _, st := range s.streams() {
					n += len(st.Entries)
				}
				return n
			}
			wait(t, "the rest", func() bool { return count() >= 100 })
			var got []string
			for _, st := range s.streams() {
				for _, e := range st.Entries {
					got = append(got, e.Line)
				}
			}
			wantLines(t, got, 100)
		})
	}
}

// TestAnswersOfLoki answers as Loki and what stands before it may.
func TestAnswersOfLoki(t *testing.T) {
	tests := []struct {
		name   string
		answer func(n int32, body []byte) (code int, header string, text string) // n counts requests from 1 on
		change func(*ClientConfig)
		want   int    // requests
		reason string // why the entries are dropped
	}{
		{"taken", func(int32, []byte) (int, string, string) { return 204, "", "" }, nil, 1, ""},
		{"500 twice", func(n int32, _ []byte) (int, string, string) { return pick(n > 2, 204, 500), "", "oops" }, nil, 3, ""},
		{"429 for longer than Promtail waits", func(n int32, _ []byte) (int, string, string) { return pick(n > 25, 204, 429), "", "slow" }, nil, 26, ""},
		{"429 that is dropped", func(int32, []byte) (int, string, string) { return 429, "", "slow" },
			func(c *ClientConfig) { c.DropRateLimitedBatches = true }, 1, "rate_limited"},
		{"400", func(int32, []byte) (int, string, string) { return 400, "", "bad labels" }, nil, 1, "ingester_error"},
		{"a token that is renewed", func(n int32, _ []byte) (int, string, string) { return pick(n > 3, 204, 401), "", "" }, nil, 4, ""},
		{"a proxy without its server", func(n int32, _ []byte) (int, string, string) { return pick(n > 3, 204, 404), "", "" }, nil, 4, ""},
		// Ten entries, of which four go at a time: 10, 5, 2, 3, 5, 2, 3.
		{"too large", func(_ int32, body []byte) (int, string, string) {
			return pick(bytes.Count(body, []byte("line ")) < 4, 204, 413), "", ""
		}, nil, 7, ""},
		{"one too large", func(int32, []byte) (int, string, string) { return 413, "", "" }, nil, 19, "line_too_long"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int32
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				code, _, text := tt.answer(n.Add(1), unsnappy(t, r))
				http.Error(w, text, code)
			}))
			defer srv.Close()
			cfg := testConfig(t.TempDir())
			cfg.Clients[0].URL = srv.URL + "/loki/api/v1/push"
			if tt.change != nil {
				tt.change(&cfg.Clients[0])
			}
			q := open(t, cfg)
			mustAppend(t, q, lines(0, 10))
			stop := run(t, q)
			wait(t, "the end", func() bool { return q.clients[0].acked() == q.end })
			stop()
			require.EqualValues(t, tt.want, n.Load(), "requests")
			sent, dropped := counted(t, q, "promtail_sent_entries_total"), counted(t, q, "promtail_dropped_entries_total")
			if tt.reason == "" {
				require.EqualValues(t, 10, sent)
				require.Zero(t, dropped)
			} else {
				require.Zero(t, sent)
				require.EqualValues(t, 10, dropped)
				require.EqualValues(t, 10, value(t, q.metrics.droppedEntries.WithLabelValues(q.clients[0].host, "", tt.reason)))
			}
		})
	}
}

func pick(yes bool, a, b int) int {
	if yes {
		return a
	}
	return b
}

// TestAnswersOfPharos are those that only our own receivers give.
func TestAnswersOfPharos(t *testing.T) {
	for name, serve := range map[string]func(testing.TB, *sink) string{"loki": lokiServer, "grpc": grpcServer} {
		t.Run(name, func(t *testing.T) {
			s := &sink{}
			n := 0
			answers := []error{
				&ingest.Refusal{Reason: ingest.RateLimited, Message: "slow", Temporary: true, RetryAfter: time.Millisecond},
				&ingest.Refusal{Reason: ingest.DiskFull, Message: "full", Temporary: true, RetryAfter: time.Millisecond},
				&ingest.Refusal{Reason: ingest.Replaying, Message: "wait", Temporary: true, RetryAfter: time.Millisecond},
				nil,
				&ingest.Refusal{Reason: ingest.TooOld, Message: "three are too old", Refused: 3},
				&ingest.Refusal{Reason: ingest.TooOld, Message: "all are too old", Refused: 10},
			}
			s.refuse = func() error { n++; return answers[min(n, len(answers))-1] }
			cfg := testConfig(t.TempDir())
			cfg.Clients[0].URL = serve(t, s)
			q := open(t, cfg)
			defer run(t, q)()
			for i := range 3 {
				mustAppend(t, q, lines(i*10, i*10+10))
				wait(t, "the batch", func() bool { return q.clients[0].acked() == q.end })
			}
			require.Equal(t, 6, n)
			require.EqualValues(t, 17, counted(t, q, "promtail_sent_entries_total"))
			require.EqualValues(t, 13, counted(t, q, "promtail_dropped_entries_total"))
		})
	}
}

func TestWrongConfigurationsAreTold(t *testing.T) {
	for text, c := range map[string]ClientConfig{
		"url: is missing":                 {},
		"want http, https, grpc or grpcs": {URL: "ftp://x/"},
		"has no host":                     {URL: "http:///loki"},
		"oauth2":                          {URL: "grpc://x", OAuth2: &OAuth2{ClientID: "a", ClientSecret: "b", TokenURL: "http://x"}},
		"batchwait":                       {URL: "grpc://x", BatchWait: -1},
		"batchsize":                       {URL: "grpc://x", BatchSize: -1},
		"unknown TLS version":             {URL: "https://x", TLS: TLSConfig{MinVersion: "SSL3"}},
		"at most one of":                  {URL: "https://x", BearerToken: "a", BasicAuth: &BasicAuth{Username: "u"}},
	} {
		require.ErrorContains(t, c.Validate(), text)
	}
}
