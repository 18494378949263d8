package ingest

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/pipeline/redact"
	"github.com/pharosd/pharos/tenant"
)

// minRedactionKey is how many bytes a key of hashes has at least.
const minRedactionKey = 16

// RedactionConfig is what is taken out of logs and spans before anything is written.
type RedactionConfig struct {
	// Default holds for every tenant that has no rules of its own.
	Default redact.Config `yaml:"default"`
	// Tenants have rules of their own, whole: nothing is taken from default.
	Tenants map[tenant.ID]redact.Config `yaml:"tenants"`
	// KeyFile is a file with the secret that rules with the action hash need, of 16
	// bytes at least. Each tenant's hashes have a key of their own that is derived
	// from it.
	KeyFile string `yaml:"key_file"`
}

// Validate says what is wrong with the rules, all at once.
func (c RedactionConfig) Validate() error {
	errs := []error{strictyaml.Prefix("default", c.Default.Validate())}
	hashes := c.Default.Hashes()
	for id, rules := range c.Tenants {
		key := fmt.Sprintf("tenants.%s", id)
		if _, err := tenant.Parse(string(id)); err != nil {
			errs = append(errs, &strictyaml.KeyError{Key: key, Err: err})
		}
		errs = append(errs, strictyaml.Prefix(key, rules.Validate()))
		hashes = hashes || rules.Hashes()
	}
	if hashes && c.KeyFile == "" {
		errs = append(errs, &strictyaml.KeyError{Key: "key_file", Err: errors.New("rules with the action hash need a key"),
			Hint: "head -c 32 /dev/urandom | base64 > redaction.key"})
	}
	return errors.Join(errs...)
}

// CheckRedactionKey says whether a key of hashes is one.
func CheckRedactionKey(key []byte) error {
	if len(key) < minRedactionKey {
		return fmt.Errorf("the key has %d bytes, want %d at least", len(key), minRedactionKey)
	}
	return nil
}

// Redactor takes out of what tenants push what their rules find. Its rules may be
// replaced while it is used.
type Redactor struct {
	found   *prometheus.CounterVec
	current atomic.Pointer[redaction]
}

// redaction is one state of the rules.
type redaction struct {
	byDefault *redact.Rules
	tenants   map[tenant.ID]*redact.Rules
	key       []byte
}

// NewRedactor returns one without rules; reg may be nil.
func NewRedactor(reg prometheus.Registerer) *Redactor {
	r := &Redactor{found: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "pharos_ingest_redacted_total", Help: "Values that were masked or hashed before they were stored, by rule.",
	}, []string{"tenant", "rule"})}
	if reg != nil {
		reg.MustRegister(r.found)
	}
	return r
}

// Set replaces the rules. An error leaves the old ones.
func (r *Redactor) Set(cfg RedactionConfig, key []byte) error {
	next := &redaction{tenants: map[tenant.ID]*redact.Rules{}, key: key}
	var err error
	if next.byDefault, err = redact.Compile(cfg.Default); err != nil {
		return err
	}
	for id, rules := range cfg.Tenants {
		if next.tenants[id], err = redact.Compile(rules); err != nil {
			return fmt.Errorf("tenant %s: %w", id, err)
		}
	}
	r.current.Store(next)
	return nil
}

// Rules are those that hold for a tenant, empty ones if none do. They have no key: what
// they hash cannot be compared with what is stored.
func (r *Redactor) Rules(t tenant.ID) *redact.Rules {
	current := r.current.Load()
	if current == nil {
		return &redact.Rules{}
	}
	return current.rules(t)
}

func (c *redaction) rules(t tenant.ID) *redact.Rules {
	if own, ok := c.tenants[t]; ok {
		return own
	}
	return c.byDefault
}

// begin returns what redacts a push of a tenant, nil if it has no rules.
func (r *Redactor) begin(t tenant.ID) *redacting {
	if r == nil {
		return nil
	}
	current := r.current.Load()
	if current == nil {
		return nil
	}
	rules := current.rules(t)
	if rules.Empty() {
		return nil
	}
	mac := hmac.New(sha256.New, current.key)
	mac.Write([]byte("redaction of tenant " + t))
	rules = rules.WithKey(mac.Sum(nil))
	names := rules.Names()
	return &redacting{rules: rules, names: names, counts: make([]int, len(names)), tenant: t, found: r.found}
}

// redacting is the redaction of one push. All methods of nil leave things as they are.
type redacting struct {
	rules  *redact.Rules
	names  []string
	counts []int
	tenant tenant.ID
	found  *prometheus.CounterVec
}

// entry redacts an entry, which is the caller's; its metadata is not.
func (r *redacting) entry(e *model.LogEntry) {
	if r == nil {
		return
	}
	e.Line = r.rules.Text(e.Line, r.counts)
	e.Metadata = r.values(e.Metadata, func(string) bool { return true })
}

// labels returns the labels of a stream, those redacted that the rules name.
func (r *redacting) labels(ls model.Labels) model.Labels {
	if r == nil {
		return ls
	}
	return r.values(ls, r.rules.Label)
}

// values redacts labels whose name is one of which; ls is not changed.
func (r *redacting) values(ls model.Labels, which func(name string) bool) model.Labels {
	cloned := false
	for i, l := range ls {
		if !which(l.Name) {
			continue
		}
		v := r.rules.Value(l.Name, l.Value, r.counts)
		if v == l.Value {
			continue
		}
		if !cloned {
			ls, cloned = slices.Clone(ls), true
		}
		ls[i].Value = v
	}
	return ls
}

// stored counts what was found in a push that was stored.
func (r *redacting) stored() {
	if r == nil {
		return
	}
	for i, n := range r.counts {
		if n > 0 {
			r.found.WithLabelValues(string(r.tenant), r.names[i]).Add(float64(n))
		}
	}
}
