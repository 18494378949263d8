package logstash

import (
	"time"

	"github.com/pharosd/pharos/pipeline"
)

// ReasonCondition is why an event is dropped whose condition cannot be evaluated, such
// as a text compared with a number: Logstash drops it too.
const ReasonCondition = "condition_error"

// StepBranch is the name of the step that an if with all its arms is in a chain. A probe
// hears of it when the filters inside are done; before them it hears of a step that is
// named as the condition that held, or "if ... (does not hold)" for the last when none
// did.
const StepBranch = "if"

// branchStage is if, else if, else around filters.
type branchStage struct {
	arms  []arm
	probe pipeline.Probe // nil: nobody looks
}

type arm struct {
	test  test // nil: else
	chain *pipeline.Chain
	step  pipeline.Step // for the probe
}

// Process implements pipeline.Stage.
func (s *branchStage) Process(e *pipeline.Event, out pipeline.Output) {
	if s.probe != nil {
		s.tell(e)
	}
	for i := range s.arms {
		a := &s.arms[i]
		v := yes
		if a.test != nil {
			v = a.test(e)
		}
		switch v {
		case yes:
			a.chain.Process(e, out)
			return
		case broken:
			out.Drop(e, ReasonCondition)
			return
		}
	}
	out.Emit(e)
}

// tell lets the probe know which arm an event takes.
func (s *branchStage) tell(e *pipeline.Event) {
	start := time.Now()
	taken, verdict := &s.arms[len(s.arms)-1], no
	for i := range s.arms {
		verdict = yes
		if s.arms[i].test != nil {
			verdict = s.arms[i].test(e)
		}
		if verdict != no {
			taken = &s.arms[i]
			break
		}
	}
	took := time.Since(start)
	step, reason, after := taken.step, "", []*pipeline.Event{e}
	switch verdict {
	case no:
		step.Name += " (does not hold)"
	case broken:
		reason, after = ReasonCondition, nil
	}
	s.probe.Step(&step, e, after, reason, took)
}

// Flush implements pipeline.Holder for filters inside that hold events.
func (s *branchStage) Flush(now time.Time, all bool, out pipeline.Output) {
	for i := range s.arms {
		s.arms[i].chain.Flush(now, all, out)
	}
}

// Due implements pipeline.Holder.
func (s *branchStage) Due() time.Time {
	var due time.Time
	for i := range s.arms {
		if d := s.arms[i].chain.Due(); !d.IsZero() && (due.IsZero() || d.Before(due)) {
			due = d
		}
	}
	return due
}

// Router says which outputs an event goes to. Outputs are numbers: places in Plugins.
type Router struct {
	// Plugins are the output plugins in the order of the text.
	Plugins []*Plugin
	routes  []route
}

// route is an output or a branch of routes.
type route struct {
	output int
	arms   []routeArm // not nil: a branch
}

type routeArm struct {
	test   test
	routes []route
}

func newRouter(section []Statement, c *conditions) *Router {
	r := &Router{}
	r.routes = r.add(section, c)
	return r
}

func (r *Router) add(section []Statement, c *conditions) []route {
	var routes []route
	for _, s := range section {
		switch s := s.(type) {
		case *Plugin:
			routes = append(routes, route{output: len(r.Plugins)})
			r.Plugins = append(r.Plugins, s)
		case *Branch:
			arms := make([]routeArm, len(s.Arms))
			for i, a := range s.Arms {
				if a.Condition != nil {
					arms[i].test = c.compile(a.Condition)
				}
				arms[i].routes = r.add(a.Body, c)
			}
			routes = append(routes, route{arms: arms})
		}
	}
	return routes
}

// Route calls to for each output that an event goes to, and reports whether all
// conditions could be evaluated: where one could not, what stands inside its if does not
// get the event. The outputs share the event and MUST NOT change it.
func (r *Router) Route(e *pipeline.Event, to func(output int)) (ok bool) {
	return routeAll(r.routes, e, to)
}

func routeAll(routes []route, e *pipeline.Event, to func(int)) bool {
	ok := true
	for i := range routes {
		if routes[i].arms == nil {
			to(routes[i].output)
			continue
		}
		for _, a := range routes[i].arms {
			v := yes
			if a.test != nil {
				v = a.test(e)
			}
			if v == no {
				continue
			}
			if v == broken {
				ok = false
			} else {
				ok = routeAll(a.routes, e, to) && ok
			}
			break
		}
	}
	return ok
}
