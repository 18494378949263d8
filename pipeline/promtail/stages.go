package promtail

import (
	"fmt"
	"slices"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/pipeline"
)

// names are the stages that can be written.
func names() []string {
	return []string{"cri", "decolorize", "docker", "drop", "eventlogmessage", "geoip", "json", "labelallow", "labeldrop", "labels",
		"limit", "logfmt", "match", "metrics", "multiline", "non_indexed_labels", "output", "pack", "regex", "replace",
		"sampling", "static_labels", "structured_metadata", "template", "tenant", "timestamp"}
}

// alloys are stages that Promtail never had and its successor has.
func alloys() []string {
	return []string{"label_drop", "label_keep", "luhn", "structured_metadata_drop", "windowsevent"}
}

// stage compiles the stage; nil is a problem told.
func (cfg *config) stage() pipeline.Stage {
	switch cfg.name {
	case "cri":
		return cfg.cri()
	case "decolorize":
		return newDecolorize()
	case "docker":
		return newDocker(cfg.c)
	case "drop":
		return cfg.drop()
	case "eventlogmessage":
		return cfg.eventLogMessage()
	case "geoip":
		return cfg.geoIP()
	case "json":
		return cfg.json()
	case "labelallow":
		return cfg.labelAllow()
	case "labeldrop":
		return cfg.labelDrop()
	case "labels":
		return cfg.labels()
	case "limit":
		return cfg.limit()
	case "logfmt":
		return cfg.logfmt()
	case "match":
		return cfg.match()
	case "metrics":
		return cfg.metrics()
	}
	return cfg.stageFromN()
}

// stageFromN is the second half of stage.
func (cfg *config) stageFromN() pipeline.Stage {
	switch cfg.name {
	case "multiline":
		return cfg.multiline()
	case "non_indexed_labels", "structured_metadata":
		return cfg.structuredMetadata()
	case "output":
		return cfg.output()
	case "pack":
		return cfg.pack()
	case "regex":
		return cfg.regex()
	case "replace":
		return cfg.replace()
	case "sampling":
		return cfg.sampling()
	case "static_labels":
		return cfg.staticLabels()
	case "template":
		return cfg.template()
	case "tenant":
		return cfg.tenant()
	case "timestamp":
		return cfg.timestamp()
	}
	hint := strictyaml.Suggest(cfg.name, names())
	if slices.Contains(alloys(), cfg.name) {
		hint = "it is a stage of Alloy, Promtail has none of this name"
	}
	cfg.problem("", fmt.Sprintf("there is no stage %q", cfg.name), hint)
	return nil
}
