package elastic

import (
	"cmp"
	"encoding/json"
	"time"

	"github.com/pharosd/pharos/internal/esapi"
)

// template is what a template does to the indices that it matches.
type template struct {
	name       string
	patterns   []string
	priority   int64
	legacy     bool
	dataStream bool
	version    string
	composedOf []string
	effect
}

// effect is what settings have an effect.
type effect struct {
	policy    string        // index.lifecycle.name
	retention time.Duration // lifecycle.data_retention; 0: none
	aliases   map[string]alias
}

type alias struct {
	IsWriteIndex *bool `json:"is_write_index,omitempty"`
}

// templateBody is the part that component and index templates share.
type templateBody struct {
	Settings  map[string]any   `json:"settings"`
	Aliases   map[string]alias `json:"aliases"`
	Lifecycle *struct {
		DataRetention string `json:"data_retention"`
		Enabled       *bool  `json:"enabled"`
	} `json:"lifecycle"`
}

type indexTemplate struct {
	Patterns   stringList       `json:"index_patterns"`
	Template   templateBody     `json:"template"`
	ComposedOf []string         `json:"composed_of"`
	Ignore     []string         `json:"ignore_missing_component_templates"`
	Priority   int64            `json:"priority"`
	Version    json.Number      `json:"version"`
	DataStream *json.RawMessage `json:"data_stream"`
}

type legacyTemplate struct {
	Patterns stringList  `json:"index_patterns"`
	Order    int64       `json:"order"`
	Version  json.Number `json:"version"`
	templateBody
}

// effect reads what has an effect.
func (b *templateBody) effect() (effect, error) {
	e := effect{aliases: b.Aliases}
	e.policy, _ = flatten(b.Settings)["index.lifecycle.name"].(string)
	if l := b.Lifecycle; l != nil && l.DataRetention != "" && (l.Enabled == nil || *l.Enabled) {
		var err error
		if e.retention, err = parseDuration(l.DataRetention); err != nil {
			return e, err
		}
		if e.retention == 0 {
			return e, esapi.Illegal("data_retention must be more than 0")
		}
	}
	return e, nil
}

// over returns e with what top says in its place.
func (e effect) over(top effect) effect {
	e.policy = cmp.Or(top.policy, e.policy)
	e.retention = cmp.Or(top.retention, e.retention)
	if len(top.aliases) > 0 {
		all := map[string]alias{}
		for _, m := range []map[string]alias{e.aliases, top.aliases} {
			for name, a := range m {
				all[name] = a
			}
		}
		e.aliases = all
	}
	return e
}

func (s *state) addComponent(name string, raw []byte) error {
	var c struct {
		Template templateBody `json:"template"`
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return err
	}
	e, err := c.Template.effect()
	s.components[name] = e
	return err
}

func (s *state) addTemplate(kind, name string, raw []byte) error {
	t := template{name: name, legacy: kind == kindLegacyTemplate}
	if t.legacy {
		var l legacyTemplate
		if err := json.Unmarshal(raw, &l); err != nil {
			return err
		}
		e, err := l.effect()
		if err != nil {
			return err
		}
		t.patterns, t.priority, t.version, t.effect = l.Patterns, l.Order, l.Version.String(), e
		s.templates = append(s.templates, t)
		return nil
	}
	var i indexTemplate
	if err := json.Unmarshal(raw, &i); err != nil {
		return err
	}
	own, err := i.Template.effect()
	if err != nil {
		return err
	}
	for _, component := range i.ComposedOf {
		t.effect = t.effect.over(s.components[component])
	}
	t.effect = t.effect.over(own)
	t.patterns, t.priority, t.version, t.composedOf = i.Patterns, i.Priority, i.Version.String(), i.ComposedOf
	t.dataStream = i.DataStream != nil && string(*i.DataStream) != "null"
	s.templates = append(s.templates, t)
	return nil
}

// compareTemplates sorts composable templates before legacy ones, by priority.
func compareTemplates(a, b template) int {
	legacy := func(t template) int {
		if t.legacy {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(legacy(a), legacy(b)), cmp.Compare(b.priority, a.priority), cmp.Compare(a.name, b.name))
}

func (t *template) matches(name string) bool {
	for _, p := range t.patterns {
		if esapi.Match(p, name) {
			return true
		}
	}
	return false
}

// template returns the template that holds for a name, nil if none does.
func (s *state) template(name string) *template {
	for i := range s.templates {
		if s.templates[i].matches(name) {
			return &s.templates[i]
		}
	}
	return nil
}
