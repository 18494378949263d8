package reports

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

func TestMain(m *testing.M) {
	if os.Getenv(replicaDir) != "" {
		if err := replica(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// postbox is a mail server that keeps what it gets.
type postbox struct {
	address string
	mu      sync.Mutex
	refuse  bool
	mails   []string
	to      []string
}

func openPostbox(t *testing.T) *postbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &postbox{address: l.Addr().String()}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.serve(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
	return p
}

func (p *postbox) serve(c net.Conn) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	r := bufio.NewReader(c)
	say := func(text string) { _, _ = io.WriteString(c, text+"\r\n") }
	say("220 postbox")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		p.mu.Lock()
		refuse := p.refuse
		p.mu.Unlock()
		switch verb := strings.ToUpper(line[:4]); {
		case verb == "EHLO":
			say("250-postbox\r\n250 8BITMIME")
		case verb == "MAIL" && refuse:
			say("451 not now")
		case verb == "RCPT":
			p.mu.Lock()
			p.to = append(p.to, strings.TrimSpace(line))
			p.mu.Unlock()
			say("250 ok")
		case verb == "DATA":
			say("354 go on")
			var text strings.Builder
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				text.WriteString(strings.TrimPrefix(line, "."))
			}
			p.mu.Lock()
			p.mails = append(p.mails, text.String())
			p.mu.Unlock()
			say("250 ok")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (p *postbox) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.mails)
}

// office is a service on a real library with a clock of its own.
type office struct {
	t       *testing.T
	library *dashboards.Library
	service *Service
	box     *postbox
	now     time.Time
	owners  map[string]bool
	asked   []dashboards.MailedReport
	failing error
}

var ann = dashboards.Actor{Owner: "ann", User: "ann", Role: "editor", Writes: true}

func openOffice(t *testing.T) *office {
	t.Helper()
	return openOfficeAt(t, t.TempDir())
}

// openOfficeAt is an office whose metastore is in dir.
func openOfficeAt(t *testing.T, dir string) *office {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	db, err := metastore.Open(t.Context(), dir, log)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	p, err := dashboards.NewProvisioner(dashboards.DefaultConfig(), log, os.LookupEnv)
	require.NoError(t, err)
	o := &office{t: t, library: dashboards.NewLibrary(p, db), box: openPostbox(t), now: time.Now().UTC(), owners: map[string]bool{"ann": true}}
	o.service = New(Deps{
		Library: o.library, BaseURL: "https://pharos.example.org", Log: log, Now: func() time.Time { return o.now },
		Owner: func(_ context.Context, _ tenant.ID, owner string) (dashboards.Actor, error) {
			if !o.owners[owner] {
				return dashboards.Actor{}, errors.New("gone")
			}
			return ann, nil
		},
		Render: func(_ context.Context, _ tenant.ID, _ dashboards.Actor, r dashboards.MailedReport) ([]byte, error) {
			o.asked = append(o.asked, r)
			return []byte("rendered " + r.Format), o.failing
		},
		Mail: func(tenant.ID) (Mail, error) { return Mail{Smarthost: o.box.address, From: "pharos@example.org"}, nil },
	}, prometheus.NewRegistry())
	return o
}

func (o *office) put(r dashboards.MailedReport) dashboards.MailedReport {
	o.t.Helper()
	r.Name, r.DashboardUID, r.Recipients, r.Enabled = "Morning", "storage", []string{"Team <team@example.org>", "boss@example.org"}, true
	kept, err := o.library.PutReport(o.t.Context(), "a", ann, r)
	require.NoError(o.t, err)
	return kept
}

func (o *office) state(id string) dashboards.MailedReport {
	o.t.Helper()
	r, err := o.library.Report(o.t.Context(), "a", ann, id)
	require.NoError(o.t, err)
	return r
}

func TestReportsAreSentWhenTheyAreDue(t *testing.T) {
	o := openOffice(t)
	zone, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	at := o.now.In(zone).Add(2 * time.Hour)
	r := o.put(dashboards.MailedReport{Format: "png", Schedule: fmt.Sprintf("%d %d * * *", at.Minute(), at.Hour()), Timezone: "Europe/Berlin",
		Variables: map[string][]string{"var-job": {"a b"}}})
	require.Equal(t, at.Truncate(time.Minute).UTC(), r.NextRun)
	require.NoError(t, o.service.round(t.Context()))
	require.Zero(t, o.box.count(), "it is not due")
	o.now = r.NextRun.Add(10 * time.Second)
	require.NoError(t, o.service.round(t.Context()))
	require.NoError(t, o.service.round(t.Context()))
	require.Equal(t, 1, o.box.count(), "once")
	require.Equal(t, "ok", o.state(r.ID).LastState)
	require.Equal(t, []string{"RCPT TO:<team@example.org>", "RCPT TO:<boss@example.org>"}, o.box.to)

	m, err := mail.ReadMessage(strings.NewReader(o.box.mails[0]))
	require.NoError(t, err)
	require.Equal(t, "Morning: Storage layer", m.Header.Get("Subject"))
	text := parts(t, m.Header.Get("Content-Type"), m.Body)
	require.Contains(t, text["text/plain"], "https://pharos.example.org/dashboards/storage?from=")
	require.Contains(t, text["text/plain"], "&var-job=a+b")
	require.Contains(t, text["text/html"], `<img src="cid:storage-`)
	require.NotEmpty(t, text["image/png"])
}

// parts are the decoded parts of a message by their type.
func parts(t *testing.T, kind string, body io.Reader) map[string]string {
	t.Helper()
	out := map[string]string{}
	media, params, err := mime.ParseMediaType(kind)
	require.NoError(t, err)
	if !strings.HasPrefix(media, "multipart/") {
		text, err := io.ReadAll(body)
		require.NoError(t, err)
		out[media] = string(text)
		return out
	}
	reader := multipart.NewReader(body, params["boundary"])
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(t, err)
		for k, v := range parts(t, part.Header.Get("Content-Type"), part) {
			out[k] = v
		}
	}
}

func TestReportsThatFailAreTriedAgain(t *testing.T) {
	o := openOffice(t)
	r := o.put(dashboards.MailedReport{Format: "pdf", Schedule: "0 * * * *"})
	o.box.refuse = true
	o.now = r.NextRun
	require.NoError(t, o.service.round(t.Context()))
	state := o.state(r.ID)
	require.Equal(t, "retrying", state.LastState)
	require.Contains(t, state.LastError, "not now")
	require.WithinDuration(t, o.now.Add(time.Minute), state.RetryAt, time.Second)
	require.NoError(t, o.service.round(t.Context()))
	require.Len(t, o.asked, 1, "not before its time")
	o.now = state.RetryAt
	o.box.mu.Lock()
	o.box.refuse = false
	o.box.mu.Unlock()
	require.NoError(t, o.service.round(t.Context()))
	require.Equal(t, 1, o.box.count())
	require.Equal(t, "ok", o.state(r.ID).LastState)
	require.Contains(t, o.box.mails[0], "application/pdf")

	// Four times, then it waits for its next time.
	o.failing = errors.New("no picture today")
	o.now = o.now.Add(time.Hour).Truncate(time.Hour)
	for range 4 {
		require.NoError(t, o.service.round(t.Context()))
		if next := o.state(r.ID).RetryAt; !next.IsZero() {
			o.now = next
		}
	}
	state = o.state(r.ID)
	require.Equal(t, "failed", state.LastState)
	require.True(t, state.RetryAt.IsZero())
	asked := len(o.asked)
	require.NoError(t, o.service.round(t.Context()))
	require.Len(t, o.asked, asked)

	// Whoever is gone sends nothing.
	o.now = o.now.Add(time.Second)
	o.failing = nil
	o.owners["ann"] = false
	require.ErrorIs(t, o.service.Send(t.Context(), "a", state.ID, "ann"), ErrFailed)
	require.Contains(t, o.state(r.ID).LastError, "gone")
	require.Equal(t, 1, o.box.count())

	// Each attempt is told, the newest first.
	runs, err := o.library.ReportRuns(t.Context(), "a", ann, r.ID)
	require.NoError(t, err)
	states := []string{}
	for _, run := range runs {
		states = append(states, fmt.Sprintf("%s %d %s", run.State, run.Attempt, run.By))
	}
	require.Equal(t, []string{"retrying 1 ann", "failed 4 ", "retrying 3 ", "retrying 2 ", "retrying 1 ", "ok 2 ", "retrying 1 "}, states)
	require.Contains(t, runs[0].Error, "gone")
	require.Equal(t, 2, runs[5].Recipients)
	require.Positive(t, runs[5].Bytes)
	_, err = o.library.ReportRuns(t.Context(), "a", dashboards.Actor{Owner: "eve", Role: "editor"}, r.ID)
	require.ErrorIs(t, err, dashboards.ErrMissing)
	require.NoError(t, o.library.DeleteReport(t.Context(), "a", ann, r.ID))
}

func TestReportsThatWereMissedAreNotSentLate(t *testing.T) {
	o := openOffice(t)
	r := o.put(dashboards.MailedReport{Format: "csv", Schedule: "0 8 * * *"})
	o.now = r.NextRun.Add(50 * time.Hour)
	require.NoError(t, o.service.round(t.Context()))
	require.Empty(t, o.asked)
	require.Equal(t, "missed", o.state(r.ID).LastState)
	o.now = r.NextRun.Add(72 * time.Hour)
	require.NoError(t, o.service.round(t.Context()))
	require.Equal(t, 1, o.box.count())
}

func TestRunStops(t *testing.T) {
	o := openOffice(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- o.service.Run(ctx) }()
	cancel()
	require.NoError(t, <-done)
}
