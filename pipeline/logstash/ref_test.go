package logstash

import (
	"testing"
	"time"

	"github.com/pharosd/pharos/pipeline"
)

func event() *pipeline.Event {
	return &pipeline.Event{
		Time: time.Date(2021, 8, 11, 9, 5, 3, 120_000_000, time.UTC),
		Fields: map[string]any{
			"message": "hi", "n": int64(7), "f": 1.0, "big": 12345678.9, "nil": nil,
			"a":         map[string]any{"b": "c", "list": []any{"x", map[string]any{"y": "z"}}},
			"tags":      []any{"one"},
			"@metadata": map[string]any{"m": "secret"},
		},
	}
}

func TestRefs(t *testing.T) {
	for _, bad := range []string{"", "a[b]", "[a]b", "[a", "a]", "[]", "[a][]"} {
		if _, err := ParseRef(bad); err == nil {
			t.Errorf("%q is taken for a reference", bad)
		}
	}
	for ref, want := range map[string]any{
		"message": "hi", "[message]": "hi", "[a][b]": "c", "[a][list][1][y]": "z", "[a][list][-2]": "x",
		"[@metadata][m]": "secret", "[[a][b]]": "c", "nil": nil,
	} {
		if got, ok := mustRef(ref).Get(event()); got != want || !ok {
			t.Errorf("%s is %v, %v, want %v", ref, got, ok, want)
		}
	}
	for _, missing := range []string{"x", "[a][x]", "[message][x]", "[a][list][2]", "[a][list][x]", "[x][y]"} {
		if got, ok := mustRef(missing).Get(event()); ok {
			t.Errorf("%s is %v, want nothing", missing, got)
		}
	}
	e := event()
	for ref, ok := range map[string]bool{"[x][y][z]": true, "[a][list][3]": true, "[message][x]": false, "[a][list][x]": false, "tags": false, "@timestamp": false} {
		if got := mustRef(ref).Set(e, int64(1)); got != ok {
			t.Errorf("setting %s: %v, want %v", ref, got, ok)
		}
		if v, _ := mustRef(ref).Get(e); ok && v != int64(1) {
			t.Errorf("%s is %v after it was set", ref, v)
		}
	}
	if v, ok := mustRef("[a][list][0]").Delete(e); v != "x" || !ok || Text(e.Fields["a"]) != `{"b":"c","list":[{"y":"z"},null,1]}` {
		t.Errorf("deleted %v, left %s", v, Text(e.Fields["a"]))
	}
}

func TestTemplates(t *testing.T) {
	for text, want := range map[string]string{
		"plain": "plain", "%{message}": "hi", "%{[a][b]}-%{n}": "c-7", "%{f} %{big}": "1.0 1.23456789E7",
		"%{missing} %{nil}": "%{missing} %{nil}", "%{[a][list]}": `x,{"y":"z"}`, "%{+YYYY.MM.dd}": "2021.08.11",
		"%{+%s}": "1628672703", "%{{yyyy-'W'ww e}}": "2021-W32 3", "%{+EEE d MMM HH:mm:ss.SSS Z}": "Wed 11 Aug 09:05:03.120 +0000",
		"%{@timestamp}": "2021-08-11T09:05:03.120Z", "100%{": "100%{", "%{a]}": "%{a]}", "}%{message": "}%{message",
	} {
		tpl, err := ParseTemplate(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := tpl.Expand(event()); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
	if _, err := ParseTemplate("%{+yyyy.bb}"); err == nil {
		t.Error("a pattern with letters that mean nothing is taken")
	}
}

func TestTagging(t *testing.T) {
	e := event()
	Tag(e, "two")
	Tag(e, "one")
	Untag(e, "one")
	if got := Text(e.Fields["tags"]); got != "two" {
		t.Errorf("tags are %s, want two", got)
	}
	e.Fields["tags"] = "a"
	Tag(e, "b")
	if got := Text(e.Fields["tags"]); got != "a,b" {
		t.Errorf("tags are %s, want a,b", got)
	}
}

func FuzzTemplate(f *testing.F) {
	for _, text := range []string{"%{[a][b]}-%{+YYYY.MM.dd'T'HH}-%{+%s}", "%{{uuuu-'W'ww}}%{x", "%{[a][list][-1][y]}", "[[a][b]]"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e := event()
		if tpl, err := ParseTemplate(text); err == nil {
			out := tpl.Expand(e)
			if static, ok := tpl.Static(); ok && out != static {
				t.Fatalf("%q is static and expands to %q", text, out)
			}
		}
		r, err := ParseRef(text)
		if err != nil {
			return
		}
		if r.Set(e, "value") {
			if v, ok := r.Get(e); !ok || v != "value" {
				t.Fatalf("%q was set and is %v", text, v)
			}
			r.Delete(e)
		}
		if again, err := ParseRef(r.String()); err != nil || again.String() != r.String() {
			t.Fatalf("%q is written as %q, which reads back as %q, %v", text, r, again, err)
		}
	})
}
