package redact

import "strings"

// maxNameLength bounds how far a name is looked for before a value.
const maxNameLength = 64

// secretEndings are what names of secrets end in, without - _ and dots, in lower case.
func secretEnding(last byte) []string {
	switch last | 0x20 {
	case 'd':
		return []string{"password", "passwd", "pwd"}
	case 'e':
		return []string{"passphrase", "amzsignature", "googsignature", "cookie"}
	case 't':
		return []string{"secret"}
	case 'n':
		return []string{"token", "authorization"}
	case 'y':
		return []string{"apikey", "accesskey", "secretkey", "privatekey", "authkey"}
	}
	return nil
}

// secretName reports whether values of this name are secrets: password, DB_PASSWORD,
// access-token, X-Api-Key, http.request.header.authorization.
func secretName(name string) bool {
	if name == "" {
		return false
	}
	for _, ending := range secretEnding(name[len(name)-1]) {
		if hasEnding(name, ending) {
			return true
		}
	}
	return false
}

// hasEnding compares without regard to case and to signs between words.
func hasEnding(name, ending string) bool {
	i := len(name)
	for k := len(ending) - 1; k >= 0; k-- {
		i--
		for i >= 0 && (name[i] == '_' || name[i] == '-' || name[i] == '.') {
			i--
		}
		if i < 0 || name[i]|0x20 != ending[k] {
			return false
		}
	}
	return true
}

// findNamed finds the value of a telling name before the = or : at i: name=value,
// name: value, "name": "value", and the latter within a JSON text.
func findNamed(s string, i, done int) (span, bool) {
	end := i
	if end > done && s[end-1] == ' ' {
		end-- // "password = value"
	}
	blank := end < i
	quoted := end > done && s[end-1] == '"' || end > done && s[end-1] == '\''
	if quoted {
		if end--; end > done && s[end-1] == '\\' {
			end--
		}
	}
	from := end
	for from > done && end-from < maxNameLength && (isURLSafe(s[from-1]) || s[from-1] == '.') {
		from--
	}
	name := s[from:end]
	if !secretName(name) {
		return span{}, false
	}
	at := i + 1
	for at < len(s) && s[at] == ' ' {
		at++
	}
	if at >= len(s) || s[i] == '=' && at > i+1 && !blank {
		return span{}, false // "password= " has no value
	}
	value, ok := valueAt(s, at, quoted)
	if ok && at == value.from && hasEnding(name, "cookie") {
		// Cookies have several values in one.
		for value.to < len(s) && strings.IndexByte("\r\n\"'\\", s[value.to]) < 0 {
			value.to++
		}
	}
	if folder := ok && hasEnding(name, "pwd") && s[value.from] == '/'; !ok || folder {
		return span{}, false // sudo and shells tell the working directory as PWD
	}
	return value, true
}

// valueAt is the value that begins at i, without its quotes and without the scheme of an
// authorization. Behind quoted names only quoted values count: the mask in place of a
// number would be no JSON.
func valueAt(s string, i int, quotedName bool) (span, bool) {
	quote := ""
	switch {
	case strings.HasPrefix(s[i:], `\"`):
		quote = `\"`
	case s[i] == '"' || s[i] == '\'':
		quote = s[i : i+1]
	case quotedName || strings.IndexByte("([{", s[i]) >= 0:
		return span{}, false
	}
	from := i + len(quote)
	to := 0
	if quote == "" {
		to = bareEnd(s, from)
	} else {
		to = quoteEnd(s, from, quote)
	}
	if begin := schemeEnd(s, from); begin > from {
		from = min(begin, to)
		if quote == "" {
			from, to = begin, bareEnd(s, begin)
		}
	}
	return span{from, to}, to > from
}

// bareEnd is where a value without quotes ends that begins at i: passwords have all
// kinds of signs in them, but brackets at the end are those around the pair.
func bareEnd(s string, i int) int {
	to := i
	for to < len(s) && strings.IndexByte(" \t\r\n&;,\"'<>\\", s[to]) < 0 {
		to++
	}
	for to > i && strings.IndexByte(")]}", s[to-1]) >= 0 {
		to--
	}
	return to
}

// quoteEnd is where a text in quotes ends that begins at i.
func quoteEnd(s string, i int, quote string) int {
	for ; i < len(s); i++ {
		if strings.HasPrefix(s[i:], quote) {
			return i
		}
		if s[i] == '\\' {
			i++
		}
	}
	return len(s)
}

// schemeEnd passes over the scheme of an authorization, which may stay.
func schemeEnd(s string, i int) int {
	for _, scheme := range []string{"bearer ", "basic ", "digest ", "token ", "apikey "} {
		if len(s)-i > len(scheme) && strings.EqualFold(s[i:i+len(scheme)], scheme) {
			return i + len(scheme)
		}
	}
	return i
}

// findURLPassword finds the password of scheme://user:password@host, and the secret
// path of a Slack webhook, whose colon is at i.
func findURLPassword(s string, i int) (span, bool) {
	if !strings.HasPrefix(s[i:], "://") {
		return span{}, false
	}
	from := i + 3
	end := from
	for end < len(s) && strings.IndexByte("/?# \t\r\n\"'<>\\", s[end]) < 0 {
		end++
	}
	const hooks = "hooks.slack.com/services/"
	if strings.HasPrefix(s[from:], hooks) {
		to := from + len(hooks)
		for to < len(s) && (isURLSafe(s[to]) || s[to] == '/') {
			to++
		}
		return span{from + len(hooks), to}, to > from+len(hooks)
	}
	at := strings.LastIndexByte(s[from:end], '@')
	if at < 0 {
		return span{}, false
	}
	colon := strings.IndexByte(s[from:from+at], ':')
	if colon < 0 || colon+1 == at {
		return span{}, false
	}
	return span{from + colon + 1, from + at}, true
}
