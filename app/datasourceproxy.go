package app

import (
	"sync/atomic"

	v1 "github.com/pharosd/pharos/api/v1"
	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/dashboards"
)

// buildDatasourceProxy serves data sources that stay on other servers.
func (a *App) buildDatasourceProxy(library *dashboards.Library) {
	var now atomic.Pointer[dashboards.ProxyConfig]
	now.Store(&a.cfg.Dashboards.Proxy)
	a.onReload("datasource proxy", func(c *config.Config) error {
		now.Store(&c.Dashboards.Proxy)
		return nil
	})
	proxy := v1.NewDatasourceProxy(library, func() dashboards.ProxyConfig { return *now.Load() }, a.registry)
	a.closer("datasource proxy", func() error { proxy.Close(); return nil })
	a.routes = append(a.routes, proxy.Routes()...)
}
