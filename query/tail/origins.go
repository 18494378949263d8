package tail

import (
	"fmt"
	"net/url"
	"strings"
)

// maxOrigins bounds a header that each embedded page carries.
const maxOrigins = 100

// validOrigins checks that each is scheme://host[:port] and nothing else: they end up
// in a Content-Security-Policy.
func validOrigins(origins []string) error {
	if len(origins) > maxOrigins {
		return fmt.Errorf("embed_origins: %d origins, limit %d", len(origins), maxOrigins)
	}
	for _, o := range origins {
		u, err := url.Parse(o)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || o != u.Scheme+"://"+u.Host ||
			strings.ContainsAny(u.Host, " ;,'\"*%?[]\\") {
			return fmt.Errorf("embed_origins: %q is no origin such as https://portal.example.com", o)
		}
	}
	return nil
}
