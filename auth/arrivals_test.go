package auth

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestArrivalsTellWhoseDataCame(t *testing.T) {
	g := startGate(t, DefaultConfig())
	row, secret := addToken(t, g.service, g.admin, NewToken{Name: "shipper", Role: Viewer, CanWrite: true})
	other, otherSecret := addToken(t, g.service, g.admin, NewToken{Name: "elsewhere", Role: Viewer, Tenant: "other", CanWrite: true})

	for _, body := range []string{"ok", "ok", strings.Repeat("too long ", 100)} {
		g.do(t, http.MethodPost, "/write", body, "Authorization", "Bearer "+secret)
	}
	g.do(t, http.MethodPost, "/write", "ok", "Authorization", "Bearer "+otherSecret)
	g.do(t, http.MethodPost, "/write", "ok", "Authorization", "Bearer unknown")

	got := g.service.Arrivals("default", row.ID)
	require.Len(t, got, 1)
	one := got[0]
	require.Equal(t, "/write", one.Way)
	require.EqualValues(t, 2, one.Accepted)
	require.EqualValues(t, 1, one.Refused)
	require.Contains(t, one.Refusal, "413 ")
	require.LessOrEqual(t, len(one.Refusal), maxRefusal)
	require.False(t, one.First.IsZero())
	require.Empty(t, g.service.Arrivals("default", other.ID), "another tenant's token")
	require.Len(t, g.service.Arrivals("other", ""), 1)
}

func TestArrivalsOfNativePorts(t *testing.T) {
	g := startGate(t, DefaultConfig())
	row, secret := addToken(t, g.service, g.admin, NewToken{Name: "sdk", Role: Viewer, CanWrite: true})
	header := func(name string) string { return map[string]string{"authorization": "Bearer " + secret}[name] }
	g.service.Arrived(t.Context(), header, "/opentelemetry.Export", "")
	g.service.Arrived(t.Context(), header, "/opentelemetry.Export", "a limit")
	g.service.Arrived(t.Context(), func(string) string { return "" }, "/opentelemetry.Export", "")
	got := g.service.Arrivals("default", "")
	require.Len(t, got, 1)
	require.Equal(t, row.ID, got[0].TokenID)
	require.EqualValues(t, 1, got[0].Accepted)
	require.Equal(t, "a limit", got[0].Refusal)
}

func TestArrivalsForgetTheSilent(t *testing.T) {
	var a arrivals
	start := time.Unix(1000, 0)
	for i := range 2 * maxArrivals {
		a.note(Identity{Tenant: "t", TokenID: strings.Repeat("x", i%7) + time.Duration(i).String()}, "w", "", start.Add(time.Duration(i)*time.Second))
	}
	require.LessOrEqual(t, len(a.seen), maxArrivals)
	for _, one := range a.seen {
		require.True(t, one.Last.After(start.Add(maxArrivals/8*time.Second)), "the oldest are gone first")
	}
}
