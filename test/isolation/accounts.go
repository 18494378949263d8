package isolation

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"testing"
)

// Accounts signs in as the first administrator and makes two tenants' tokens,
// which may do everything in their tenants.
func Accounts(t *testing.T, url, adminPassword string) (a, b Account) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	post(t, client, url+"/api/pharos/v1/session", map[string]any{"username": "admin", "password": adminPassword}, http.StatusOK)
	token := func(tenant string) Account {
		answer := post(t, client, url+"/api/pharos/v1/tokens", map[string]any{
			"name": "isolation", "tenant": tenant, "role": "admin", "read": true, "write": true,
		}, http.StatusCreated)
		return Account{Tenant: tenant, Token: answer.Secret}
	}
	return token("isolation-a"), token("isolation-b")
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
