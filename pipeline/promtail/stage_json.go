package promtail

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jmespath/go-jmespath"
	"github.com/valyala/fastjson"

	"github.com/pharosd/pharos/pipeline"
)

// jsonStage extracts values from a JSON object by JMESPath expressions. Most of these
// are names with dots between them, which jsonPaths finds without decoding the rest.
type jsonStage struct {
	source    *string
	malformed *drops // nil: what is no JSON object goes on
	paths     *jsonPaths
	rest      []jsonExpression
	parser    fastjson.Parser
}

type jsonExpression struct {
	name string
	expr *jmespath.JMESPath
}

func (cfg *config) json() pipeline.Stage {
	var settings struct {
		Expressions   map[string]*string
		Source        *string
		DropMalformed bool `yaml:"drop_malformed"`
	}
	if cfg.empty() || !cfg.decode(&settings) || !cfg.source(settings.Source) {
		return nil
	}
	if len(settings.Expressions) == 0 {
		cfg.problem("expressions", "the stage needs expressions", "\"name: path\" each, the path in JMESPath")
		return nil
	}
	expressions := make(map[string]string, len(settings.Expressions))
	for name, expression := range settings.Expressions {
		expressions[name] = name
		if expression != nil && *expression != "" {
			expressions[name] = *expression
		}
	}
	s := &jsonStage{source: settings.Source}
	if settings.DropMalformed {
		d := cfg.c.drops("", "json_malformed")
		s.malformed = &d
	}
	if problems := s.compile(expressions); len(problems) > 0 {
		for name, err := range problems {
			cfg.within("expressions").problem(name, fmt.Sprintf("%q is no JMESPath: %v", expressions[name], err), "put names with other signs than letters, digits and _ in double quotes")
		}
		return nil
	}
	return s
}

// compile sorts expressions by whether they are mere paths. It returns what is wrong
// by name.
func (s *jsonStage) compile(expressions map[string]string) map[string]error {
	problems := map[string]error{}
	s.paths = newJSONPaths()
	for name, expression := range expressions {
		expr, err := jmespath.Compile(expression)
		if err != nil {
			problems[name] = err
			continue
		}
		if path, ok := plainPath(expression); ok {
			s.paths.add(name, path)
			continue
		}
		s.rest = append(s.rest, jsonExpression{name, expr})
	}
	slices.SortFunc(s.rest, func(a, b jsonExpression) int { return strings.Compare(a.name, b.name) })
	return problems
}

func (s *jsonStage) Process(e *pipeline.Event, out pipeline.Output) {
	if in, ok := input(e, s.source); ok && !s.extract(e, in) && s.malformed != nil {
		s.malformed.drop(e, out)
		return
	}
	out.Emit(e)
}

// extract reports whether the text is a JSON object, or null as Go's decoders take it.
func (s *jsonStage) extract(e *pipeline.Event, in string) bool {
	// The parser is lenient with numbers and control characters, the check is not.
	if fastjson.Validate(in) != nil {
		return false
	}
	v, err := s.parser.Parse(in)
	if err != nil || v.Type() != fastjson.TypeObject && v.Type() != fastjson.TypeNull {
		return false
	}
	s.paths.extract(v, e.Fields)
	if len(s.rest) == 0 {
		return true
	}
	document := decoded(v)
	for _, x := range s.rest {
		if found, err := x.expr.Search(document); err == nil {
			setFound(e.Fields, x.name, found)
		}
	}
	return true
}

// setFound sets an extracted value to what an expression found: lists and objects
// become JSON text.
func setFound(fields map[string]any, name string, found any) {
	switch v := found.(type) {
	case string, float64, bool, nil:
		fields[name] = v
	default:
		if b, err := json.Marshal(v); err == nil {
			fields[name] = string(b)
		}
	}
}

// decoded is a JSON value as encoding/json decodes it. The parser bounds its depth.
func decoded(v *fastjson.Value) any {
	switch v.Type() {
	case fastjson.TypeObject:
		o, _ := v.Object()
		m := make(map[string]any, o.Len())
		o.Visit(func(key []byte, v *fastjson.Value) { m[string(key)] = decoded(v) })
		return m
	case fastjson.TypeArray:
		items, _ := v.Array()
		a := make([]any, len(items))
		for i, item := range items {
			a[i] = decoded(item)
		}
		return a
	case fastjson.TypeString:
		b, _ := v.StringBytes()
		return string(b)
	case fastjson.TypeNumber:
		f, _ := strconv.ParseFloat(string(v.MarshalTo(nil)), 64)
		return f
	case fastjson.TypeTrue:
		return true
	case fastjson.TypeFalse:
		return false
	}
	return nil
}
