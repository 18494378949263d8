package alerting

import (
	amconfig "github.com/prometheus/alertmanager/config"

	"github.com/pharosd/pharos/tenant"
)

// Global is the section "global" of the tenant's alertmanager.yml as it is now, which says
// how mail is sent. Nobody may change it.
func (s *Service) Global(id tenant.ID) (*amconfig.GlobalConfig, error) {
	inst, err := s.instance(id)
	if err != nil {
		return nil, err
	}
	return inst.current.Load().conf.Global, nil
}
