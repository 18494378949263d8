package logql

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/tenant"
)

func TestTenantsHaveTheirOwnQueryLimits(t *testing.T) {
	e := NewEngine(nil, DefaultConfig())
	e.SetLimits(func(id tenant.ID) Config {
		cfg := DefaultConfig()
		if id == "small" {
			cfg.MaxLength, cfg.MaxSeries, cfg.MaxBytes, cfg.MaxMemory = time.Hour, 2, 10, 10
		}
		return cfg
	})
	for _, c := range []struct {
		query  string
		length time.Duration
		says   string
	}{
		{`{a="b"}`, 2 * time.Hour, "the query time range exceeds the limit (query length: 2h, limit: 1h)"},
		{`sum(rate({a="b"}[2h]))`, 0, "the query time range exceeds the limit (query length: 2h, limit: 1h)"},
		{`rate({a="b"}[1m]) + rate({a="b"}[90m])`, time.Minute, "(query length: 1h30m, limit: 1h)"},
	} {
		x, err := Parse(c.query)
		require.NoError(t, err)
		_, err = e.Eval(context.Background(), "small", x, Params{End: int64(c.length)})
		require.ErrorIs(t, err, ErrLimit)
		require.ErrorContains(t, err, c.says)
	}
	small, other := e.newQuery("small", Params{}), e.newQuery("other", Params{})
	require.ErrorContains(t, small.seriesLimit(3), "maximum number of series (2)")
	require.NoError(t, other.seriesLimit(3))
	require.ErrorContains(t, small.keep(11), "limit of 10 bytes")
	require.NoError(t, other.keep(11))
}
