// Package reports sends dashboards by e-mail when they are due. What is sent is what the
// report's owner may see at that time.
package reports

import (
	"context"
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
)

// retries are the pauses after a report that could not be sent.
var retries = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}

// ErrFailed says that a report could not be sent; its state tells why. Test with errors.Is.
var ErrFailed = errors.New("the report was not sent")

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
	sending sync.Mutex // one at a time
	sent    *prometheus.CounterVec
}

// New returns a service that sends nothing before Run.
func New(deps Deps, reg prometheus.Registerer) *Service {
	sent := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "pharos_reports_total",
		Help: "Attempts to send dashboards by e-mail, by what came of them (ok, failed)."}, []string{"result"})
	reg.MustRegister(sent)
	return &Service{deps: deps, sent: sent}
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

// round sends what is due now.
func (s *Service) round(ctx context.Context) error {
	all, err := s.deps.Library.AllReports(ctx)
	if err != nil {
		return err
	}
	for _, r := range all {
		due, now := s.due(r)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case due.IsZero():
		case now.Sub(due) > missedAfter:
			state := r.ReportState
			state.LastState, state.LastError, state.Due = "missed", fmt.Sprintf("nothing was running at %s", due.Format(time.RFC3339)), due
			state.Attempts, state.RetryAt = 0, time.Time{}
			// The ones in between were missed as well.
			for next := r.Next(state.Due); !next.IsZero() && now.Sub(next) > missedAfter; next = r.Next(state.Due) {
				state.Due = next
			}
			if err := s.deps.Library.NoteReport(ctx, r.Tenant, r.ID, state); err != nil {
				return err
			}
		default:
			if err := s.send(ctx, r, due); err != nil && !errors.Is(err, ErrFailed) {
				return err
			}
		}
	}
	return nil
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

// Send sends a report now, whatever its schedule says. The error wraps ErrFailed.
func (s *Service) Send(ctx context.Context, t tenant.ID, r dashboards.MailedReport) error {
	return s.send(ctx, dashboards.TenantReport{Tenant: t, MailedReport: r}, r.Due)
}

func (s *Service) send(ctx context.Context, r dashboards.TenantReport, due time.Time) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	attempt, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	failure := s.deliver(attempt, r)
	if failure != nil && ctx.Err() != nil {
		return ctx.Err() // the process stops; it goes on afterwards
	}
	state := dashboards.ReportState{LastRun: s.deps.Now().UTC(), LastState: "ok", Due: due}
	log := s.deps.Log.With("tenant", r.Tenant, "id", r.ID, "uid", r.DashboardUID)
	if failure == nil {
		s.sent.WithLabelValues("ok").Inc()
		log.Info("report sent", "audit", true, "recipients", len(r.Recipients))
		return s.deps.Library.NoteReport(ctx, r.Tenant, r.ID, state)
	}
	s.sent.WithLabelValues("failed").Inc()
	log.Warn("report was not sent", "error", failure, "attempt", r.Attempts+1)
	state.LastState, state.LastError, state.Attempts = "failed", failure.Error(), r.Attempts+1
	if state.Attempts <= len(retries) {
		state.LastState, state.RetryAt = "retrying", state.LastRun.Add(retries[state.Attempts-1])
	} else {
		state.Attempts = 0
	}
	return errors.Join(fmt.Errorf("%w: %w", ErrFailed, failure), s.deps.Library.NoteReport(ctx, r.Tenant, r.ID, state))
}

// deliver renders and mails.
func (s *Service) deliver(ctx context.Context, r dashboards.TenantReport) error {
	m, err := s.deps.Mail(r.Tenant)
	if err != nil {
		return err
	}
	who, err := s.deps.Owner(ctx, r.Tenant, r.Owner)
	if err != nil {
		return err
	}
	d, err := s.deps.Library.Get(ctx, r.Tenant, who, r.DashboardUID)
	if err != nil {
		return err
	}
	out, err := s.deps.Render(ctx, r.Tenant, who, r.MailedReport)
	if err != nil {
		return err
	}
	message, err := compose(m, r.MailedReport, d.Document.Title(), s.deps.BaseURL, s.deps.Now(), out)
	if err != nil {
		return err
	}
	return m.send(ctx, message)
}
