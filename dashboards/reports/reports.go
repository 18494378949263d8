// Package reports sends dashboards by e-mail when they are due. What is sent is what the
// report's owner may see at that time. Processes that share a metastore send each report
// once: the one that claims it in the metastore does. A process that is killed between the
// mail server's answer and its note of it is the one case in which a report comes twice.
package reports

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/tenant"
)

// How often reports are looked at, and what happens to one that failed or was missed.
const (
	lookEvery   = 15 * time.Second
	missedAfter = time.Hour
	sendTimeout = 5 * time.Minute
	// claimFor is longer than a report takes: a process that has one for longer is gone.
	claimFor    = sendTimeout + time.Minute
	freeTimeout = 5 * time.Second
)

// retries are the pauses after a report that could not be sent.
var retries = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}

// ErrFailed says that a report could not be sent; its state tells why. Test with errors.Is.
var ErrFailed = errors.New("the report was not sent")

// ErrBusy says that the report is being sent right now, here or by another process.
var ErrBusy = errors.New("the report is being sent right now")

// Deps are what a Service works with.
type Deps struct {
	Library *dashboards.Library
	// Owner returns the report's owner as they are now; an error if there is none any more.
	Owner func(ctx context.Context, t tenant.ID, owner string) (dashboards.Actor, error)
	// Render makes the dashboard's picture, document or table.
	Render func(ctx context.Context, t tenant.ID, who dashboards.Actor, r dashboards.MailedReport) ([]byte, error)
	// Mail returns how a tenant's mail is sent; an error if there is no way.
	Mail func(t tenant.ID) (Mail, error)
	// BaseURL is where people reach this server.
	BaseURL string
	Log     *slog.Logger
	// Now is the clock.
	Now func() time.Time
}

// Service sends reports. It is safe for concurrent use.
type Service struct {
	deps    Deps
	name    string     // of this process among those that share the metastore
	sending sync.Mutex // one at a time
	sent    *prometheus.CounterVec
}

// New returns a service that sends nothing before Run.
func New(deps Deps, reg prometheus.Registerer) *Service {
	sent := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "pharos_reports_total",
		Help: "Attempts to send dashboards by e-mail, by what came of them (ok, failed)."}, []string{"result"})
	reg.MustRegister(sent)
	return &Service{deps: deps, name: rand.Text(), sent: sent}
}

// Run sends what is due until ctx is done.
func (s *Service) Run(ctx context.Context) error {
	for {
		if err := s.round(ctx); err != nil && ctx.Err() == nil {
			s.deps.Log.Error("cannot look for reports that are due", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(lookEvery):
		}
	}
}

// round sends what is due now and no other process has sent or is sending.
func (s *Service) round(ctx context.Context) error {
	all, err := s.deps.Library.AllReports(ctx)
	if err != nil {
		return err
	}
	for _, r := range all {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if due, _ := s.due(r); due.IsZero() {
			continue
		}
		if err := s.claimed(ctx, r.Tenant, r.ID, s.serve); err != nil && !errors.Is(err, ErrFailed) && !errors.Is(err, ErrBusy) {
			return err
		}
	}
	return nil
}

// claimed calls do with the report as it is once this process alone has it; ErrBusy if
// another one has.
func (s *Service) claimed(ctx context.Context, t tenant.ID, id string, do func(context.Context, dashboards.TenantReport) error) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	now := s.deps.Now()
	r, ok, err := s.deps.Library.ClaimReport(ctx, t, id, s.name, now, now.Add(claimFor))
	if err != nil {
		return err
	}
	if !ok {
		return ErrBusy
	}
	err = do(ctx, r)
	// Also when the process stops: another one goes on at once.
	free, cancel := context.WithTimeout(context.WithoutCancel(ctx), freeTimeout)
	defer cancel()
	return errors.Join(err, s.deps.Library.UnclaimReport(free, t, id, s.name))
}

// serve sends a report that is due, or notes that it is too late for it.
func (s *Service) serve(ctx context.Context, r dashboards.TenantReport) error {
	due, now := s.due(r)
	if due.IsZero() {
		return nil // another process was faster
	}
	if now.Sub(due) <= missedAfter {
		return s.send(ctx, r, due, "")
	}
	state := r.ReportState
	state.LastState, state.LastError, state.Due = "missed", fmt.Sprintf("nothing was running at %s", due.Format(time.RFC3339)), due
	state.Attempts, state.RetryAt = 0, time.Time{}
	// The ones in between were missed as well.
	for next := r.Next(state.Due); !next.IsZero() && now.Sub(next) > missedAfter; next = r.Next(state.Due) {
		state.Due = next
	}
	run := dashboards.ReportRun{At: now, Due: due, State: state.LastState, Error: state.LastError, Recipients: len(r.Recipients)}
	return errors.Join(s.deps.Library.NoteReport(ctx, r.Tenant, r.ID, state), s.deps.Library.NoteRun(ctx, r.Tenant, r.ID, run))
}

// due is the time for which a report is to be sent now, zero if it is not.
func (s *Service) due(r dashboards.TenantReport) (due, now time.Time) {
	now = s.deps.Now().UTC()
	if !r.Enabled {
		return time.Time{}, now
	}
	if !r.RetryAt.IsZero() {
		if now.Before(r.RetryAt) {
			return time.Time{}, now
		}
		return r.RetryAt, now
	}
	base := r.Updated
	if r.Due.After(base) {
		base = r.Due
	}
	if due = r.Next(base); due.After(now) {
		return time.Time{}, now
	}
	return due, now
}

// Send sends a report now, whatever its schedule says, because by asked for it. The error
// wraps ErrFailed, or ErrBusy when it is being sent already.
func (s *Service) Send(ctx context.Context, t tenant.ID, id, by string) error {
	return s.claimed(ctx, t, id, func(ctx context.Context, r dashboards.TenantReport) error { return s.send(ctx, r, time.Time{}, by) })
}

// send sends a report and notes what came of it. Without due it is a person's wish.
func (s *Service) send(ctx context.Context, r dashboards.TenantReport, due time.Time, by string) error {
	attempt, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	begin := time.Now()
	size, failure := s.deliver(attempt, r)
	if failure != nil && ctx.Err() != nil {
		return ctx.Err() // the process stops; it goes on afterwards
	}
	now := s.deps.Now().UTC()
	state := dashboards.ReportState{LastRun: now, LastState: "ok", Due: due}
	if due.IsZero() {
		state.Due = r.Due
	}
	run := dashboards.ReportRun{At: now, Due: due, Attempt: r.Attempts + 1, Took: time.Since(begin), Bytes: size, Recipients: len(r.Recipients), By: by}
	log := s.deps.Log.With("tenant", r.Tenant, "id", r.ID, "uid", r.DashboardUID)
	if failure == nil {
		s.sent.WithLabelValues("ok").Inc()
		log.Info("report sent", "audit", true, "recipients", len(r.Recipients))
	} else {
		s.sent.WithLabelValues("failed").Inc()
		log.Warn("report was not sent", "error", failure, "attempt", run.Attempt)
		state.LastState, state.LastError, state.Attempts = "failed", failure.Error(), run.Attempt
		if state.Attempts <= len(retries) {
			state.LastState, state.RetryAt = "retrying", now.Add(retries[state.Attempts-1])
		} else {
			state.Attempts = 0
		}
		failure = fmt.Errorf("%w: %w", ErrFailed, failure)
	}
	run.State, run.Error = state.LastState, state.LastError
	return errors.Join(failure, s.deps.Library.NoteReport(ctx, r.Tenant, r.ID, state), s.deps.Library.NoteRun(ctx, r.Tenant, r.ID, run))
}

// deliver renders and mails; size is what was rendered, in bytes.
func (s *Service) deliver(ctx context.Context, r dashboards.TenantReport) (size int, err error) {
	m, err := s.deps.Mail(r.Tenant)
	if err != nil {
		return 0, err
	}
	who, err := s.deps.Owner(ctx, r.Tenant, r.Owner)
	if err != nil {
		return 0, err
	}
	d, err := s.deps.Library.Get(ctx, r.Tenant, who, r.DashboardUID)
	if err != nil {
		return 0, err
	}
	out, err := s.deps.Render(ctx, r.Tenant, who, r.MailedReport)
	if err != nil {
		return 0, err
	}
	message, err := compose(m, r.MailedReport, d.Document.Title(), s.deps.BaseURL, s.deps.Now(), out)
	if err != nil {
		return 0, err
	}
	return len(out), m.send(ctx, message)
}
