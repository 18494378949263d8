package elastic

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/pharosd/pharos/internal/esapi"
)

// index is an index that somebody created, or gave an alias or settings.
type index struct {
	created bool
	effect
}

// indexDocument is how it is stored.
type indexDocument struct {
	Created  bool             `json:"created"`
	Aliases  map[string]alias `json:"aliases,omitempty"`
	Settings map[string]any   `json:"settings,omitempty"` // flat
	Mappings json.RawMessage  `json:"mappings,omitempty"`
}

// stream is a data stream that somebody created, or gave a lifecycle.
type stream struct {
	retention time.Duration // 0: what its template says
}

// streamDocument is how it is stored.
type streamDocument struct {
	DataRetention string `json:"data_retention,omitempty"`
}

func (s *state) addIndex(name string, raw []byte) error {
	var d indexDocument
	if err := json.Unmarshal(raw, &d); err != nil {
		return err
	}
	policy, _ := d.Settings["index.lifecycle.name"].(string)
	s.indices[name] = index{created: d.Created, effect: effect{policy: policy, aliases: d.Aliases}}
	return nil
}

func (s *state) addStream(name string, raw []byte) error {
	var d streamDocument
	if err := json.Unmarshal(raw, &d); err != nil {
		return err
	}
	var out stream
	if d.DataRetention != "" {
		var err error
		if out.retention, err = parseDuration(d.DataRetention); err != nil {
			return err
		}
	}
	s.streams[name] = out
	return nil
}

// document returns what is stored of an index.
func (s *state) document(name string) (indexDocument, error) {
	var d indexDocument
	if o := s.find(kindIndex, name); o != nil {
		if err := json.Unmarshal(o.raw, &d); err != nil {
			return d, err
		}
	}
	return d, nil
}

// holder is an index that has an alias.
type holder struct {
	index         string
	write, denied bool // is_write_index is true, is false
}

// aliases returns the indices of each alias, sorted.
func (s *state) aliases() map[string][]holder {
	out := map[string][]holder{}
	for name, i := range s.indices {
		for a, v := range i.aliases {
			write := v.IsWriteIndex
			out[a] = append(out[a], holder{name, write != nil && *write, write != nil && !*write})
		}
	}
	for _, hs := range out {
		slices.SortFunc(hs, func(a, b holder) int {
			if a.index < b.index {
				return -1
			}
			return 1
		})
	}
	return out
}

// isStream says whether a name is a data stream's: it was created as one, or the
// template that holds for it makes data streams and it was not created as an index.
func (s *state) isStream(name string) bool {
	if _, ok := s.streams[name]; ok {
		return true
	}
	if s.indices[name].created {
		return false
	}
	t := s.template(name)
	return t != nil && t.dataStream
}

// checkName is esapi.CheckName for names in a path.
func checkName(name string) error {
	if err := esapi.CheckName(name); err != nil {
		return err
	}
	return nil
}
