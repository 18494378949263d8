package alerting_test

import (
	"github.com/pharosd/pharos/alerting"
	"github.com/pharosd/pharos/rules"
)

// Prometheus' rules feed alerting without either knowing of the other.
var _ rules.AlertSink = alerting.Sink{}
