package logstash

import (
	"errors"
	"regexp"
	"strings"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash/internal/ruby"
)

// rubyFilter runs Ruby code that keeps to the subset of package ruby.
type rubyFilter struct {
	code        *ruby.Program
	self        *ruby.Object
	failTag     string
	withMessage bool
	matched     func(*pipeline.Event)
}

// newRuby reads the code. For what is outside of the subset it says which filter does
// the same, where one does.
func newRuby(s *Settings, env *Env) (any, error) {
	s.Known("script_params")
	f := &rubyFilter{
		failTag:     s.String("tag_on_exception", "_rubyexception"),
		withMessage: s.Bool("tag_with_exception_message", false),
		self:        ruby.NewObject(rubyHost{env}),
		matched:     env.Matched,
	}
	code, init := s.String("code", ""), s.String("init", "")
	switch {
	case s.Has("path"):
		s.Errorf("path", "Pharos runs no Ruby files; short code can stand in the setting code%s", rubyAdvice(code))
		return f, nil
	case !s.Has("code"):
		s.Required("code")
		return f, nil
	}
	f.code = compileRuby(s, "code", code, rubyAdvice(code+"\n"+init), "event", "new_event_block")
	if first := compileRuby(s, "init", init, ""); first != nil {
		if _, err := f.self.Run(first, nil); err != nil {
			s.Errorf("init", "%v", err)
		}
	}
	return f, nil
}

// Process implements pipeline.Stage.
func (f *rubyFilter) Process(e *pipeline.Event, out pipeline.Output) {
	lent := &rubyEvent{event: e}
	var made []*pipeline.Event
	_, err := f.self.Run(f.code, map[string]any{"event": lent, "new_event_block": rubyBlock(&made)})
	if err != nil {
		f.failed(e, err)
	} else {
		f.matched(e)
	}
	if lent.cancelled {
		out.Drop(e, "ruby")
	} else {
		out.Emit(e)
	}
	for _, x := range made {
		if x != e {
			out.Emit(x)
		}
	}
}

func (f *rubyFilter) failed(e *pipeline.Event, err error) {
	if f.withMessage {
		message := err.Error()
		var exception *ruby.Error
		if errors.As(err, &exception) {
			message = exception.Message
		}
		Tag(e, f.failTag+": "+message)
	}
	Tag(e, f.failTag)
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
