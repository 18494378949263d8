package logstash

import (
	"fmt"
	"regexp"
	"strings"
)

// variable is Logstash's ${NAME} and ${NAME:default}.
var variable = regexp.MustCompile(`\$\{([a-zA-Z_.][a-zA-Z0-9_.]*)(:([^}]*))?\}`)

// substitute puts values in the place of variables. One that is not set and has no
// default is an error: Logstash refuses to start.
func substitute(s string, lookup func(string) (string, bool)) (result string, found bool, err error) {
	if !strings.Contains(s, "${") {
		return s, false, nil
	}
	result = variable.ReplaceAllStringFunc(s, func(text string) string {
		m := variable.FindStringSubmatch(text)
		found = true
		if lookup != nil {
			if v, ok := lookup(m[1]); ok {
				return v
			}
		}
		if m[2] == "" && err == nil {
			err = fmt.Errorf("the environment variable %s is not set and has no default", m[1])
		}
		return m[3]
	})
	return result, found, err
}

// refine reads what a variable stood for as Logstash does: quotes around it are taken
// off, text in brackets is a list.
func refine(s string) any {
	s = unquote(unquote(s, '\''), '"')
	if len(s) < 2 || s[0] != '[' || s[len(s)-1] != ']' {
		return s
	}
	var list []any
	for _, item := range strings.Split(s[1:len(s)-1], ",") {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, unquote(unquote(item, '\''), '"'))
		}
	}
	return list
}

func unquote(s string, quote byte) string {
	if len(s) >= 2 && s[0] == quote && s[len(s)-1] == quote {
		return s[1 : len(s)-1]
	}
	return s
}
