package archive

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/archive"
)

// Header is how a request of any dialect asks for the archive ("include"), and how
// its answer says what came of it:
//
//	included; hours=3     the answer has entries of three archived hours
//	available; hours=3    the range reaches into three archived hours that it lacks
const Header = "X-Pharos-Archive"

// Mark lets requests of these routes include the archive, as the mode (archive.Query...)
// says, and marks their answers. Answers without an end are left alone.
func Mark(mode string, routes []httpx.Route) []httpx.Route {
	out := make([]httpx.Route, len(routes))
	for i, r := range routes {
		out[i] = r
		if !r.Streaming {
			out[i].Handler = mark(mode, r.Handler)
		}
	}
	return out
}

func mark(mode string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		use := logs.NewArchiveUse(mode == archive.QueryAlways || mode == archive.QueryOnRequest && asks(r))
		next.ServeHTTP(&marker{ResponseWriter: w, use: use}, r.WithContext(logs.WithArchiveUse(r.Context(), use)))
	})
}

// asks says whether a request wants the archive: by the header, or by a parameter of
// its URL.
func asks(r *http.Request) bool {
	if strings.EqualFold(strings.TrimSpace(r.Header.Get(Header)), "include") {
		return true
	}
	switch r.URL.Query().Get("archive") {
	case "1", "true", "include":
		return true
	}
	return false
}

// marker sets the header when the answer begins: then the query is done.
type marker struct {
	http.ResponseWriter
	use   *logs.ArchiveUse
	begun bool
}

func (m *marker) begin() {
	if m.begun {
		return
	}
	m.begun = true
	switch used, available := m.use.Hours(); {
	case used > 0:
		m.Header().Set(Header, fmt.Sprintf("included; hours=%d", used))
	case available > 0:
		m.Header().Set(Header, fmt.Sprintf("available; hours=%d", available))
	}
}

func (m *marker) WriteHeader(code int) {
	m.begin()
	m.ResponseWriter.WriteHeader(code)
}

func (m *marker) Write(p []byte) (int, error) {
	m.begin()
	return m.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (m *marker) Unwrap() http.ResponseWriter { return m.ResponseWriter }
