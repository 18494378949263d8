package dashboards

import (
	_ "embed"
	"encoding/json"
	"slices"
	"sync"
)

//go:embed support.json
var supportJSON []byte

// Refusal says why something is not supported and what to use instead.
type Refusal struct {
	Why string `json:"why"`
	Do  string `json:"do"`
}

// Support is what of Grafana's model Pharos draws and asks: the one list that the page,
// the check and the documentation agree on (support.json).
type Support struct {
	Panels struct {
		Drawn []string `json:"drawn"`
		// Plain panels need no query.
		Plain   []string           `json:"plain"`
		Refused map[string]Refusal `json:"refused"`
	} `json:"panels"`
	Transformations supportedWords `json:"transformations"`
	// Matchers of field overrides.
	Matchers  []string `json:"matchers"`
	Variables struct {
		supportedWords
		// Limited are types of variables that work on data sources of some dialects only.
		Limited map[string]struct {
			Dialects []string `json:"dialects"`
			Refusal
		} `json:"limited"`
	} `json:"variables"`
	// Datasources by Grafana's plugin id.
	Datasources map[string]struct {
		Dialect string `json:"dialect"`
		Refusal
	} `json:"datasources"`
	// Queries are the kinds of query by dialect; "" is a query that names no kind.
	Queries       map[string]supportedWords `json:"queries"`
	Elasticsearch struct {
		Metrics []string           `json:"metrics"`
		Buckets []string           `json:"buckets"`
		Refused map[string]Refusal `json:"refused"`
	} `json:"elasticsearch"`
	// Annotations are the dialects that annotation queries may ask.
	Annotations []string `json:"annotations"`
	// Unknown is what is said of a word that no list has, by what it is the name of.
	Unknown map[string]Refusal `json:"unknown"`
}

type supportedWords struct {
	Supported []string           `json:"supported"`
	Refused   map[string]Refusal `json:"refused"`
}

// refuse reports whether a word is not supported, and why.
func (s supportedWords) refuse(word string, unknown Refusal) (Refusal, bool) {
	if slices.Contains(s.Supported, word) {
		return Refusal{}, false
	}
	if r, ok := s.Refused[word]; ok {
		return r, true
	}
	return unknown, true
}

// SupportList returns what is supported. It is read once; callers must not change it.
var SupportList = sync.OnceValue(func() *Support {
	var s Support
	if err := json.Unmarshal(supportJSON, &s); err != nil {
		panic("BUG: support.json: " + err.Error())
	}
	return &s
})
