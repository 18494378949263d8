package app

import (
	"context"
	"fmt"

	"github.com/pharosd/pharos/alerting/actions"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/objects"
	"github.com/pharosd/pharos/model"
	objectstorage "github.com/pharosd/pharos/storage/objects"
)

// withObjects returns the store in front of which the collector's lines are copied to
// object storage, if the configuration names one.
func (a *App) withObjects(ctx context.Context, store logs.Appender) (logs.Appender, error) {
	cfg := a.cfg.Receivers.Collector
	if !cfg.Objects.Storage.Enabled() {
		return store, nil
	}
	bucket, err := objectstorage.Open(cfg.Objects.Storage)
	if err != nil {
		return nil, fmt.Errorf("receivers.collector.objects: %w", err)
	}
	a.closer("storage of objects", bucket.Close)
	told, err := objectActions(ctx, cfg.Objects.Actions)
	if err != nil {
		return nil, fmt.Errorf("receivers.collector.objects.actions: %w", err)
	}
	var labels []model.Label
	for name, value := range cfg.Labels {
		labels = append(labels, model.Label{Name: name, Value: value})
	}
	w, err := objects.NewWriter(cfg.Objects.Config, store, objects.Deps{
		Dir: a.dir("objects"), Bucket: bucket, Labels: model.NewLabels(labels...), Actions: told,
		Logger: a.log.With("component", "objects"), Registry: a.registry,
	})
	if err != nil {
		return nil, err
	}
	a.parts = append(a.parts, partWithClose("objects", w.Run, w.Close))
	return w, nil
}

func objectActions(ctx context.Context, cfgs []actions.Config) ([]objects.Action, error) {
	var out []objects.Action
	for _, c := range cfgs {
		if c.Webhook.URL != "" {
			out = append(out, objectAction{actions.NewHook(c.Webhook)})
			continue
		}
		f, err := actions.NewFunction(ctx, c.Lambda)
		if err != nil {
			return nil, err
		}
		out = append(out, objectAction{f})
	}
	return out, nil
}

// objectAction is an action as the writer of objects calls it.
type objectAction struct {
	action interface {
		Name() string
		Finished(ctx context.Context, o actions.Object) error
	}
}

func (a objectAction) Name() string { return a.action.Name() }

func (a objectAction) Finished(ctx context.Context, o objects.Object) error {
	return a.action.Finished(ctx, actions.Object{Bucket: o.Bucket, Key: o.Key, Size: o.Size, MD5: o.MD5, Time: o.Time, ID: o.ID})
}
