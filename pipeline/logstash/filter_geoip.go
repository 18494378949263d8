package logstash

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/oschwald/maxminddb-golang"

	"github.com/pharosd/pharos/pipeline"
)

// geoipFilter adds what a MaxMind database says about an address.
type geoipFilter struct {
	db       *maxminddb.Reader
	source   Ref
	target   Ref
	fields   []geoipTarget
	city     bool
	failTags []string
}

// geoipTarget is a field to add and where.
type geoipTarget struct {
	value func(r *geoipRecord) any
	to    Ref
}

func newGeoIP(s *Settings, env *Env) (any, error) {
	s.Required("source")
	s.Ignored("cache_size")
	f := &geoipFilter{source: s.Ref("source", ""), failTags: stringsOr(s, "tag_on_failure", "_geoip_lookup_failure")}
	kind := s.Enum("default_database_type", "City", "City", "ASN")
	target := f.targetName(s, env)
	path := s.String("database", "")
	switch {
	case path == "":
		// Logstash would download one; without one it tags events and goes on.
		s.Warnf("database", "there is none, so that events are tagged _geoip_expired_database: name the file of GeoLite2-%s.mmdb or another in MaxMind's form", kind)
		f.known(s)
		return Func(func(e *pipeline.Event) bool { Tag(e, "_geoip_expired_database"); return false }), nil
	case env.Untrusted:
		s.Errorf("database", "only an administrator's configuration may read files")
		f.known(s)
		return Func(f.filter), nil
	}
	db, err := maxminddb.Open(inDir(env, path))
	if err != nil {
		s.Errorf("database", "open database: %v", err)
		f.known(s)
		return Func(f.filter), nil
	}
	f.db = db
	f.choose(s, env, target)
	return &geoipStage{f, env.Matched}, nil
}

// known reads the setting that is read with a database only.
func (f *geoipFilter) known(s *Settings) { s.Strings("fields") }

func (f *geoipFilter) targetName(s *Settings, env *Env) string {
	source := s.String("source", "")
	target := s.String("target", "")
	switch {
	case target != "":
	case !env.ECS:
		target = "geoip"
	default:
		outer, ok := strings.CutSuffix(source, "[ip]")
		if !ok || outer == "" {
			if source != "" {
				s.report.errorf(s.plugin.Pos, `target => "source"`, "geoip: the source is no [...][ip], so that a target has to be named")
			}
			outer = "geoip"
		}
		target = outer
	}
	target = targetPrefix(target)
	f.target = s.ref("target", target)
	return target
}

// choose picks the fields that are asked for or that the kind of database has.
func (f *geoipFilter) choose(s *Settings, env *Env, target string) {
	kind := geoipKindOf(f.db.Metadata.DatabaseType)
	names := kind.fields
	if kind.city && !env.ECS {
		names = strings.Replace(names, "region_iso_code", "region_code", 1)
	}
	f.city = kind.city
	wanted := strings.Fields(names)
	if s.Has("fields") {
		wanted = s.Strings("fields")
	}
	known := geoipFields()
	for _, name := range wanted {
		field, ok := known[strings.ToLower(name)]
		if !ok {
			s.Errorf("fields", "%q is no field", name)
			continue
		}
		sub := "[" + field.old + "]"
		if env.ECS {
			if field.ecs == "" {
				continue
			}
			sub = "[" + strings.ReplaceAll(field.ecs, ".", "][") + "]"
		}
		f.fields = append(f.fields, geoipTarget{field.value, s.ref("target", target+sub)})
	}
}

// geoipStage closes the database with the pipeline.
type geoipStage struct {
	*geoipFilter
	matched func(*pipeline.Event)
}

// Process implements pipeline.Stage.
func (g *geoipStage) Process(e *pipeline.Event, out pipeline.Output) {
	if g.filter(e) {
		g.matched(e)
	}
	out.Emit(e)
}

// Close implements io.Closer.
func (g *geoipStage) Close() error { return g.db.Close() }

func (f *geoipFilter) filter(e *pipeline.Event) bool {
	v, _ := f.source.Get(e)
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	text, ok := v.(string)
	if ok && f.add(e, strings.TrimSpace(text)) {
		return true
	}
	tagAll(e, f.failTags)
	return false
}

func (f *geoipFilter) add(e *pipeline.Event, text string) bool {
	if text == "" {
		return false
	}
	if old, _ := f.target.Get(e); old == nil {
		f.target.Set(e, map[string]any{})
	}
	r, err := f.lookup(text)
	if err != nil || f.city && !r.located() {
		return false
	}
	for i := range f.fields {
		if v := f.fields[i].value(r); v != nil {
			f.fields[i].to.Set(e, v)
		}
	}
	return true
}

var errNoRecord = errors.New("the database does not have the address")

// lookup takes addresses only: Logstash would also ask the system for a host's name.
func (f *geoipFilter) lookup(text string) (*geoipRecord, error) {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return nil, fmt.Errorf("read address: %w", err)
	}
	var r geoipRecord
	network, ok, err := f.db.LookupNetwork(addr.AsSlice(), &r)
	if err != nil {
		return nil, fmt.Errorf("look an address up: %w", err)
	}
	if !ok {
		return nil, errNoRecord
	}
	if !f.city { // traits are at the top in databases of providers
		if err := f.db.Lookup(addr.AsSlice(), &r.top); err != nil {
			return nil, fmt.Errorf("look an address up: %w", err)
		}
	}
	r.ip, r.network = addr.Unmap().String(), network.String()
	return &r, nil
}
