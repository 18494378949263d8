package logstash

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pharosd/pharos/pipeline"
)

// collect keeps the tags of the last event.
type collect struct{ tags []string }

func (c *collect) Emit(e *pipeline.Event)       { c.tags = Tags(e) }
func (c *collect) Drop(*pipeline.Event, string) {}

func TestAggregateMapsAreBounded(t *testing.T) {
	run := func(code string, events int) (failed int) {
		p, err := Compile([]Source{{"x.conf", `filter { aggregate { task_id => "%{id}" code => "` + code + `" } }`}}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		chain, err := p.NewFilters(0, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer chain.Close()
		text := strings.Repeat("x", 1<<20)
		for i := range events {
			var out collect
			chain.Process(&pipeline.Event{Time: scriptTime, Fields: map[string]any{"id": "a", "text": text + fmt.Sprint(i), "n": int64(i)}}, &out)
			if slices.Contains(out.tags, "_aggregateexception") {
				failed++
			}
		}
		return failed
	}
	if n := run("map['l'] ||= []; map['l'] << event.get('text')", 100); n != 1 {
		t.Errorf("a map that grows beyond 64 MiB failed %d times, want once, and begin anew", n)
	}
	if n := run("map['l'] ||= []; map['l'] << event.get('text'); map['l'].shift if map['l'].length > 3", 200); n != 0 {
		t.Errorf("a window over the last three failed %d times", n)
	}
	if n := run("map['h'] ||= {}; map['h'][event.get('n')] = event.get('text')", 100); n != 1 {
		t.Errorf("a hash in a map failed %d times, want once", n)
	}
}
