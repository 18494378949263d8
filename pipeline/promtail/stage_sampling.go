package promtail

import (
	"math/rand/v2"

	"github.com/pharosd/pharos/pipeline"
)

// samplingStage lets a share of the events pass, each by chance.
type samplingStage struct {
	rate  float64
	drops drops
}

func (cfg *config) sampling() pipeline.Stage {
	var settings struct {
		Rate       float64
		DropReason *string `yaml:"drop_counter_reason"`
	}
	cfg.weak("rate")
	if cfg.empty() || !cfg.decode(&settings) {
		return nil
	}
	if !(settings.Rate >= 0 && settings.Rate <= 1) {
		cfg.problem("rate", "the rate must be between 0 and 1", "0.1 lets a tenth of the lines pass")
		return nil
	}
	return &samplingStage{settings.Rate, cfg.c.drops(deref(settings.DropReason), "sampling_stage")}
}

func (s *samplingStage) Process(e *pipeline.Event, out pipeline.Output) {
	if rand.Float64() >= s.rate {
		s.drops.drop(e, out)
		return
	}
	out.Emit(e)
}
