package logstash

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/pharosd/pharos/pipeline"
)

// tally counts what comes out of all workers.
type tally struct {
	mu     sync.Mutex
	events int
	made   int64 // sum of n in events that aggregate made
}

func (c *tally) Emit(e *pipeline.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n, ok := e.Fields["total"].(int64); ok {
		c.made += n
		return
	}
	c.events++
}

func (c *tally) Drop(*pipeline.Event, string) { c.Emit(&pipeline.Event{}) }

// TestWorkersShare runs four workers at once through the filters that share something.
func TestWorkersShare(t *testing.T) {
	const workers, events = 4, 500
	p, err := Compile([]Source{{"testdata/x.conf", `filter {
		aggregate { task_id => "%{task}" code => "map['total'] ||= 0; map['total'] += 1" push_map_as_event_on_timeout => true timeout => 10 }
		throttle { key => "%{task}" after_count => 3 add_tag => "late" max_counters => 5 }
		translate { source => "task" target => "t" dictionary_path => "dictionary.yml" refresh_interval => 0.001 }
		elapsed { start_tag => "begin" end_tag => "late" unique_id_field => "task" }
		csv { source => "line" autodetect_column_names => true }
		date { match => ["at", "yyyy-MM-dd HH:mm ZZZ"] }
		ruby { code => "@n = (@n || 0) + 1; event.set('seen', @n)" }
		useragent { source => "task" }
	}`}}, Options{Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	var out tally
	var wg sync.WaitGroup
	chains := make([]*FilterChain, workers)
	for w := range workers {
		if chains[w], err = p.NewFilters(w, nil); err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			for i := range events {
				chains[w].Process(&pipeline.Event{Time: time.Now(), Fields: map[string]any{
					"task": fmt.Sprint("task", i%7), "line": "a,b", "at": "2024-01-02 03:04 Europe/Paris"}}, &out)
				if i%50 == 0 {
					chains[w].Flush(time.Now(), false, &out)
				}
			}
		})
	}
	wg.Wait()
	for _, c := range chains {
		c.Flush(time.Now().Add(time.Hour), true, &out)
		c.Close()
	}
	if out.events != workers*events || out.made != workers*events {
		t.Errorf("%d events came out and %d were counted, want %d of each", out.events, out.made, workers*events)
	}
}
