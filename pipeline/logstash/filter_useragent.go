package logstash

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/ua-parser/uap-go/uaparser"
	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/pipeline"
)

// maxUserAgent is how much of a user agent's text is looked at: each of a thousand
// expressions reads all of it.
const maxUserAgent = 4096

// maxUserAgentRegexes bounds a file of one's own expressions.
const maxUserAgentRegexes = 16 << 20

// defaultUserAgents knows the expressions that come with the parser; compiling them
// takes long, so that filters share it.
var defaultUserAgents = sync.OnceValues(func() (*uaparser.Parser, error) { return uaparser.New() })

// userAgentFilter tells browser, system and device by the text that a client sends.
type userAgentFilter struct {
	source     Ref
	parser     *uaparser.Parser
	dropSource bool
	name       Ref
	device     Ref
	version    Ref
	parts      [3]Ref // major, minor, patch
	osName     []Ref
	osFull     Ref
	osVersion  Ref
	osParts    [3]Ref
}

func newUserAgent(s *Settings, env *Env) (any, error) {
	s.Required("source")
	f := &userAgentFilter{source: s.Ref("source", "")}
	s.Ignored("lru_cache_size")
	f.targets(s, env)
	f.dropSource = s.Has("target") && s.String("target", "") == s.String("source", "")
	path := s.String("regexes", "")
	var err error
	switch {
	case path == "":
		f.parser, err = defaultUserAgents()
	case env.Untrusted:
		s.Errorf("regexes", "only an administrator's configuration may read files")
	default:
		f.parser, err = userAgentsOf(inDir(env, path))
	}
	if err != nil {
		s.Errorf("regexes", "%v", err)
	}
	return Func(f.filter), nil
}

func userAgentsOf(path string) (p *uaparser.Parser, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read expressions: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxUserAgentRegexes))
	if err != nil {
		return nil, fmt.Errorf("read expressions: %w", err)
	}
	var defs uaparser.RegexDefinitions
	if err := yaml.Unmarshal(text, &defs); err != nil {
		return nil, fmt.Errorf("read expressions %s: %w", path, err)
	}
	defer func() { // the parser panics on expressions that do not compile
		if r := recover(); r != nil {
			err = fmt.Errorf("read expressions %s: %v", path, r)
		}
	}()
	return uaparser.New(uaparser.WithRegexDefinitions(defs))
}

// targets are the fields by the Elastic Common Schema or the older ones.
func (f *userAgentFilter) targets(s *Settings, env *Env) {
	target, prefix := s.String("target", ""), s.String("prefix", "")
	if env.ECS {
		if target == "" {
			target = "user_agent"
		}
		if prefix != "" {
			s.Warnf("prefix", "it has no meaning with ecs_compatibility; the fields are as without")
		}
	}
	target = targetPrefix(target)
	ref := func(name string) Ref { return s.ref("target", name) }
	if env.ECS {
		meta := "[@metadata][filter][user_agent]"
		f.name, f.device, f.version = ref(target+"[name]"), ref(target+"[device][name]"), ref(target+"[version]")
		f.osName, f.osFull, f.osVersion = []Ref{ref(target + "[os][name]")}, ref(target+"[os][full]"), ref(target+"[os][version]")
		for i, part := range []string{"major", "minor", "patch"} {
			f.parts[i], f.osParts[i] = ref(meta+"[version]["+part+"]"), ref(meta+"[os][version]["+part+"]")
		}
		return
	}
	old := func(name string) Ref { return ref(target + "[" + prefix + name + "]") }
	f.name, f.device, f.version = old("name"), old("device"), old("version")
	f.osName, f.osFull, f.osVersion = []Ref{old("os_name"), old("os")}, old("os_full"), old("os_version")
	for i, part := range []string{"major", "minor", "patch"} {
		f.parts[i], f.osParts[i] = old(part), old("os_"+part)
	}
}

func (f *userAgentFilter) filter(e *pipeline.Event) bool {
	v, _ := f.source.Get(e)
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	text, ok := v.(string)
	if !ok || text == "" || f.parser == nil {
		return false
	}
	text = text[:min(len(text), maxUserAgent)]
	if f.dropSource {
		f.source.Delete(e)
	}
	f.setAgent(e, text, f.parser.ParseUserAgent(text))
	f.device.Set(e, f.parser.ParseDevice(text).Family)
	f.setSystem(e, f.parser.ParseOs(text))
	return true
}

func setParts(e *pipeline.Event, refs [3]Ref, parts ...string) {
	for i, p := range parts {
		if p != "" {
			refs[i].Set(e, p)
		}
	}
}

func (f *userAgentFilter) setAgent(e *pipeline.Event, text string, ua *uaparser.UserAgent) {
	f.name.Set(e, ua.Family)
	setParts(e, f.parts, ua.Major, ua.Minor, ua.Patch)
	if ua.Major == "" {
		return
	}
	version := ua.Major
	if ua.Minor != "" {
		version += "." + ua.Minor
		if ua.Patch != "" {
			version = fourthPart(text, version+"."+ua.Patch)
		}
	}
	f.version.Set(e, version)
}

// fourthPart adds the last part of a version of four, which the parser leaves out.
func fourthPart(text, version string) string {
	_, after, ok := strings.Cut(text, version+".")
	part, _, more := strings.Cut(after, " ")
	if n, err := strconv.Atoi(part); ok && more && err == nil && strconv.Itoa(n) == part {
		return version + "." + part
	}
	return version
}

func (f *userAgentFilter) setSystem(e *pipeline.Event, system *uaparser.Os) {
	setParts(e, f.osParts, system.Major, system.Minor, system.Patch)
	version := system.Major
	if version != "" && system.Minor != "" {
		separator := "."
		if n, err := strconv.Atoi(version); err != nil || strconv.Itoa(n) != version {
			separator = " " // as in "Vista 1"
		}
		version += separator + system.Minor
		for _, part := range []string{system.Patch, system.PatchMinor} {
			if part == "" {
				break
			}
			version += "." + part
		}
	}
	full := system.Family
	if version != "" {
		f.osVersion.Set(e, version)
		full += " " + version
	}
	for _, r := range f.osName {
		r.Set(e, system.Family)
	}
	f.osFull.Set(e, full)
}
