package logstash

import (
	"strings"
	"unicode"

	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"

	"github.com/pharosd/pharos/pipeline"
)

// The filters here are a few lines each.

// newJSONEncode writes a field's value as JSON text.
func newJSONEncode(s *Settings, _ *Env) (any, error) {
	s.Required("source")
	source := s.Ref("source", "")
	target := s.Ref("target", s.String("source", ""))
	return Func(func(e *pipeline.Event) bool {
		v, _ := source.Get(e)
		return target.Set(e, string(AppendJSON(nil, v)))
	}), nil
}

// newEnvironment puts environment variables into @metadata.
func newEnvironment(s *Settings, env *Env) (any, error) {
	type variable struct {
		to    Ref
		value any
	}
	var all []variable
	for _, p := range s.Hash("add_metadata_from_env") {
		v := variable{to: s.ref("add_metadata_from_env", "["+metadataField+"]["+p.Key+"]")}
		if text, ok := env.Lookup(Text(p.Value)); ok {
			v.value = text
		}
		all = append(all, v)
	}
	return Func(func(e *pipeline.Event) bool {
		for _, v := range all {
			v.to.Set(e, v.value)
		}
		return true
	}), nil
}

// newExtractNumbers puts the numbers of a text into int1, int2... and float1, float2...
// Like Logstash's it never applies the common options.
func newExtractNumbers(s *Settings, _ *Env) (any, error) {
	source := s.Ref("source", "message")
	return Func(func(e *pipeline.Event) bool {
		v, _ := source.Get(e)
		if list, ok := v.([]any); ok && len(list) > 0 {
			v = list[0]
		}
		text, ok := v.(string)
		if !ok {
			return false
		}
		ints, floats := int64(0), int64(0)
		for _, word := range strings.Fields(text) {
			if n, ok := rubyInteger(word); ok {
				ints++
				setNamed(e, "int"+Text(ints), n)
			} else if x, ok := rubyFloat(word); ok {
				floats++
				setNamed(e, "float"+Text(floats), x)
			}
		}
		return false
	}), nil
}

// newI18n replaces letters with marks by those without.
func newI18n(s *Settings, _ *Env) (any, error) {
	fields := s.Refs("transliterate")
	return Func(func(e *pipeline.Event) bool {
		for _, f := range fields {
			switch v, _ := f.Get(e); v := v.(type) {
			case string:
				f.Set(e, transliterate(v))
			case []any:
				for i, x := range v {
					if text, ok := x.(string); ok {
						v[i] = transliterate(text)
					}
				}
			}
		}
		return true
	}), nil
}

// transliterate makes ASCII of a text; what has no letter there becomes a question mark.
func transliterate(s string) string {
	special := map[rune]string{'ß': "ss", 'æ': "ae", 'Æ': "AE", 'ø': "o", 'Ø': "O", 'đ': "d", 'Đ': "D", 'ł': "l", 'Ł': "L",
		'œ': "oe", 'Œ': "OE", 'þ': "th", 'Þ': "Th", 'ð': "d", 'Ð': "D", 'ı': "i", 'ħ': "h", 'Ħ': "H"}
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch to, ok := special[r]; {
		case r < unicode.MaxASCII:
			b.WriteRune(r)
		case ok:
			b.WriteString(to)
		case !unicode.Is(unicode.Mn, r):
			b.WriteByte('?')
		}
	}
	return b.String()
}

// newTLD splits a host's name at its public suffix.
func newTLD(s *Settings, _ *Env) (any, error) {
	source, target := s.Ref("source", "message"), s.Ref("target", "tld")
	return Func(func(e *pipeline.Event) bool {
		v, _ := source.Get(e)
		name, ok := v.(string)
		if !ok {
			return false
		}
		name = strings.ToLower(strings.TrimSpace(name))
		domain, err := publicsuffix.EffectiveTLDPlusOne(name)
		suffix, icann := publicsuffix.PublicSuffix(name)
		if err != nil || !icann && !strings.Contains(suffix, ".") { // a suffix that no list has
			return false
		}
		parts := map[string]any{
			"tld": suffix, "top_level_domain": suffix, "sld": strings.TrimSuffix(domain, "."+suffix), "domain": domain,
			"trd": nil, "subdomain": nil,
		}
		if rest, ok := strings.CutSuffix(name, "."+domain); ok {
			parts["trd"], parts["subdomain"] = rest, name
		}
		return target.Set(e, parts)
	}), nil
}
