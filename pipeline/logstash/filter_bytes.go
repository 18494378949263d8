package logstash

import (
	"math"
	"strings"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash/internal/onig"
	"github.com/pharosd/pharos/pipeline/logstash/internal/ruby"
)

// newBytes reads sizes such as "12.5 MB" as a number of bytes.
func newBytes(s *Settings, _ *Env) (any, error) {
	source := s.Ref("source", "message")
	target := s.Ref("target", s.String("source", "message"))
	base := 1024.0
	if s.Enum("conversion_method", "binary", "binary", "metric") == "metric" {
		base = 1000
	}
	point := s.Enum("decimal_separator", ".", ".", ",")
	failTags := stringsOr(s, "tag_on_failure", "_bytesparsefailure")
	form := regexOf(s, "source", `^([0-9 _,.]*)\s*([kKmMgGtTpPeE]?)([bB]?)$`)
	return Func(func(e *pipeline.Event) bool {
		v, _ := source.Get(e)
		text, ok := v.(string)
		if ok {
			if n, ok := parseSize(form, text, base, point); ok && target.Set(e, n) {
				return true
			}
		}
		tagAll(e, failTags)
		return false
	}), nil
}

func parseSize(form *onig.Matcher, text string, base float64, point string) (int64, bool) {
	if !found(form, strings.TrimSpace(text)) {
		return 0, false
	}
	number, _ := form.Text(1)
	prefix, _ := form.Text(2)
	if strings.Count(number, point) > 1 {
		return 0, false
	}
	number = strings.Map(func(r rune) rune {
		switch {
		case string(r) == point:
			return '.'
		case '0' <= r && r <= '9':
			return r
		}
		return -1
	}, number)
	if number == "" {
		return 0, false
	}
	size := ruby.ParseFloat(number) * math.Pow(base, float64(strings.Index("kmgtpe", strings.ToLower(prefix))+1))
	if prefix == "" {
		size = ruby.ParseFloat(number)
	}
	return int64(math.Round(size)), size < math.MaxInt64
}
