package logstash

import (
	"fmt"

	"github.com/pharosd/pharos/pipeline/logstash/internal/grok"
)

// LinePattern compiles the expression of a setting in which grok's patterns may stand, as
// codec multiline has it. The files of patterns_dir are relative to dir. The function that
// it returns tells whether a line matches; one that takes too long does not.
func LinePattern(s *Settings, name, dir string, ecs bool) func(line string) bool {
	lib := grok.Standard(ecs)
	addPatternFiles(s, &Env{Dir: dir}, lib)
	source, err := lib.Expand(s.String(name, ""), true)
	var re *Regexp
	if err == nil {
		re, err = CompileRegexp(source)
	}
	if err != nil {
		s.Errorf(name, "%v", fmt.Errorf("%s: %w", shorten(s.String(name, "")), err))
		return func(string) bool { return false }
	}
	return re.Match
}
