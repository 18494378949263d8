package dashboards

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// Bounds of annotations.
const (
	maxAnnotations      = 100_000 // of a tenant; the oldest go
	maxAnnotationText   = 10 << 10
	maxAnnotationTags   = 50
	maxAnnotationTag    = 200 // bytes
	maxAnnotationAnswer = 10_000
)

// AnnotationQuery says which annotations are wanted.
type AnnotationQuery struct {
	From, To time.Time // both inclusive; zero is open
	Tags     []string  // all of them, with AnyTag one of them
	AnyTag   bool
	// DashboardUID selects one dashboard's, "" those of all; OfAll leaves those of single
	// dashboards out.
	DashboardUID string
	OfAll        bool
	PanelID      int64 // 0 is any
	By           string
	Limit        int // 1 to 10,000
}

func (q *AnnotationQuery) matches(a metastore.Annotation) bool {
	switch {
	case q.DashboardUID != "" && a.DashboardUID != q.DashboardUID, q.OfAll && a.DashboardUID != "",
		q.PanelID != 0 && a.PanelID != q.PanelID, q.By != "" && a.CreatedBy != q.By:
		return false
	case len(q.Tags) == 0:
		return true
	case q.AnyTag:
		return slices.ContainsFunc(q.Tags, func(tag string) bool { return slices.Contains(a.Tags, tag) })
	}
	return !slices.ContainsFunc(q.Tags, func(tag string) bool { return !slices.Contains(a.Tags, tag) })
}

// Annotations returns what the query selects and the actor may see, the newest first.
func (l *Library) Annotations(ctx context.Context, t tenant.ID, who Actor, q AnnotationQuery) ([]metastore.Annotation, error) {
	if q.Limit < 1 || q.Limit > maxAnnotationAnswer {
		return nil, fmt.Errorf("%w: limit is %d, want 1 to %d", ErrBadInput, q.Limit, maxAnnotationAnswer)
	}
	if q.To.IsZero() {
		q.To = time.UnixMilli(1 << 52)
	}
	visible, err := l.visible(ctx, t, who)
	if err != nil {
		return nil, err
	}
	out := []metastore.Annotation{}
	err = l.store.EachAnnotation(ctx, t, q.From, q.To, func(a metastore.Annotation) bool {
		if q.matches(a) && (a.DashboardUID == "" || visible[a.DashboardUID]) {
			out = append(out, a)
		}
		return len(out) < q.Limit
	})
	return out, err
}

// visible are the uids of the dashboards that the actor sees.
func (l *Library) visible(ctx context.Context, t tenant.ID, who Actor) (map[string]bool, error) {
	all, err := l.List(ctx, t, who)
	out := make(map[string]bool, len(all))
	for _, s := range all {
		out[s.UID] = true
	}
	return out, err
}

// Annotation returns one annotation; the error wraps ErrMissing.
func (l *Library) Annotation(ctx context.Context, t tenant.ID, who Actor, id int64) (metastore.Annotation, error) {
	a, err := l.store.Annotation(ctx, t, id)
	if err == nil && a.DashboardUID != "" {
		if _, hidden := l.Get(ctx, t, who, a.DashboardUID); errors.Is(hidden, ErrNotFound) {
			err = metastore.ErrNotFound
		}
	}
	if errors.Is(err, metastore.ErrNotFound) {
		return a, fmt.Errorf("annotation %d: %w", id, ErrMissing)
	}
	return a, err
}

// Annotate adds an annotation (a.ID is 0) or replaces one. Who may edit a dashboard may
// annotate it; what is for all dashboards is an editor's, or a token's that may push
// data. The error wraps ErrBadInput, ErrMissing, ErrNotFound (the dashboard) or
// ErrForbidden.
func (l *Library) Annotate(ctx context.Context, t tenant.ID, who Actor, a metastore.Annotation) (metastore.Annotation, error) {
	if err := checkAnnotation(&a); err != nil {
		return a, err
	}
	a.UpdatedAt, a.CreatedBy = l.stamp(), who.Owner
	if a.ID != 0 {
		old, err := l.Annotation(ctx, t, who, a.ID)
		if err != nil {
			return a, err
		}
		if err := l.mayAnnotate(ctx, t, who, old.DashboardUID); err != nil {
			return a, err
		}
		a.CreatedBy = old.CreatedBy
	}
	if err := l.mayAnnotate(ctx, t, who, a.DashboardUID); err != nil {
		return a, err
	}
	var err error
	if a.ID == 0 {
		a.ID, err = l.store.CreateAnnotation(ctx, t, a, maxAnnotations)
		return a, err
	}
	return a, l.store.UpdateAnnotation(ctx, t, a)
}

// DeleteAnnotation removes one; who may change it may.
func (l *Library) DeleteAnnotation(ctx context.Context, t tenant.ID, who Actor, id int64) error {
	a, err := l.Annotation(ctx, t, who, id)
	if err != nil {
		return err
	}
	if err := l.mayAnnotate(ctx, t, who, a.DashboardUID); err != nil {
		return err
	}
	return l.store.DeleteAnnotation(ctx, t, id)
}

func (l *Library) mayAnnotate(ctx context.Context, t tenant.ID, who Actor, dashboard string) error {
	if dashboard == "" {
		if who.editor() || who.Writes && who.User == "" {
			return nil
		}
		return fmt.Errorf("%w: annotations for all dashboards are made by editors", ErrForbidden)
	}
	d, err := l.Get(ctx, t, who, dashboard)
	if err != nil {
		return err
	}
	a, err := l.access(ctx, t, who)
	if err != nil {
		return err
	}
	return a.need(d.Folder.UID, Edit)
}

func checkAnnotation(a *metastore.Annotation) error {
	if a.End.IsZero() {
		a.End = a.Time
	}
	a.Text = strings.TrimSpace(a.Text)
	switch {
	case a.Time.IsZero():
		return fmt.Errorf("%w: an annotation needs a time", ErrBadInput)
	case a.End.Before(a.Time):
		return fmt.Errorf("%w: the annotation ends before it begins", ErrBadInput)
	case a.Text == "" && len(a.Tags) == 0:
		return fmt.Errorf("%w: an annotation needs a text or a tag", ErrBadInput)
	case len(a.Text) > maxAnnotationText:
		return fmt.Errorf("%w: the text has %d bytes, limit %d", ErrBadInput, len(a.Text), maxAnnotationText)
	case len(a.Tags) > maxAnnotationTags:
		return fmt.Errorf("%w: %d tags, limit %d", ErrBadInput, len(a.Tags), maxAnnotationTags)
	case a.PanelID < 0 || a.PanelID != 0 && a.DashboardUID == "":
		return fmt.Errorf("%w: panel %d of no dashboard", ErrBadInput, a.PanelID)
	}
	a.Tags = orEmpty(slices.Clone(a.Tags))
	for _, tag := range a.Tags {
		if tag == "" || len(tag) > maxAnnotationTag {
			return fmt.Errorf("%w: a tag has 1 to %d bytes", ErrBadInput, maxAnnotationTag)
		}
	}
	slices.Sort(a.Tags)
	a.Tags = slices.Compact(a.Tags)
	return nil
}
