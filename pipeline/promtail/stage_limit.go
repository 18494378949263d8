package promtail

import (
	"time"

	"golang.org/x/time/rate"

	"github.com/pharosd/pharos/pipeline"
)

// limitLabels is the least number of label values with limits of their own.
const limitLabels = 10_000

// limitStage lets a number of lines a second pass and drops the others, or makes them
// wait. By label, each value of the label has a limit of its own.
type limitStage struct {
	rate    rate.Limit
	burst   int
	drop    bool
	now     func() time.Time
	sleep   func(time.Duration)
	all     *rate.Limiter
	label   string
	most    int                      // limiters in recent
	recent  map[string]*rate.Limiter // by label value
	earlier map[string]*rate.Limiter // recent, before it was full
	drops   drops
	metrics *Metrics
}

func (cfg *config) limit() pipeline.Stage {
	var settings struct {
		Rate              float64
		Burst             int
		Drop              bool
		ByLabelName       string `yaml:"by_label_name"`
		MaxDistinctLabels int    `yaml:"max_distinct_labels"`
	}
	cfg.weak("rate", "burst", "drop", "max_distinct_labels")
	if cfg.empty() || !cfg.decode(&settings) {
		return nil
	}
	switch {
	case !(settings.Rate > 0):
		cfg.problem("rate", "the stage needs a rate above 0", "lines a second")
		return nil
	case settings.Burst <= 0:
		cfg.problem("burst", "the stage needs a burst above 0", "lines at once")
		return nil
	case settings.ByLabelName != "" && !settings.Drop:
		cfg.problem("drop", "a limit by label must drop", "set drop: true")
		return nil
	}
	return &limitStage{
		rate: rate.Limit(settings.Rate), burst: settings.Burst, drop: settings.Drop,
		now: cfg.c.env.Now, sleep: cfg.c.env.Sleep,
		all:   rate.NewLimiter(rate.Limit(settings.Rate), settings.Burst),
		label: settings.ByLabelName, most: max(settings.MaxDistinctLabels, limitLabels),
		recent: map[string]*rate.Limiter{},
		drops:  cfg.c.drops("", "ratelimit_drop_stage"), metrics: cfg.c.env.Metrics,
	}
}

func (s *limitStage) Process(e *pipeline.Event, out pipeline.Output) {
	limiter, value := s.all, ""
	if s.label != "" {
		var ok bool
		if value, ok = getLabel(e, s.label); !ok {
			out.Emit(e)
			return
		}
		limiter = s.limiter(value)
	}
	now := s.now()
	if !s.drop {
		if wait := limiter.ReserveN(now, 1).DelayFrom(now); wait > 0 {
			s.sleep(wait)
		}
	} else if !limiter.AllowN(now, 1) {
		if s.label != "" {
			s.metrics.droppedByLabel.WithLabelValues(s.label, validText(value)).Inc()
		}
		s.drops.drop(e, out)
		return
	}
	out.Emit(e)
}

// limiter returns that of a label value. Two generations of a bounded number are kept:
// values that do not come back are forgotten.
func (s *limitStage) limiter(value string) *rate.Limiter {
	if l, ok := s.recent[value]; ok {
		return l
	}
	l, ok := s.earlier[value]
	if !ok {
		l = rate.NewLimiter(s.rate, s.burst)
	}
	if len(s.recent) >= s.most {
		s.earlier, s.recent = s.recent, map[string]*rate.Limiter{}
		s.metrics.droppedByLabel.Reset()
	}
	s.recent[value] = l
	return l
}
