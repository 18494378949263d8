package lines

import (
	"strings"
	"time"

	"github.com/pharosd/pharos/model"
)

// accessLine is a line of a web server's log.
type accessLine struct {
	time   time.Time
	method string
	fields []model.Label
}

// parseAccess reads the Common Log Format, and the Combined, which has referer and user
// agent too:
//
//	host ident user [02/Jan/2006:15:04:05 -0700] "GET /path HTTP/1.1" 200 2326 "referer" "agent"
//
// The time may be as RFC 3339 has it, and more may follow. combined demands the last two.
func parseAccess(s string, combined bool) (*accessLine, bool) {
	ip, rest, ok1 := strings.Cut(s, " ")
	ident, rest, ok2 := strings.Cut(rest, " ")
	user, rest, ok3 := strings.Cut(rest, " [")
	stamp, rest, ok4 := strings.Cut(rest, "] ")
	if !ok1 || !ok2 || !ok3 || !ok4 || ip == "" {
		return nil, false
	}
	at, ok := accessTime(stamp)
	if !ok {
		return nil, false
	}
	request, rest, ok := takeText(rest)
	if !ok {
		return nil, false
	}
	status, rest, _ := strings.Cut(strings.TrimPrefix(rest, " "), " ")
	size, rest, _ := strings.Cut(rest, " ")
	if len(status) != 3 || !digits(status) || size != "-" && !digits(size) {
		return nil, false
	}
	a := &accessLine{time: at}
	add := func(name, value string) {
		if value != "" && value != "-" {
			a.fields = append(a.fields, model.Label{Name: name, Value: value})
		}
	}
	add("ip", ip)
	add("ident", ident)
	add("user", user)
	if method, target, protocol := splitRequest(request); method != "" {
		a.method = method
		add("method", method)
		add("path", target)
		add("protocol", protocol)
	}
	add("status", status)
	add("bytes", size)
	referer, rest, ok := takeText(rest)
	agent := ""
	if ok {
		agent, _, ok = takeText(strings.TrimPrefix(rest, " "))
	}
	if !ok {
		return a, !combined
	}
	add("referer", referer)
	add("agent", agent)
	return a, true
}

func accessTime(s string) (time.Time, bool) {
	t, err := time.Parse("02/Jan/2006:15:04:05 -0700", s)
	if err != nil {
		t, err = time.Parse(time.RFC3339Nano, s)
	}
	return t, err == nil
}

// takeText reads "...", in which a backslash protects the character behind it.
func takeText(s string) (text, rest string, ok bool) {
	if s == "" || s[0] != '"' {
		return "", s, false
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return s[1:i], s[i+1:], true
		}
	}
	return "", s, false
}

// splitRequest reads "GET /path HTTP/1.1". Whatever else strangers send to a web server
// has no method.
func splitRequest(s string) (method, target, protocol string) {
	method, rest, ok := strings.Cut(s, " ")
	if !ok || method == "" {
		return "", "", ""
	}
	for i := range len(method) {
		if method[i] < 'A' || method[i] > 'Z' {
			return "", "", ""
		}
	}
	at := strings.LastIndex(rest, " ")
	if at < 0 {
		return method, rest, "" // HTTP/0.9
	}
	return method, rest[:at], rest[at+1:]
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// operation is what a request does to what the application keeps, "" for what does
// nothing.
func operation(method string) string {
	switch method {
	case "POST":
		return "create"
	case "GET":
		return "read"
	case "PUT", "PATCH":
		return "update"
	case "DELETE":
		return "delete"
	}
	return ""
}
