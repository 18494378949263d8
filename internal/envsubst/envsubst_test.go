package envsubst

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExpand(t *testing.T) {
	env := map[string]string{"SLACK_URL": "http://x/#a", "EMPTY": "", "A1": "v"}
	lookup := func(k string) (string, bool) { v, ok := env[k]; return v, ok }
	for in, want := range map[string]string{
		"url: '${SLACK_URL}'\n":               "url: 'http://x/#a'\n",
		"a: ${A1}${EMPTY}${A1}":               "a: vv",
		"replacement: ${1}:${2}":              "replacement: ${1}:${2}",
		"text: $value $$ ${lower} ${__value}": "text: $value $$ ${lower} ${__value}",
		"  # ${NOT_SET} in a comment":         "  # ${NOT_SET} in a comment",
	} {
		got, err := Expand("f.yml", []byte(in), lookup)
		require.NoError(t, err, in)
		require.Equal(t, want, string(got))
	}
}

func TestExpandNamesEveryMissingVariable(t *testing.T) {
	_, err := Expand("am.yml", []byte("a: ${ONE}\n\n  b: x${TWO}\n"), func(string) (string, bool) { return "", false })
	var missing *MissingError
	require.True(t, errors.As(err, &missing))
	require.Equal(t, []Reference{{"ONE", 1, 4}, {"TWO", 3, 7}}, missing.Missing)
	require.Contains(t, err.Error(), "am.yml:3:7: environment variable TWO is not set")
}
