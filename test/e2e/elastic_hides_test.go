package e2e

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

var noDocuments = regexp.MustCompile(`"count":0\b`)

// Deleting an index, and the delete phase of a lifecycle policy, hide entries at once
// from Elasticsearch's API and from LogQL.
func TestElasticDeletionAndLifecycleHideEntries(t *testing.T) {
	s := testkit.Start(t, "", "--auth=off")
	do := func(method, path, body string) {
		t.Helper()
		status, text := s.Do(method, "/elastic"+path, []byte(body), "Content-Type: application/json")
		require.Less(t, status, 300, "%s %s: %s", method, path, text)
	}
	old := time.Now().Add(-90 * time.Minute).UTC().Format(time.RFC3339)
	for _, index := range []string{"gone", "short-1", "kept"} {
		do(http.MethodPost, "/"+index+"/_doc", fmt.Sprintf(`{"@timestamp":%q,"message":"a line of %s"}`, old, index))
	}
	shown := func() (out []string) {
		for _, index := range []string{"gone", "short-1", "kept"} {
			status, body := s.Get("/elastic/" + index + "/_count?ignore_unavailable=true")
			require.Equal(t, http.StatusOK, status, body)
			lines := readAll(t, s, fmt.Sprintf("{index=%q}", index))
			require.Equal(t, len(lines) == 1, !noDocuments.MatchString(body), "%s: %s but %v", index, body, lines)
			if len(lines) == 1 {
				out = append(out, index)
			}
		}
		return out
	}
	require.Equal(t, []string{"gone", "short-1", "kept"}, shown())
	do(http.MethodDelete, "/gone", "")
	require.Equal(t, []string{"short-1", "kept"}, shown())
	do(http.MethodPut, "/_ilm/policy/p", `{"policy":{"phases":{"delete":{"min_age":"1h","actions":{"delete":{}}}}}}`)
	do(http.MethodPut, "/_index_template/t", `{"index_patterns":["short-*"],"template":{"settings":{"index.lifecycle.name":"p"}}}`)
	require.Equal(t, []string{"kept"}, shown())
}
