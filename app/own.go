package app

import (
	"time"

	"github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery"
	"github.com/prometheus/prometheus/discovery/targetgroup"

	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/tenant"
)

// addOwnTarget lets an installation without a prometheus.yml scrape itself, so
// that its first page has something to show. A prometheus.yml stays as it is.
func (a *App) addOwnTarget(file string, prom *promconfig.Config) {
	if file != "" {
		return
	}
	if a.ownToken == "" {
		a.ownToken = auth.NewTokenSecret()
		a.auth.AddProcessToken(a.ownToken, auth.Identity{Kind: auth.KindToken, Name: "own metrics", Tenant: tenant.Default, Role: auth.Viewer, CanRead: true})
	}
	job := promconfig.DefaultScrapeConfig
	job.JobName = "pharos"
	job.ScrapeInterval = model.Duration(15 * time.Second)
	job.ScrapeTimeout = model.Duration(10 * time.Second)
	job.HTTPClientConfig = config.HTTPClientConfig{Authorization: &config.Authorization{Type: "Bearer", Credentials: config.Secret(a.ownToken)}}
	job.ServiceDiscoveryConfigs = discovery.Configs{discovery.StaticConfig{
		&targetgroup.Group{Targets: []model.LabelSet{{model.AddressLabel: model.LabelValue(a.Addr())}}, Source: "0"},
	}}
	if err := job.Validate(prom.GlobalConfig); err != nil {
		panic("BUG: the scrape of our own metrics is not valid: " + err.Error())
	}
	prom.ScrapeConfigs = append(prom.ScrapeConfigs, &job)
}
