package isolation

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"testing"
)

// TokenSpec is what a token may do.
type TokenSpec struct {
	Tenant, Role string
	Read, Write  bool
	Selector     string
}

// Accounts signs in as the first administrator and makes two tenants' tokens,
// which may do everything in their tenants.
func Accounts(t *testing.T, url, adminPassword string) (a, b Account) {
	t.Helper()
	account := func(tenant string) Account {
		everything := TokenSpec{Tenant: tenant, Role: "admin", Read: true, Write: true}
		narrow := func(t *testing.T, selector string) string {
			spec := everything
			spec.Selector = selector
			return NewToken(t, url, adminPassword, spec)
		}
		return Account{Tenant: tenant, Token: NewToken(t, url, adminPassword, everything), Narrow: narrow}
	}
	return account("isolation-a"), account("isolation-b")
}

// NewToken signs in as the first administrator and returns a new token.
func NewToken(t *testing.T, url, adminPassword string, spec TokenSpec) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	post(t, client, url+"/api/pharos/v1/session", map[string]any{"username": "admin", "password": adminPassword}, http.StatusOK)
	return post(t, client, url+"/api/pharos/v1/tokens", map[string]any{
		"name": newMarker(), "tenant": spec.Tenant, "role": spec.Role, "read": spec.Read, "write": spec.Write, "selector": spec.Selector,
	}, http.StatusCreated).Secret
}

type tokenAnswer struct {
	Secret string `json:"secret"`
}

func post(t *testing.T, client *http.Client, url string, body any, want int) tokenAnswer {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Post(url, "application/json", bytes.NewReader(text)) //nolint:noctx // bounded by the test
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != want {
		t.Fatalf("POST %s answers %s, want %d", url, resp.Status, want)
	}
	var answer tokenAnswer
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}
