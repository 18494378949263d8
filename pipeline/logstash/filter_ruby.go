package logstash

import (
	"regexp"
	"strings"
)

// newRuby refuses: there is no Ruby here. It looks at the code and says which filter
// does the same, where one does.
func newRuby(s *Settings, _ *Env) (any, error) {
	s.Known("init", "path", "script_params", "tag_on_exception", "tag_with_exception_message")
	code := s.String("code", "")
	if s.Has("init") {
		code += "\n" + s.String("init", "")
	}
	at := "code"
	if s.Has("path") {
		at = "path"
	}
	s.Errorf(at, "Pharos runs no Ruby%s", rubyAdvice(code))
	return Func(nil), nil
}

// rubyHint is a habit in Ruby filters and the filter that does the same.
type rubyHint struct {
	habit  *regexp.Regexp
	advice string
}

var rubyHints = []rubyHint{
	{regexp.MustCompile(`event\.cancel`), "drop { } inside an if drops events"},
	{regexp.MustCompile(`JSON\.parse|Json\.load`), "json { source => ... } parses JSON"},
	{regexp.MustCompile(`to_hash\.each|to_hash\.keys|\.delete_if|\.reject`), "prune { whitelist_names / blacklist_names / blacklist_values } removes fields by name or value"},
	{regexp.MustCompile(`Digest::|OpenSSL::HMAC|hexdigest|Zlib\.crc`), "fingerprint { method => ... } hashes fields"},
	{regexp.MustCompile(`SecureRandom\.uuid`), "uuid { target => ... } makes identifiers"},
	{regexp.MustCompile(`URI\.(decode|unescape)|CGI\.unescape|URI\.decode_www`), "urldecode { field => ... } decodes URLs"},
	{regexp.MustCompile(`Time\.(parse|at|strptime|iso8601)|DateTime|Date\.parse|Timestamp\.(coerce|at)`), "date { match => [ ... ] } parses times, UNIX and UNIX_MS too"},
	{regexp.MustCompile(`Time\.now`), `mutate { add_field => { "field" => "%{{TIME_NOW}}" } } writes the current time`},
	{regexp.MustCompile(`strftime|localtime`), `"%{+YYYY.MM.dd}" in mutate writes parts of @timestamp`},
	{regexp.MustCompile(`\.gsub|\.sub\(|\.tr\(|\.delete\(`), "mutate { gsub => [ ... ] } replaces text"},
	{regexp.MustCompile(`\.split`), "mutate { split => { ... } }, kv, csv or dissect take texts apart"},
	{regexp.MustCompile(`\.join`), "mutate { join => { ... } } joins lists"},
	{regexp.MustCompile(`\.(downcase|upcase|capitalize|strip)\b`), "mutate { lowercase / uppercase / capitalize / strip => [ ... ] } changes letters"},
	{regexp.MustCompile(`\.to_i\b|\.to_f\b|\.to_s\b|Integer\(|Float\(`), "mutate { convert => { ... } } changes types"},
	{regexp.MustCompile(`\.truncate|\[0\s*(\.\.|,)|\.slice`), "truncate { length_bytes => ... } shortens texts"},
	{regexp.MustCompile(`\.(=~|match|scan)|=~`), "grok or dissect take fields out of texts"},
	{regexp.MustCompile(`event\.remove`), "mutate { remove_field => [ ... ] } removes fields"},
	{regexp.MustCompile(`event\.tag\b|add_tag`), "mutate { add_tag => [ ... ] } tags events"},
	{regexp.MustCompile(`event\.set\(\s*['"][^'"]+['"]\s*,\s*event\.get\(\s*['"][^'"]+['"]\s*\)\s*\)`), "mutate { copy => { ... } } copies fields"},
	{regexp.MustCompile(`event\.set\(\s*['"][^'"]+['"]\s*,\s*['"\d]`), "mutate { replace => { ... } } sets fields"},
	{regexp.MustCompile(`new_event_block|event\.clone`), "clone { } or split { } make further events"},
}

// rubyAdvice says what to write instead, for the two or three habits that are found.
func rubyAdvice(code string) string {
	const most = 3
	var found []string
	for _, h := range rubyHints {
		if h.habit.MatchString(code) && len(found) < most {
			found = append(found, h.advice)
		}
	}
	if len(found) == 0 {
		return "; the filters mutate, date, translate, aggregate and prune do most of what Ruby code is written for"
	}
	return "; instead: " + strings.Join(found, "; ")
}
