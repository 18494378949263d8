package promtail

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/pipeline"
)

// constructors are the stages that can be written. Each compiles a stage's settings;
// what it returns is nil when it told a problem.
func constructors() map[string]func(*config) pipeline.Stage {
	return map[string]func(*config) pipeline.Stage{
		"cri":                 (*config).cri,
		"decolorize":          (*config).decolorize,
		"docker":              (*config).docker,
		"drop":                (*config).drop,
		"eventlogmessage":     (*config).eventLogMessage,
		"geoip":               (*config).geoIP,
		"json":                (*config).json,
		"labelallow":          (*config).labelAllow,
		"labeldrop":           (*config).labelDrop,
		"labels":              (*config).labels,
		"limit":               (*config).limit,
		"logfmt":              (*config).logfmt,
		"match":               (*config).match,
		"metrics":             (*config).metrics,
		"multiline":           (*config).multiline,
		"non_indexed_labels":  (*config).structuredMetadata, // its name before Loki 3
		"output":              (*config).output,
		"pack":                (*config).pack,
		"regex":               (*config).regex,
		"replace":             (*config).replace,
		"sampling":            (*config).sampling,
		"static_labels":       (*config).staticLabels,
		"structured_metadata": (*config).structuredMetadata,
		"template":            (*config).template,
		"tenant":              (*config).tenant,
		"timestamp":           (*config).timestamp,
	}
}

// alloys are stages that Promtail never had and its successor has.
func alloys() []string {
	return []string{"label_drop", "label_keep", "luhn", "structured_metadata_drop", "windowsevent"}
}

// stage compiles the stage; nil is a problem told.
func (cfg *config) stage() pipeline.Stage {
	known := constructors()
	if construct, ok := known[cfg.name]; ok {
		return construct(cfg)
	}
	hint := strictyaml.Suggest(cfg.name, slices.Sorted(maps.Keys(known)))
	if slices.Contains(alloys(), cfg.name) {
		hint = "it is a stage of Alloy, Promtail has none of this name"
	}
	cfg.problem("", fmt.Sprintf("there is no stage %q", cfg.name), hint)
	return nil
}
