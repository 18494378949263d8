package app

import (
	"slices"
	"time"

	"github.com/prometheus/common/model"
)

// scrapeInterval is the interval at which most targets are scraped: the median of
// all. It is 0 when nothing is scraped.
func (a *App) scrapeInterval() time.Duration {
	if a.exploring.scrapes == nil {
		return 0
	}
	var all []model.Duration
	for _, targets := range a.exploring.scrapes.TargetsActive() {
		for _, target := range targets {
			if d, err := model.ParseDuration(target.GetValue(model.ScrapeIntervalLabel)); err == nil {
				all = append(all, d)
			}
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return time.Duration(all[len(all)/2])
}
