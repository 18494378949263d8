package strictyaml_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/strictyaml"
)

type Shared struct {
	Zone string `yaml:"zone"`
}

type settings struct {
	Listen    string              `yaml:"listen"`
	Debug     bool                `yaml:"debug"`
	Ratio     float64             `yaml:"ratio"`
	Workers   int8                `yaml:"workers"`
	Retention strictyaml.Duration `yaml:"retention"`
	Memory    strictyaml.Bytes    `yaml:"memory"`
	Peer      *netip.Addr         `yaml:"peer"`
	TLS       *struct {
		Cert string `yaml:"cert"`
	} `yaml:"tls"`
	Labels  map[string]string `yaml:"labels"`
	Jobs    []jobs            `yaml:"jobs"`
	Nested  map[string]nested `yaml:"nested"`
	Shared  `yaml:",inline"`
	Skipped string `yaml:"-"`
	Plain   string
}

type jobs struct {
	Name     string        `yaml:"name"`
	Interval time.Duration `yaml:"interval"`
	Ports    []uint16      `yaml:"ports"`
}

type nested struct {
	Level int `yaml:"level"`
}

func TestDecodeTakesEveryKind(t *testing.T) {
	got := settings{Plain: "kept", Labels: map[string]string{"kept": "yes"}, Retention: 7}
	err := strictyaml.Load("pharos.yml", []byte(`
listen: 127.0.0.1:8400
debug: true
ratio: 1
workers: -3
retention:
memory: 1.5GiB
peer: 10.0.0.1
tls: {cert: 12}
labels: &l {a: b}
jobs:
  - name: one
    interval: 1h30m
    ports: [80, 0x1F]
  - {name: two, interval: 15d}
nested:
  x: &x {level: 2}
  y: {<<: *x}
  z: {<<: [*x], level: 3}
zone: eu
`), &got)
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:8400", got.Listen)
	require.True(t, got.Debug)
	require.InDelta(t, 1.0, got.Ratio, 0)
	require.EqualValues(t, -3, got.Workers)
	require.EqualValues(t, 7, got.Retention, "an empty value keeps the default")
	require.EqualValues(t, 3<<29, got.Memory)
	require.Equal(t, "10.0.0.1", got.Peer.String())
	require.Equal(t, "12", got.TLS.Cert)
	require.Equal(t, map[string]string{"kept": "yes", "a": "b"}, got.Labels)
	require.Equal(t, []jobs{{"one", 90 * time.Minute, []uint16{80, 31}}, {"two", 15 * 24 * time.Hour, nil}}, got.Jobs)
	require.Equal(t, map[string]nested{"x": {2}, "y": {2}, "z": {3}}, got.Nested)
	require.Equal(t, "eu", got.Zone)
	require.Equal(t, "kept", got.Plain)
}

// People's files have YAML 1.1's words for true and false, and texts that look like
// other kinds.
func TestDecodeTakesWordsOfOldYAML(t *testing.T) {
	for word, want := range map[string]bool{"yes": true, "on": true, "True": true, "no": false, "off": false, "false": false} {
		got := struct{ Debug bool }{!want}
		_, err := strictyaml.Decode("f", []byte("debug: "+word), &got)
		require.NoError(t, err, word)
		require.Equal(t, want, got.Debug, word)
	}
	for _, text := range []string{"true", "yes", "5", "1.50"} {
		var got struct{ Listen string }
		_, err := strictyaml.Decode("f", []byte("listen: "+text), &got)
		require.NoError(t, err, text)
		require.Equal(t, text, got.Listen)
	}
}

func TestDecodeTellsEveryProblemWithItsPlace(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"near miss":         {"lisen: x", `f:1:1: lisen: unknown key (did you mean "listen"?)`},
		"nothing near":      {"\n  colour: x", `f:2:3: colour: unknown key`},
		"left out":          {"skipped: x", `f:1:1: skipped: unknown key`},
		"case":              {"Listen: x", `f:1:1: Listen: unknown key (did you mean "listen"?)`},
		"in a list":         {"jobs:\n  - nam: x", `f:2:5: jobs[0].nam: unknown key (did you mean "name"?)`},
		"in a map":          {"nested:\n  a:\n    lvel: 1", `f:3:5: nested.a.lvel: unknown key (did you mean "level"?)`},
		"inline":            {"zon: x", `f:1:1: zon: unknown key (did you mean "zone"?)`},
		"duplicate":         {"listen: a\nlisten: b", `f:2:1: listen: duplicate key, first set on line 1`},
		"list for text":     {"listen: [a]", `f:1:9: listen: expected a text, found a list`},
		"text for bool":     {"debug: perhaps", `f:1:8: debug: expected true or false, found "perhaps"`},
		"quoted yes":        {`debug: "yes"`, `f:1:8: debug: expected true or false, found "yes"`},
		"quoted bool":       {`debug: "true"`, `f:1:8: debug: expected true or false, found "true"`},
		"text for int":      {"workers: many", `f:1:10: workers: expected a whole number, found "many"`},
		"float for int":     {"workers: 1.5", `f:1:10: workers: expected a whole number, found "1.5"`},
		"overflow":          {"workers: 300", `f:1:10: workers: expected a whole number, found "300"`},
		"negative":          {"jobs: [{ports: [-1]}]", `f:1:17: jobs[0].ports[0]: expected a whole number, not negative, found "-1"`},
		"text for float":    {"ratio: half", `f:1:8: ratio: expected a number, found "half"`},
		"no unit":           {"retention: 15", `f:1:12: retention: expected a duration such as "30s" or "15d", found "15" without a unit`},
		"bad unit":          {"jobs: [{interval: 3 fortnights}]", `f:1:19: jobs[0].interval: expected a duration such as "30s" or "15d", found "3 fortnights"`},
		"bad size":          {"memory: 12 elephants", `f:1:9: memory: expected a size such as "512MB" or "2GiB", found "12 elephants"`},
		"negative size":     {"memory: -1MB", `f:1:9: memory: expected a size such as "512MB" or "2GiB", found "-1MB"`},
		"size not a number": {"memory: nan", `f:1:9: memory: expected a size such as "512MB" or "2GiB", found "nan"`},
		"map for size":      {"memory: {}", `f:1:9: memory: expected a size such as "512MB" or "2GiB", found a mapping`},
		"unmarshaler":       {"peer: here", `f:1:7: peer: ParseAddr("here"): unable to parse IP`},
		"text for list":     {"jobs: x", `f:1:7: jobs: expected a list, found "x"`},
		"list for map":      {"labels: []", `f:1:9: labels: expected a mapping, found a list`},
		"root is a list":    {"- a", `f:1:1: expected a mapping, found a list`},
		"complex key":       {"? [a]\n: b", `f:1:3: a key must be a plain word`},
		"two documents":     {"listen: a\n---\nlisten: b", `f:2:1: a second document begins here (a configuration file holds one)`},
		"syntax":            {"listen: a\n\tb: c", `f:2:1: this is no valid YAML: found a tab character that violates indentation`},
		"unknown anchor":    {"listen: *nowhere", `f:1:1: this is no valid YAML: unknown anchor 'nowhere' referenced`},
		"several": {"debug: 1\nlisten: a\nmemry: 1GB\nratio: x", strings.Join([]string{
			`f:1:8: debug: expected true or false, found "1"`,
			`f:3:1: memry: unknown key (did you mean "memory"?)`,
			`f:4:8: ratio: expected a number, found "x"`,
		}, "\n")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var s settings
			err := strictyaml.Load("f", []byte(test.text), &s)
			require.EqualError(t, err, test.want)
			require.ErrorAs(t, err, new(*strictyaml.Error))
		})
	}
}

func TestDecodeIsBounded(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("deep:\n  b0: &b0 [[],[],[],[],[],[],[],[],[],[]]\n")
	for i := range 12 {
		fmt.Fprintf(&bomb, "  b%d: &b%d [%s*b%d]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*b%d,", i), 9), i)
	}
	tests := map[string]struct{ text, want string }{
		"alias bomb":    {bomb.String(), "values once its aliases are followed"},
		"merge bomb":    {"labels: &l {" + mapping(5000) + "}\nnested: {x: {<<: [" + strings.Repeat("*l, ", 500) + "]}}", "values once its aliases are followed"},
		"self":          {"deep: {x: &d [*d]}", "nested deeper than"},
		"deep":          {"deep: {x: " + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "}", "nested deeper than"},
		"large":         {"# " + strings.Repeat("x", strictyaml.MaxSize), "bytes, want"},
		"many problems": {many(1000), "unknown key"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v := struct {
				Deep   recursive         `yaml:"deep"`
				Labels map[string]string `yaml:"labels"`
				Nested map[string]nested `yaml:"nested"`
			}{}
			err := strictyaml.Load("f", []byte(test.text), &v)
			require.ErrorContains(t, err, test.want)
			var e *strictyaml.Error
			require.ErrorAs(t, err, &e)
			require.LessOrEqual(t, len(e.Problems), 100)
		})
	}
}

// recursive takes lists and mappings of any depth.
type recursive map[string]recursiveList

type recursiveList []recursiveList

func mapping(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: v, ", i)
	}
	return b.String()
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "key%d: v\n", i)
	}
	return b.String()
}

type validated struct {
	Metrics metrics `yaml:"metrics"`
	Jobs    []jobs  `yaml:"jobs"`
}

type metrics struct {
	Retention strictyaml.Duration `yaml:"retention"`
	Window    strictyaml.Duration `yaml:"window"`
}

func (m metrics) Validate() error {
	var errs []error
	if m.Retention <= 0 {
		errs = append(errs, &strictyaml.KeyError{Key: "retention", Err: errors.New("must be positive"), Hint: `"15d" is the default`})
	}
	if m.Window <= 0 {
		errs = append(errs, &strictyaml.KeyError{Key: "window", Err: errors.New("must be positive")})
	}
	return errors.Join(errs...)
}

func (v *validated) Validate() error {
	var errs []error
	for i, j := range v.Jobs {
		if j.Name == "" {
			errs = append(errs, strictyaml.Prefix("jobs", &strictyaml.KeyError{Key: fmt.Sprintf("[%d].name", i), Err: errors.New("is missing")}))
		}
	}
	return errors.Join(strictyaml.Prefix("metrics", v.Metrics.Validate()), errors.Join(errs...))
}

func TestLoadPlacesWhatValidateSays(t *testing.T) {
	var v validated
	err := strictyaml.Load("f", []byte("metrics:\n  retention: 0s\n  window: x\njobs:\n  - {name: a}\n  - {interval: 1s}\n"), &v)
	require.EqualError(t, err, strings.Join([]string{
		`f:2:14: metrics.retention: must be positive ("15d" is the default)`,
		`f:3:11: metrics.window: expected a duration such as "30s" or "15d", found "x"`,
		`f:6:5: jobs[1].name: is missing`,
	}, "\n"))
	require.NoError(t, strictyaml.Load("f", []byte("metrics: {retention: 1d, window: 1m}"), &validated{}))
	require.EqualError(t, strictyaml.Load("f", nil, &validated{}), strings.Join([]string{
		`f:1:1: metrics.retention: must be positive ("15d" is the default)`,
		`f:1:1: metrics.window: must be positive`,
	}, "\n"))
}

func TestPrefixOfPlainErrors(t *testing.T) {
	require.NoError(t, strictyaml.Prefix("a", nil))
	require.EqualError(t, strictyaml.Prefix("a", errors.New("x")), "a: x")
	require.EqualError(t, strictyaml.Prefix("a", strictyaml.Prefix("b", errors.New("x"))), "a.b: x")
}

func TestUnitsRoundTrip(t *testing.T) {
	for _, text := range []string{"15d", "1h30m", "90ms"} {
		var d strictyaml.Duration
		require.NoError(t, d.UnmarshalText([]byte(text)))
		require.Equal(t, text, d.String())
	}
	for _, text := range []string{"512MB", "2GiB", "3B", "0B", "1TiB", "1537KiB"} {
		var b strictyaml.Bytes
		require.NoError(t, b.UnmarshalText([]byte(text)))
		require.Equal(t, text, b.String())
	}
}

func TestDecodePanicsOnTypesNoFileCanHold(t *testing.T) {
	require.PanicsWithValue(t, `BUG: strictyaml cannot decode into chan int (key "c")`, func() {
		_ = strictyaml.Load("f", []byte("c: 1"), &struct{ C chan int }{})
	})
	require.Panics(t, func() { _ = strictyaml.Load("f", nil, settings{}) })
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte("listen: a\nmemory: 2GiB\nretention: 15d\njobs: [{name: x, ports: [1]}]"))
	f.Add([]byte("nested:\n  a: &a {level: 1}\n  b: {<<: *a}\n"))
	f.Add([]byte("a: &a [*a]\n---\n"))
	f.Add([]byte("? {a: b}\n: !!binary x\npeer: ::1\nratio: .inf"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var s settings
		err := strictyaml.Load("f", text, &s)
		if err == nil {
			return
		}
		var e *strictyaml.Error
		if !errors.As(err, &e) || len(e.Problems) == 0 {
			t.Fatalf("not an *Error with problems: %v", err)
		}
		for _, p := range e.Problems {
			if p.Line < 1 || p.Column < 1 || p.Message == "" {
				t.Fatalf("problem without a place or a message: %+v", p)
			}
		}
	})
}
