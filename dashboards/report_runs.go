package dashboards

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// ReportRun is one attempt to send a report, or a time at which nobody did.
type ReportRun struct {
	At  time.Time `json:"at"`
	Due time.Time `json:"due,omitzero"` // of the schedule; zero when somebody asked for it
	// State is ok, failed, retrying or missed, as in ReportState.
	State      string        `json:"state"`
	Error      string        `json:"error,omitempty"`
	Attempt    int           `json:"attempt,omitempty"` // 1 is the first
	Took       time.Duration `json:"-"`
	TookMillis int64         `json:"took_ms"`
	Bytes      int           `json:"bytes,omitempty"` // of the attachment
	Recipients int           `json:"recipients"`
	By         string        `json:"by,omitempty"` // who asked for it; "" is the schedule
}

const (
	kindReportRun = "report_run"
	keptRuns      = 50 // of a report
)

// NoteRun keeps what came of an attempt beside those before it; the oldest go.
func (l *Library) NoteRun(ctx context.Context, t tenant.ID, reportID string, run ReportRun) error {
	run.TookMillis = run.Took.Milliseconds()
	owner := Process().Owner
	if err := l.putObject(ctx, t, metastore.Object{Kind: kindReportRun, ID: newID(), Owner: owner, Parent: reportID}, run, metastore.ObjectLimits{}); err != nil {
		return err
	}
	return l.store.TrimObjects(ctx, t, kindReportRun, owner, reportID, keptRuns)
}

// ReportRuns returns the last attempts of a report that the actor may change, the newest
// first; to others the report is ErrMissing.
func (l *Library) ReportRuns(ctx context.Context, t tenant.ID, who Actor, id string) ([]ReportRun, error) {
	if _, err := l.Report(ctx, t, who, id); err != nil {
		return nil, err
	}
	stored, err := l.store.ObjectsOf(ctx, t, kindReportRun, id)
	if err != nil {
		return nil, err
	}
	out := []ReportRun{}
	for _, o := range stored {
		var run ReportRun
		if err := decodeObject(o, &run); err != nil {
			return nil, err
		}
		out = append(out, run)
	}
	slices.SortStableFunc(out, func(a, b ReportRun) int { return b.At.Compare(a.At) })
	return out, nil
}

// ClaimReport makes holder the only process that sends a report until the time given. It
// returns the report as it is now: another process may have sent it since it was listed.
// ok is false if another process has it, or it is gone.
func (l *Library) ClaimReport(ctx context.Context, t tenant.ID, id, holder string, now, until time.Time) (r TenantReport, ok bool, err error) {
	ok, err = l.store.Claim(ctx, t, kindReport, id, holder, now, until)
	if err != nil || !ok {
		return r, false, err
	}
	o, err := l.store.Object(ctx, t, kindReport, id)
	if errors.Is(err, metastore.ErrNotFound) {
		return r, false, l.UnclaimReport(ctx, t, id, holder)
	}
	if err == nil {
		r.MailedReport, err = l.reportOf(ctx, t, o)
	}
	if err != nil {
		return r, false, errors.Join(err, l.UnclaimReport(ctx, t, id, holder))
	}
	r.Tenant, r.Updated = t, o.UpdatedAt
	return r, true, nil
}

// UnclaimReport ends holder's claim.
func (l *Library) UnclaimReport(ctx context.Context, t tenant.ID, id, holder string) error {
	return l.store.Unclaim(ctx, t, kindReport, id, holder)
}
