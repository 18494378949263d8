package logstash

import (
	"errors"
	"os"
	"regexp"
	"strings"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash/internal/ruby"
)

// rubyFilter runs Ruby code that keeps to the subset of package ruby.
type rubyFilter struct {
	code        *ruby.Program // nil: the function filter of a file
	self        *ruby.Object
	failTag     string
	withMessage bool
	matched     func(*pipeline.Event)
}

// newRuby reads the code. For what is outside of the subset it says which filter does
// the same, where one does.
func newRuby(s *Settings, env *Env) (any, error) {
	params := s.Hash("script_params")
	f := &rubyFilter{
		failTag:     s.String("tag_on_exception", "_rubyexception"),
		withMessage: s.Bool("tag_with_exception_message", false),
		self:        ruby.NewObject(rubyHost{env}),
		matched:     env.Matched,
	}
	code, init := s.String("code", ""), s.String("init", "")
	switch {
	case s.Has("path") && s.Has("code"):
		s.Errorf("path", "write either code or path")
	case s.Has("path"):
		f.script(s, env, params)
	case !s.Has("code"):
		s.Required("code")
	default:
		f.code = compileRuby(s, "code", code, rubyAdvice(code+"\n"+init), "event", "new_event_block")
		if first := compileRuby(s, "init", init, ""); first != nil {
			if _, err := f.self.Run(first, nil); err != nil {
				s.Errorf("init", "%v", err)
			}
		}
	}
	return f, nil
}

// maxRubyFile bounds a file of code.
const maxRubyFile = 1 << 20

// script reads a file that defines filter(event), and perhaps register(params), and
// calls the latter.
func (f *rubyFilter) script(s *Settings, env *Env, params []Pair) {
	if env.Untrusted {
		s.Errorf("path", "only an administrator's configuration may read files; write the setting code")
		return
	}
	path := inDir(env, s.String("path", ""))
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxRubyFile {
		err = errors.New("it is larger than 1 MiB")
	}
	var code []byte
	if err == nil {
		code, err = os.ReadFile(path)
	}
	if err != nil {
		s.Errorf("path", "read code: %v", err)
		return
	}
	program, err := ruby.CompileScript(string(code))
	if err != nil {
		s.Errorf("path", "%s: %v: Pharos runs a part of Ruby only, without access to anything outside%s", path, err, rubyAdvice(string(code)))
		return
	}
	if _, err := f.self.Run(program, nil); err != nil {
		s.Errorf("path", "%s: %v", path, err)
		return
	}
	if !f.self.Defines("filter") {
		s.Errorf("path", "%s defines no function filter(event)", path)
		return
	}
	if f.self.Defines("register") {
		if _, err := f.self.Call("register", ruby.FromGo(GoValue(params))); err != nil {
			s.Errorf("path", "%s: register: %v", path, err)
		}
	}
}

// Process implements pipeline.Stage.
func (f *rubyFilter) Process(e *pipeline.Event, out pipeline.Output) {
	lent := &rubyEvent{event: e}
	if f.code == nil {
		f.call(lent, out)
		return
	}
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

// call runs the function filter of a file: it returns the events that go on.
func (f *rubyFilter) call(lent *rubyEvent, out pipeline.Output) {
	e := lent.event
	result, err := f.self.Call("filter", lent)
	if err == nil {
		f.matched(e)
	}
	events, isList := result.(*ruby.Array)
	if err == nil && !isList && result != nil {
		err = errors.New("filter(event) did not return a list")
	}
	if err != nil {
		f.failed(e, err)
		out.Emit(e)
		return
	}
	kept := false
	var made []*pipeline.Event
	if isList {
		for _, v := range events.Items {
			switch x, _ := v.(*rubyEvent); {
			case x == lent:
				kept = !lent.cancelled
			case x != nil && !x.cancelled:
				made = append(made, x.event)
			}
		}
	}
	if kept {
		out.Emit(e)
	} else {
		out.Drop(e, "ruby")
	}
	for _, x := range made {
		out.Emit(x)
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
