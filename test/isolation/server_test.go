package isolation_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/test/isolation"
)

// TestBinary asks the built binary about every row.
func TestBinary(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the built binary")
	}
	server := testkit.Start(t, "")
	m := regexp.MustCompile(`password +(\S+)`).FindStringSubmatch(server.Output())
	if m == nil {
		t.Fatalf("the first start printed no password:\n%s", server.Output())
	}
	a, b := isolation.Accounts(t, server.URL, m[1])
	isolation.Run(t, server.URL, a, b, slices.Concat(isolation.IdentityRows(), isolation.StateRows()))
}
