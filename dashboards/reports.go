package dashboards

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/robfig/cron/v3"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// MailedReport is a dashboard that is sent by e-mail on a schedule.
type MailedReport struct {
	ID           string              `json:"id"`
	Name         string              `json:"name"`
	DashboardUID string              `json:"dashboard_uid"`
	Format       string              `json:"format"`   // png, pdf or csv
	Schedule     string              `json:"schedule"` // cron: minute hour day month weekday
	Timezone     string              `json:"timezone"` // IANA name; "" is UTC
	Recipients   []string            `json:"recipients"`
	Time         TimeSpan            `json:"time"`
	Variables    map[string][]string `json:"variables"` // by name, with or without var-
	Enabled      bool                `json:"enabled"`

	Owner string `json:"owner"`
	ReportState
	// NextRun is when it is sent next; zero if it is not.
	NextRun time.Time `json:"next_run,omitzero"`
}

// ReportState is what came of sending a report.
type ReportState struct {
	LastRun time.Time `json:"last_run,omitzero"`
	// LastState is ok, failed, retrying or missed (the process did not run).
	LastState string    `json:"last_state,omitempty"`
	LastError string    `json:"last_error,omitempty"`
	Attempts  int       `json:"attempts,omitempty"` // that failed in a row
	RetryAt   time.Time `json:"retry_at,omitzero"`
	// Due is the time of the schedule that was served last.
	Due time.Time `json:"due,omitzero"`
}

const (
	kindReportState = "report_state"

	maxReports      = 200
	maxRecipients   = 50
	minReportPeriod = 5 * time.Minute
)

// Next is when the report is due after at; zero if never.
func (r *MailedReport) Next(at time.Time) time.Time {
	schedule, zone, err := r.schedule()
	if err != nil || !r.Enabled {
		return time.Time{}
	}
	return schedule.Next(at.In(zone)).UTC()
}

func (r *MailedReport) schedule() (cron.Schedule, *time.Location, error) {
	zone, err := time.LoadLocation(r.Timezone)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: timezone %q is not known; write a name such as Europe/Berlin", ErrBadInput, r.Timezone)
	}
	if strings.Contains(r.Schedule, "=") || strings.HasPrefix(r.Schedule, "@every") {
		return nil, nil, fmt.Errorf("%w: schedule %q: write five fields, such as 0 8 * * 1-5", ErrBadInput, r.Schedule)
	}
	schedule, err := cron.ParseStandard(r.Schedule)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: schedule %q: %w", ErrBadInput, r.Schedule, err)
	}
	return schedule, zone, nil
}

// Reports returns the actor's own, for an administrator all, by name.
func (l *Library) Reports(ctx context.Context, t tenant.ID, who Actor) ([]MailedReport, error) {
	stored, err := l.store.Objects(ctx, t, kindReport, true)
	if err != nil {
		return nil, err
	}
	out := []MailedReport{}
	for _, o := range stored {
		if o.Owner != who.Owner && !who.admin() {
			continue
		}
		r, err := l.reportOf(ctx, t, o)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// reportOf adds to a stored report what came of it.
func (l *Library) reportOf(ctx context.Context, t tenant.ID, o metastore.Object) (MailedReport, error) {
	var r MailedReport
	if err := decodeObject(o, &r); err != nil {
		return r, err
	}
	r.ID, r.Owner, r.ReportState = o.ID, o.Owner, ReportState{}
	state, err := l.store.Object(ctx, t, kindReportState, o.ID)
	if err == nil {
		err = decodeObject(state, &r.ReportState)
	}
	if err != nil && !errors.Is(err, metastore.ErrNotFound) {
		return r, err
	}
	base := l.now()
	if !r.RetryAt.IsZero() && r.Enabled {
		r.NextRun = r.RetryAt
		return r, nil
	}
	r.NextRun = r.Next(base)
	return r, nil
}

// Report returns one that the actor may change; to others it is ErrMissing.
func (l *Library) Report(ctx context.Context, t tenant.ID, who Actor, id string) (MailedReport, error) {
	o, err := l.store.Object(ctx, t, kindReport, id)
	if errors.Is(err, metastore.ErrNotFound) || err == nil && o.Owner != who.Owner && !who.admin() {
		return MailedReport{}, fmt.Errorf("report %q: %w", id, ErrMissing)
	}
	if err != nil {
		return MailedReport{}, err
	}
	return l.reportOf(ctx, t, o)
}

// PutReport makes a report (r.ID is empty) or replaces one; editors do, for dashboards
// that they see. It is sent as what its owner may see then.
func (l *Library) PutReport(ctx context.Context, t tenant.ID, who Actor, r MailedReport) (MailedReport, error) {
	if !who.editor() {
		return r, fmt.Errorf("%w: reports are made by editors", ErrForbidden)
	}
	if err := checkReport(&r, l.now()); err != nil {
		return r, err
	}
	if _, err := l.Get(ctx, t, who, r.DashboardUID); err != nil {
		return r, err
	}
	o := metastore.Object{Kind: kindReport, ID: r.ID, Name: r.Name, Owner: who.Owner, Parent: r.DashboardUID}
	var state ReportState
	if r.ID == "" {
		o.ID = newID()
	} else {
		former, err := l.Report(ctx, t, who, r.ID)
		if err != nil {
			return r, err
		}
		// What was to be retried was the former report.
		state = former.ReportState
		state.Attempts, state.RetryAt = 0, time.Time{}
		if state != (ReportState{}) {
			if err := l.NoteReport(ctx, t, r.ID, state); err != nil {
				return r, err
			}
		}
		old, err := l.object(ctx, t, kindReport, r.ID, &MailedReport{})
		if err != nil {
			return r, err
		}
		o.Owner, o.CreatedAt = old.Owner, old.CreatedAt
	}
	r.ID, r.Owner, r.ReportState, r.NextRun = o.ID, o.Owner, ReportState{}, time.Time{}
	if err := l.putObject(ctx, t, o, r, metastore.ObjectLimits{Count: maxReports}); err != nil {
		return r, err
	}
	l.audit("report kept", t, who, "id", r.ID, "uid", r.DashboardUID, "recipients", len(r.Recipients))
	r.ReportState, r.NextRun = state, r.Next(l.now())
	return r, nil
}

func checkReport(r *MailedReport, now time.Time) (err error) {
	if r.Name, err = checkName("report", r.Name); err != nil {
		return err
	}
	if strings.ContainsFunc(r.Name, unicode.IsControl) {
		return fmt.Errorf("%w: the name holds a control character", ErrBadInput)
	}
	schedule, zone, err := r.schedule()
	if err != nil {
		return err
	}
	first := schedule.Next(now.In(zone))
	if second := schedule.Next(first); first.IsZero() || !second.IsZero() && second.Sub(first) < minReportPeriod {
		return fmt.Errorf("%w: schedule %q: a report is sent every %s at most", ErrBadInput, r.Schedule, minReportPeriod)
	}
	if !slices.Contains([]string{"png", "pdf", "csv"}, r.Format) {
		return fmt.Errorf("%w: format %q is none of png, pdf, csv", ErrBadInput, r.Format)
	}
	if len(r.Recipients) == 0 || len(r.Recipients) > maxRecipients {
		return fmt.Errorf("%w: a report has 1 to %d recipients", ErrBadInput, maxRecipients)
	}
	for i, text := range r.Recipients {
		a, err := mail.ParseAddress(strings.TrimSpace(text))
		if err != nil {
			return fmt.Errorf("%w: recipient %.80q is no e-mail address", ErrBadInput, text)
		}
		r.Recipients[i] = a.Address
	}
	if r.Time == (TimeSpan{}) {
		r.Time = TimeSpan{From: "now-24h", To: "now"}
	}
	from, errFrom := ParseTime(r.Time.From, now)
	to, errTo := ParseTime(r.Time.To, now)
	if err := errors.Join(errFrom, errTo); err != nil || !from.Before(to) {
		return fmt.Errorf("%w: time: from %q to %q", ErrBadInput, r.Time.From, r.Time.To)
	}
	if len(r.Variables) > 100 {
		return fmt.Errorf("%w: more than 100 variables", ErrBadInput)
	}
	return nil
}

// DeleteReport removes the actor's own, or for an administrator any.
func (l *Library) DeleteReport(ctx context.Context, t tenant.ID, who Actor, id string) error {
	if _, err := l.Report(ctx, t, who, id); err != nil {
		return err
	}
	if !who.Writes {
		return fmt.Errorf("%w: this token may only read", ErrForbidden)
	}
	if err := l.deleteObject(ctx, t, kindReportState, id); err != nil && !errors.Is(err, ErrMissing) {
		return err
	}
	if err := l.store.DeleteObjectsOf(ctx, t, kindReportRun, id); err != nil {
		return err
	}
	return l.deleteObject(ctx, t, kindReport, id)
}

// TenantReport is a report with whose it is and since when it is as it is.
type TenantReport struct {
	Tenant tenant.ID
	MailedReport
	Updated time.Time
}

// AllReports returns every tenant's reports, for sending.
func (l *Library) AllReports(ctx context.Context) ([]TenantReport, error) {
	stored, err := l.store.AllObjects(ctx, kindReport)
	if err != nil {
		return nil, err
	}
	var out []TenantReport
	for _, o := range stored {
		r, err := l.reportOf(ctx, o.Tenant, o.Object)
		if err != nil {
			l.provisioner.log.Error("cannot read a report", "tenant", o.Tenant, "id", o.ID, "error", err)
			continue
		}
		out = append(out, TenantReport{o.Tenant, r, o.UpdatedAt})
	}
	return out, nil
}

// NoteReport keeps what came of sending a report.
func (l *Library) NoteReport(ctx context.Context, t tenant.ID, id string, s ReportState) error {
	return l.putObject(ctx, t, metastore.Object{Kind: kindReportState, ID: id, Owner: Process().Owner}, s, metastore.ObjectLimits{})
}
