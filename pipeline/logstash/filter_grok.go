package logstash

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash/internal/grok"
	"github.com/pharosd/pharos/pipeline/logstash/internal/onig"
	"github.com/pharosd/pharos/pipeline/logstash/internal/ruby"
)

// Bounds on the pattern files that a configuration may name.
const (
	maxPatternFiles = 1000
	maxPatternFile  = 1 << 20
)

// grokFilter matches fields against patterns whose captures become fields.
type grokFilter struct {
	match        []grokField
	breakOnMatch bool
	keepEmpty    bool
	failTags     []string
	timeoutTag   string
	limit        time.Duration
	perEvent     bool
}

// grokField is one field and what it is matched against.
type grokField struct {
	source   Ref
	patterns []grokPattern
}

type grokPattern struct {
	matcher  *onig.Matcher
	captures []grokCapture
}

type grokCapture struct {
	group     int
	coerce    grok.Coercion
	to        Ref
	overwrite bool
}

func newGrok(s *Settings, env *Env) (any, error) {
	f := &grokFilter{
		breakOnMatch: s.Bool("break_on_match", true),
		keepEmpty:    s.Bool("keep_empty_captures", false),
		failTags:     stringsOr(s, "tag_on_failure", "_grokparsefailure"),
		timeoutTag:   s.String("tag_on_timeout", "_groktimeout"),
		limit:        time.Duration(s.Float("timeout_millis", 30_000) * float64(time.Millisecond)),
		perEvent:     s.Enum("timeout_scope", "pattern", "pattern", "event") == "event",
	}
	lib := grok.Standard(env.ECS)
	addPatternFiles(s, env, lib)
	for _, p := range s.Hash("pattern_definitions") {
		lib[p.Key] = strings.TrimRight(Text(p.Value), "\r\n")
	}
	target := s.String("target", "")
	if target != "" && !strings.Contains(target, "[") {
		target = "[" + strings.TrimSpace(target) + "]"
	}
	build := grokBuilder{s: s, lib: lib, target: target, namedOnly: s.Bool("named_captures_only", true), overwrite: map[string]bool{}}
	for _, name := range s.Strings("overwrite") {
		build.overwrite[name] = true
	}
	for _, pair := range s.Hash("match") {
		field := grokField{source: s.ref("match", pair.Key)}
		for _, pattern := range asList(pair.Value) {
			if p, ok := build.pattern(pair.Pos, Text(pattern)); ok {
				field.patterns = append(field.patterns, p)
			}
		}
		f.match = append(f.match, field)
	}
	return Func(f.filter), nil
}

// stringsOr is a list with what holds when the setting is absent.
func stringsOr(s *Settings, name string, def ...string) []string {
	if !s.Has(name) {
		return def
	}
	return s.Strings(name)
}

func addPatternFiles(s *Settings, env *Env, lib grok.Library) {
	glob := s.String("patterns_files_glob", "*")
	dirs := s.Strings("patterns_dir")
	if len(dirs) == 0 {
		return
	}
	if env.Untrusted {
		s.Errorf("patterns_dir", "only an administrator's configuration may read files; use pattern_definitions")
		return
	}
	count := 0
	for _, dir := range dirs {
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(env.Dir, dir)
		}
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			dir = filepath.Join(dir, glob)
		}
		files, err := filepath.Glob(dir)
		if err != nil {
			s.Errorf("patterns_dir", "%v", err)
		}
		if len(files) == 0 {
			s.Warnf("patterns_dir", "there is no file at %s", dir)
		}
		for _, file := range files {
			if count++; count > maxPatternFiles {
				s.Errorf("patterns_dir", "more than %d pattern files", maxPatternFiles)
				return
			}
			if err := addPatternFile(lib, file); err != nil {
				s.Errorf("patterns_dir", "%v", err)
			}
		}
	}
}

func addPatternFile(lib grok.Library, file string) error {
	info, err := os.Stat(file)
	if err != nil || info.IsDir() {
		return err
	}
	if info.Size() > maxPatternFile {
		return fmt.Errorf("pattern file %s is larger than 1 MiB", file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read pattern file: %w", err)
	}
	lib.Add(string(text))
	return nil
}

type grokBuilder struct {
	s         *Settings
	lib       grok.Library
	target    string
	namedOnly bool
	overwrite map[string]bool
}

func (b *grokBuilder) pattern(pos Pos, source string) (grokPattern, bool) {
	p, err := grok.Compile(source, b.lib, b.namedOnly)
	if err != nil {
		var unknown *grok.UnknownError
		hint := ""
		if errors.As(err, &unknown) {
			hint = strictyaml.Suggest(unknown.Name, b.lib.Names())
			if hint == "" {
				hint = "define it in pattern_definitions, or name the folder of its file in patterns_dir"
			}
		}
		b.s.report.errorf(pos, hint, "grok: match %q: %v", shorten(source), err)
		return grokPattern{}, false
	}
	out := grokPattern{matcher: p.Regexp.Matcher()}
	for _, c := range p.Captures {
		name := c.Field
		if b.target != "" {
			name = b.target + "[" + name + "]"
		}
		to, err := ParseRef(name)
		if err != nil {
			b.s.report.errorf(pos, "", "grok: match %q: %v", shorten(source), err)
			return grokPattern{}, false
		}
		out.captures = append(out.captures, grokCapture{c.Group, c.Coerce, to, b.overwrite[c.Field]})
	}
	return out, true
}

// shorten is for messages about patterns.
func shorten(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:77], "") + "..."
	}
	return s
}

func (f *grokFilter) filter(e *pipeline.Event) bool {
	matched := false
	budget := f.limit
	for i := range f.match {
		ok, err := f.field(&f.match[i], e, &budget)
		if err != nil {
			Tag(e, f.timeoutTag)
			return false
		}
		if ok {
			matched = true
			if f.breakOnMatch {
				break
			}
		}
	}
	if !matched {
		for _, tag := range f.failTags {
			Tag(e, tag)
		}
	}
	return matched
}

// field matches one field, each element of it when it is a list. What is absent is
// matched as an empty text, as in Logstash.
func (f *grokFilter) field(field *grokField, e *pipeline.Event, budget *time.Duration) (bool, error) {
	v, _ := field.source.Get(e)
	list, ok := v.([]any)
	if !ok {
		return f.text(field, Text(v), e, budget)
	}
	matched := false
	for _, x := range pipeline.CloneValue(list).([]any) { // captures may change the list itself
		ok, err := f.text(field, Text(x), e, budget)
		if err != nil {
			return false, err
		}
		matched = matched || ok
	}
	return matched, nil
}

func (f *grokFilter) text(field *grokField, text string, e *pipeline.Event, budget *time.Duration) (bool, error) {
	matched := false
	for i := range field.patterns {
		p := &field.patterns[i]
		ok, err := f.find(p, text, budget)
		if err != nil {
			return false, err
		}
		matched = ok
		if ok {
			f.capture(p, e)
			if f.breakOnMatch {
				break
			}
		}
	}
	return matched, nil
}

// find searches within the time that a pattern has, or that is left to the event.
func (f *grokFilter) find(p *grokPattern, text string, budget *time.Duration) (bool, error) {
	if !f.perEvent || f.limit <= 0 {
		return p.matcher.Find(text, 0, f.limit)
	}
	if *budget <= 0 {
		return false, onig.ErrDeadline
	}
	start := time.Now()
	ok, err := p.matcher.Find(text, 0, *budget)
	*budget -= time.Since(start)
	return ok, err
}

func (f *grokFilter) capture(p *grokPattern, e *pipeline.Event) {
	for i := range p.captures {
		c := &p.captures[i]
		text, took := p.matcher.Text(c.group)
		var v any
		switch {
		case !took:
			if !f.keepEmpty {
				continue
			}
		case c.coerce == grok.AsInt:
			v = ruby.ParseInt(text)
		case c.coerce == grok.AsFloat:
			v = ruby.ParseFloat(text)
		case text == "" && !f.keepEmpty:
			continue
		default:
			v = text
		}
		c.set(e, v)
	}
}

// set gives a field its value, or adds the value to the texts that it holds.
func (c *grokCapture) set(e *pipeline.Event, v any) {
	if c.overwrite {
		c.to.Set(e, v)
		return
	}
	old, _ := c.to.Get(e)
	switch old := old.(type) {
	case nil:
		c.to.Set(e, v)
	case []any:
		c.to.Set(e, append(old[:len(old):len(old)], v))
	case string:
		c.to.Set(e, []any{old, v})
	}
}
