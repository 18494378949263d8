package logstash

import (
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/codec"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// readCodec reads the setting codec.
func readCodec(s *logstash.Settings, v *env, def string) *codec.Codec {
	block := s.Block("codec", def)
	if block == nil {
		return nil
	}
	return newCodec(s, s.Sub(block), v)
}

// newCodec makes the codec of a block; problems go to the plugin's settings. It never
// returns nil.
func newCodec(s, block *logstash.Settings, v *env) *codec.Codec {
	name := block.Plugin().Name
	plain, _ := codec.New("plain", codec.Options{ECS: v.ecs})
	known, err := codec.Known(name)
	if err != nil {
		s.Errorf("codec", "%v", err)
		return plain
	}
	block.Known(append(known, "id", "enable_metric", "ecs_compatibility")...)
	mode := "disabled"
	if v.ecs {
		mode = "v8"
	}
	o := codec.Options{ECS: ecsOf(block, mode)}
	for _, name := range known {
		readCodecSetting(&o, name, block, v)
	}
	block.Done()
	c, err := codec.New(name, o)
	if err != nil {
		s.Errorf("codec", "%v", err)
		return plain
	}
	return c
}

func readCodecSetting(o *codec.Options, name string, s *logstash.Settings, v *env) {
	switch name {
	case "charset":
		o.Charset = s.String(name, "UTF-8")
	case "delimiter":
		o.Delimiter = unescape(s.String(name, "\n"))
	case "format":
		if s.Has(name) {
			o.Format = s.Template(name, "").Expand
		}
	case "target":
		if s.Has(name) {
			target := s.Ref(name, "")
			o.SetTarget = func(e *pipeline.Event, value any) { target.Set(e, value) }
		}
	case "metadata":
		o.Metadata = s.Bool(name, false)
	case "nanosecond_precision":
		o.NanosecondPrecision = s.Bool(name, false)
	case "pattern":
		readMultiline(&o.Multiline, s, v)
	case "columns":
		readCSV(&o.CSV, s)
	}
}

func readMultiline(m *codec.Multiline, s *logstash.Settings, v *env) {
	s.Required("pattern")
	s.Required("what")
	negate := s.Bool("negate", false)
	match := logstash.LinePattern(s, "pattern", v.dir, v.ecs)
	m.Match = func(line string) bool { return match(line) != negate }
	m.Next = s.Enum("what", "previous", "previous", "next") == "next"
	m.Tag = s.String("multiline_tag", "multiline")
	m.MaxLines = int(s.Int("max_lines", 500))
	m.MaxBytes = int(min(s.Bytes("max_bytes", 10<<20), codec.MaxMessage))
	m.FlushAfter = time.Duration(s.Float("auto_flush_interval", 0) * float64(time.Second))
}

func readCSV(c *codec.CSV, s *logstash.Settings) {
	c.Columns = s.Strings("columns")
	c.Separator = s.String("separator", ",")
	if len([]rune(c.Separator)) != 1 {
		s.Errorf("separator", "%q is not one character", c.Separator)
		c.Separator = ","
	}
	if q := s.String("quote_char", `"`); q != `"` {
		s.Errorf("quote_char", "only the double quote is supported")
	}
	c.Convert = map[string]string{}
	for _, p := range s.Hash("convert") {
		c.Convert[p.Key] = logstash.Text(p.Value)
	}
	c.Header = s.Bool("autodetect_column_names", false)
	c.Autogenerate = s.Bool("autogenerate_column_names", true)
	c.SkipEmpty = s.Bool("skip_empty_columns", false)
	c.IncludeHeaders = s.Bool("include_headers", false)
}

// unescape turns \n, \r, \t and \0 as people write them into what they mean.
func unescape(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out = append(out, s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case '0':
			out = append(out, 0)
		default:
			out = append(out, '\\', s[i])
		}
	}
	return string(out)
}
