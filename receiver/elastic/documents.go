package elastic

import (
	"context"

	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/tenant"
)

// Store stores documents that come from within the process, as _bulk does, and says of
// each what became of it; nil: it is on disk. One that has a time of its own is kept apart
// from others by it, and not moved. For a data stream every document is a new one.
func (rc *Receiver) Store(ctx context.Context, t tenant.ID, docs []esapi.Document) []*esapi.Error {
	b := rc.newBatch(tenant.NewContext(ctx, t), len(docs))
	items := make([]item, len(docs))
	for i := range docs {
		d := &docs[i]
		a := action{op: opIndex, index: d.Index, id: d.ID, hasID: d.ID != ""}
		if d.Create || b.target(d.Index).DataStream {
			a.op = opCreate
		}
		items[i] = item{action: a, source: d.Source}
		if !d.Time.IsZero() {
			items[i].at = d.Time.UnixNano()
		}
	}
	b.store(items)
	out := make([]*esapi.Error, len(items))
	for i := range items {
		out[i] = items[i].err
	}
	return out
}
