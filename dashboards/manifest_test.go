package dashboards

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDashboardsInsideOfManifests(t *testing.T) {
	for name, source := range map[string]string{
		"ConfigMap":        `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"note.txt":"hello","d.json":"{\"title\":\"inside\",\"uid\":\"u\",\"panels\":[{\"type\":\"text\"}]}"}}`,
		"GrafanaDashboard": `{"apiVersion":"grafana.integreatly.org/v1beta1","kind":"GrafanaDashboard","spec":{"json":"{\"title\":\"inside\",\"uid\":\"u\",\"panels\":[]}"}}`,
		"envelope inside":  `{"kind":"ConfigMap","data":{"d.json":"{\"dashboard\":{\"title\":\"inside\",\"uid\":\"u\"},\"meta\":{}}"}}`,
	} {
		doc, err := Parse([]byte(source))
		require.NoError(t, err, name)
		require.Equal(t, "inside", doc.Title(), name)
		require.Equal(t, "u", doc.UID(), name)
		require.NotContains(t, string(doc.Source()), "kind", name)
	}
	for source, says := range map[string]string{
		`{"kind":"ConfigMap","data":{"a.json":"{}","b.json":"{}"}}`: "holds 2 dashboards",
		`{"kind":"ConfigMap"}`:                                   "holds 0 dashboards",
		`{"kind":"GrafanaDashboard","spec":{"url":"x"}}`:         "spec.json",
		`{"kind":"ConfigMap","data":{"a.json":"{\n\"title\":"}}`: "line 2",
	} {
		_, err := Parse([]byte(source))
		require.ErrorIs(t, err, ErrInvalid, source)
		require.ErrorContains(t, err, says)
	}
}
