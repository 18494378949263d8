package isolation

import (
	"fmt"
	"net/http"
	"strings"
)

// checkNarrowed asks everything of the row with a token that may do everything, but
// is narrowed to one marker: it sees and pushes what has that marker, or is refused.
func (r *run) checkNarrowed(a Account) {
	r.t.Helper()
	mine, others := newMarker(), newMarker()
	r.push(a, mine)
	r.push(a, others)
	narrow := Account{Tenant: a.Tenant + ", narrowed", Token: a.Narrow(r.t, fmt.Sprintf(`{marker=%q}`, mine))}
	for _, read := range r.row.Reads {
		if status, body := r.do(read, others, narrow.Token, ""); status == http.StatusForbidden {
			r.tellsWhy(read, body)
			continue
		}
		r.sees(read, a, others) // what is not there yet would prove nothing
		r.seesNot(read, narrow, others)
		if r.row.Narrows {
			r.sees(read, narrow, mine)
		}
	}
	status, body := r.do(r.row.Push, others, narrow.Token, "")
	if status != http.StatusForbidden && status != http.StatusBadRequest {
		r.t.Fatalf("%s %s as %s, outside of its marker, answers %d: %s", r.row.Push.Method, r.row.Push.Path, narrow.Tenant, status, body)
	}
	r.tellsWhy(r.row.Push, body)
	if r.row.Narrows {
		r.push(narrow, mine)
	}
}

func (r *run) tellsWhy(request Request, body string) {
	r.t.Helper()
	if body != "" && !strings.Contains(body, "narrowed to") {
		r.t.Fatalf("%s %s refuses a narrowed token without saying so: %s", request.Method, request.Path, body)
	}
}
