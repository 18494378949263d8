package tail

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// maxOrigins bounds a header that each embedded page carries.
const maxOrigins = 100

// validOrigins checks that each is scheme://host[:port] and nothing else: they end up
// in a Content-Security-Policy.
func validOrigins(origins []string) error {
	if len(origins) > maxOrigins {
		return &strictyaml.KeyError{Key: "embed_origins", Err: fmt.Errorf("%d origins, limit %d", len(origins), maxOrigins)}
	}
	for _, o := range origins {
		u, err := url.Parse(o)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || o != u.Scheme+"://"+u.Host ||
			strings.ContainsAny(u.Host, " ;,'\"*%?[]\\") {
			return &strictyaml.KeyError{Key: "embed_origins", Err: fmt.Errorf("%q is no origin", o), Hint: "such as https://portal.example.com"}
		}
	}
	return nil
}
