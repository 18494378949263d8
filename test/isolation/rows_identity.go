package isolation

// IdentityRows are users and tokens: an administrator of one tenant must not see
// another's.
func IdentityRows() []Row {
	const users, tokens = "/api/pharos/v1/users", "/api/pharos/v1/tokens"
	return []Row{
		{
			Name:  "users",
			Push:  Request{Method: "POST", Path: users, Body: `{"name":"{marker}","password":"long-enough","role":"viewer"}`},
			Reads: []Request{{Method: "GET", Path: users}},
		},
		{
			Name:  "tokens",
			Push:  Request{Method: "POST", Path: tokens, Body: `{"name":"{marker}","read":true}`},
			Reads: []Request{{Method: "GET", Path: tokens}},
		},
	}
}
