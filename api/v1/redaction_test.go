package v1

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/pipeline/redact"
	"github.com/pharosd/pharos/tenant"
)

func TestRedaction(t *testing.T) {
	redactor := ingest.NewRedactor(nil)
	routes := NewRedaction(redactor).Routes()
	const path = "/api/pharos/v1/redaction"
	for _, r := range routes {
		require.Equal(t, httpx.Edit, r.Access, "viewers do not see rules")
	}

	_, body := call(t, routes, "a", "GET", path, "")
	require.JSONEq(t, `{"rules":[],"labels":[]}`, body, "before there are any")
	_, body = call(t, routes, "a", "POST", path+"/preview", `{"lines":["a@example.com"]}`)
	require.JSONEq(t, `{"lines":["a@example.com"],"rules":[]}`, body)

	require.NoError(t, redactor.Set(ingest.RedactionConfig{
		Default: redact.Config{Rules: []redact.Rule{{Type: redact.Email}}, Labels: []string{"user"}},
		Tenants: map[tenant.ID]redact.Config{"a": {Rules: []redact.Rule{{Type: redact.Expression, Name: "secret-of-a", Expression: "x=.", Action: redact.Hash}}}},
	}, []byte("0123456789abcdef")))
	_, body = call(t, routes, "a", "GET", path, "")
	require.JSONEq(t, `{"rules":[{"type":"expression","name":"secret-of-a","expression":"x=.","action":"hash"}],"labels":[]}`, body)
	_, body = call(t, routes, "b", "GET", path, "")
	require.JSONEq(t, `{"rules":[{"type":"email"}],"labels":["user"]}`, body, "nothing of the other tenant")

	_, body = call(t, routes, "b", "POST", path+"/preview", `{"lines":["x=1 a@example.com","none"]}`)
	require.JSONEq(t, `{"lines":["x=1 [redacted:email]","none"],"rules":[{"name":"email","found":1}]}`, body)
	_, body = call(t, routes, "b", "POST", path+"/preview", `{"rules":[{"type":"card"},{"type":"token","name":"t"}],"lines":["4111 1111 1111 1111 a@example.com"]}`)
	require.JSONEq(t, `{"lines":["[redacted:card] a@example.com"],"rules":[{"name":"card","found":1},{"name":"t","found":0}]}`, body)

	var hashed redactionPreview
	_, body = call(t, routes, "a", "POST", path+"/preview", `{"lines":["x=1 x=1 x=2"]}`)
	require.NoError(t, json.Unmarshal([]byte(body), &hashed))
	words := strings.Fields(hashed.Lines[0])
	require.Equal(t, words[0], words[1])
	require.NotEqual(t, words[0], words[2])
	other := NewRedaction(redactor).Routes()
	_, again := call(t, other, "a", "POST", path+"/preview", `{"lines":["x=1 x=1 x=2"]}`)
	require.NotEqual(t, body, again, "a preview's hashes are not those of the store")
}

func TestRedactionPreviewRefuses(t *testing.T) {
	routes := NewRedaction(ingest.NewRedactor(nil)).Routes()
	for body, want := range map[string]string{
		`{"rules":[{"type":"emails"}],"lines":[]}`:                                    "rules_invalid: rules[0].type: expected one of email, card, token, expression, found \"emails\" (did you mean \"email\"?)",
		`{"rules":[{"type":"expression","name":"x","expression":"("}],"lines":["a"]}`: "rules_invalid: rules[0].expression",
		fmt.Sprintf(`{"lines":[%s"x"]}`, strings.Repeat(`"x",`, maxPreviewLines)):     "too_many_lines",
		`{"lines":"x"}`: "bad_json",
	} {
		code, answer := call(t, routes, "a", "POST", "/api/pharos/v1/redaction/preview", body)
		require.Equal(t, 400, code)
		var out struct{ Error httpx.Error }
		require.NoError(t, json.Unmarshal([]byte(answer), &out))
		require.Contains(t, out.Error.Error(), want)
	}
}
