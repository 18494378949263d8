package logql

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// TestSharedQueries parses queries from the field and compares their canonical
// text with that of Loki's own parser.
func TestSharedQueries(t *testing.T) {
	for _, name := range []string{"queries_apache.jsonl", "queries_apache_templated.jsonl"} {
		data, err := os.ReadFile(testkit.Shared(t, "fixtures", "logql", "open", name))
		require.NoError(t, err)
		dec := json.NewDecoder(bytes.NewReader(data))
		for dec.More() {
			var q struct {
				Expr, Canonical string
				Templated       bool
			}
			require.NoError(t, dec.Decode(&q))
			if q.Templated || q.Canonical == "" {
				continue
			}
			e, err := Parse(q.Expr)
			if assert.NoError(t, err, q.Expr) {
				assert.Equal(t, q.Canonical, e.String())
			}
		}
	}
}

// TestSharedSyntaxCases parses what Loki's own tests call valid and invalid.
func TestSharedSyntaxCases(t *testing.T) {
	data, err := os.ReadFile(testkit.Shared(t, "fixtures", "logql", "open", "syntax_cases_apache.json"))
	require.NoError(t, err)
	var cases []struct {
		Expr        string
		ValidInLoki bool `json:"valid_in_loki_head"`
	}
	require.NoError(t, json.Unmarshal(data, &cases))
	for _, c := range cases {
		_, err := Parse(c.Expr)
		if c.ValidInLoki {
			assert.NoError(t, err, c.Expr)
		} else {
			assert.Error(t, err, c.Expr)
		}
	}
}
