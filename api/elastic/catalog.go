package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// Kinds of objects in the metastore.
const (
	kindIndexTemplate  = "index_template"
	kindLegacyTemplate = "template"
	kindComponent      = "component_template"
	kindPolicy         = "ilm_policy"
	kindIndex          = "index"
	kindDataStream     = "data_stream"
)

// Bounds of what one tenant may put. Beats' templates have half a megabyte.
const (
	maxObject  = 2 << 20
	maxObjects = 1000
	maxBytes   = 16 << 20
)

// maxTenants bounds how many tenants' states are kept in memory.
const maxTenants = 1000

// Catalog knows what tenants have told about their indices, and what follows from it:
// where a name leads, what is kept for how long. It is safe for concurrent use.
type Catalog struct {
	db  *metastore.DB
	log *slog.Logger
	now func() time.Time

	mu      sync.Mutex
	tenants map[tenant.ID]*state
	// version changes with each write, so that a state that was read before it is not
	// kept after it.
	version uint64
}

// NewCatalog returns a catalog of what db has.
func NewCatalog(db *metastore.DB, log *slog.Logger) *Catalog {
	return &Catalog{db: db, log: log, now: time.Now, tenants: map[tenant.ID]*state{}}
}

// object is a stored object, decoded.
type object struct {
	name    string
	updated time.Time
	raw     json.RawMessage
}

// state is what follows from a tenant's objects. It is never changed.
type state struct {
	objects    map[string][]object // by kind, sorted by name
	templates  []template          // the one that holds comes first
	components map[string]effect
	policies   map[string]policy
	indices    map[string]index
	streams    map[string]stream
	rules      []RetentionRule
}

// state returns a tenant's state.
func (c *Catalog) state(ctx context.Context, t tenant.ID) (*state, error) {
	c.mu.Lock()
	s, version := c.tenants[t], c.version
	c.mu.Unlock()
	if s != nil {
		return s, nil
	}
	objects, err := c.db.ElasticObjects(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("read indices' state: %w", err)
	}
	if s, err = newState(objects); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if version == c.version {
		if len(c.tenants) >= maxTenants {
			clear(c.tenants)
		}
		c.tenants[t] = s
	}
	return s, nil
}

func newState(objects []metastore.ElasticObject) (*state, error) {
	s := &state{objects: map[string][]object{}, components: map[string]effect{}, policies: map[string]policy{}, indices: map[string]index{}, streams: map[string]stream{}}
	for _, o := range objects {
		s.objects[o.Kind] = append(s.objects[o.Kind], object{o.Name, o.UpdatedAt, o.Document})
	}
	for kind, add := range map[string]func(name string, raw []byte) error{
		kindComponent: s.addComponent, kindPolicy: s.addPolicy, kindIndex: s.addIndex, kindDataStream: s.addStream,
	} {
		for _, o := range s.objects[kind] {
			if err := add(o.name, o.raw); err != nil {
				return nil, fmt.Errorf("read stored %s %q: %w", kind, o.name, err)
			}
		}
	}
	for _, kind := range []string{kindIndexTemplate, kindLegacyTemplate} {
		for _, o := range s.objects[kind] {
			if err := s.addTemplate(kind, o.name, o.raw); err != nil {
				return nil, fmt.Errorf("read stored %s %q: %w", kind, o.name, err)
			}
		}
	}
	slices.SortStableFunc(s.templates, compareTemplates)
	s.rules = s.retention()
	return s, nil
}

// find returns an object, nil if there is none.
func (s *state) find(kind, name string) *object {
	at, ok := slices.BinarySearchFunc(s.objects[kind], name, func(o object, n string) int { return strings.Compare(o.name, n) })
	if !ok {
		return nil
	}
	return &s.objects[kind][at]
}

// put stores an object.
func (c *Catalog) put(ctx context.Context, t tenant.ID, kind, name string, document any) error {
	b, err := json.Marshal(document)
	if err != nil {
		return fmt.Errorf("encode %s: %w", kind, err)
	}
	if len(b) > maxObject {
		return esapi.Illegal(fmt.Sprintf("%s [%s] has %d bytes, the limit is %d", kind, name, len(b), maxObject))
	}
	defer c.changed(t)
	err = c.db.PutElasticObject(ctx, t, metastore.ElasticObject{Kind: kind, Name: name, Document: b, UpdatedAt: c.now()},
		metastore.ElasticLimits{Objects: maxObjects, Bytes: maxBytes})
	if errors.Is(err, metastore.ErrFull) {
		return &esapi.Error{Status: http.StatusBadRequest, Type: "validation_exception", Reason: err.Error()}
	}
	return err
}

// remove deletes an object; there is false if it did not exist.
func (c *Catalog) remove(ctx context.Context, t tenant.ID, kind, name string) (there bool, err error) {
	defer c.changed(t)
	err = c.db.DeleteElasticObject(ctx, t, kind, name)
	if errors.Is(err, metastore.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (c *Catalog) changed(t tenant.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.version++
	delete(c.tenants, t)
}

// Target is where documents that are sent to a name go.
type Target struct {
	Index             string
	DataStream, Alias bool
}

// Target resolves a valid name for writing. The error is an *esapi.Error when nothing
// can be written there.
func (c *Catalog) Target(ctx context.Context, t tenant.ID, name string) (Target, error) {
	s, err := c.state(ctx, t)
	if err != nil {
		return Target{}, err
	}
	holders := s.aliases()[name]
	if len(holders) == 0 {
		return Target{Index: name, DataStream: s.isStream(name)}, nil
	}
	writer := ""
	for _, h := range holders {
		if h.write || len(holders) == 1 && !h.denied {
			writer = h.index
		}
	}
	if writer == "" {
		return Target{}, esapi.Illegal(fmt.Sprintf("no write index is defined for alias [%s]. The write index may be explicitly disabled using is_write_index=false or the alias points to multiple indices without one being designated as a write index", name))
	}
	return Target{Index: writer, DataStream: s.isStream(writer), Alias: true}, nil
}

// Declared returns the sorted names of indices and data streams that were created by
// name; they may be empty.
func (c *Catalog) Declared(ctx context.Context, t tenant.ID) ([]string, error) {
	s, err := c.state(ctx, t)
	if err != nil {
		return nil, err
	}
	var out []string
	for name, i := range s.indices {
		if i.created {
			out = append(out, name)
		}
	}
	for name := range s.streams {
		out = append(out, name)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// Aliases returns the indices of each alias.
func (c *Catalog) Aliases(ctx context.Context, t tenant.ID) (map[string][]string, error) {
	s, err := c.state(ctx, t)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for alias, holders := range s.aliases() {
		for _, h := range holders {
			out[alias] = append(out[alias], h.index)
		}
	}
	return out, nil
}

// RetentionRules returns what lifecycle policies say about streams, the rule that
// holds first. The caller does not change it.
func (c *Catalog) RetentionRules(t tenant.ID) []RetentionRule {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	s, err := c.state(ctx, t)
	if err != nil {
		// The tenant's own retention holds meanwhile.
		c.log.Error("cannot read lifecycle policies", "tenant", string(t), "error", err)
		return nil
	}
	return s.rules
}
