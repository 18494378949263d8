package auth

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/strictyaml"
)

func TestConfig(t *testing.T) {
	cfg := DefaultConfig()
	require.NoError(t, cfg.Validate())
	require.NoError(t, strictyaml.Load("f", []byte("mode: off\ntrusted_proxies: [10.0.0.0/8]\nsession_idle: 1d"), &cfg))
	require.Equal(t, Off, cfg.Mode)
	require.Equal(t, "10.0.0.0/8", cfg.TrustedProxies[0].String())
	err := strictyaml.Load("f", []byte("mode: maybe\nsession_idle: 0s\nmax_requests: 0\nmax_streams: 0"), &cfg)
	require.ErrorContains(t, err, `f:1:7: mode: "maybe" is neither "on" nor "off"`)
	require.ErrorContains(t, err, "f:2:15: session_idle: must be more than 0")
	require.ErrorContains(t, err, "max_requests")
	require.ErrorContains(t, err, "max_streams")
}

func TestCheckListen(t *testing.T) {
	on, off := DefaultConfig(), DefaultConfig()
	off.Mode = Off
	for address, loopback := range map[string]bool{
		"127.0.0.1:8400": true, "127.8.9.1:1": true, "[::1]:8400": true, "localhost:8400": true, "[::ffff:127.0.0.1]:1": true,
		":8400": false, "0.0.0.0:8400": false, "[::]:8400": false, "10.0.0.1:8400": false, "pharos.example.org:8400": false, "8400": false,
	} {
		require.NoError(t, on.CheckListen(address))
		if loopback {
			require.NoError(t, off.CheckListen(address), address)
		} else {
			require.Error(t, off.CheckListen("127.0.0.1:1", address), address)
		}
	}
	require.ErrorContains(t, off.CheckListen(":8400"), "refusing to start without authentication")
}
