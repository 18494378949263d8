package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pharosd/pharos/internal/httpx"
)

// State is what the Simulator page shows.
type State struct {
	Counters   map[Operation]int64 `json:"counters"`
	Errors     int64               `json:"errors"`
	Rate       float64             `json:"rate"` // requests a second, over the last interval
	TargetRate int64               `json:"target_rate"`
	Dropped    int64               `json:"dropped"` // log lines that could not be shipped
	Traffic    TrafficState        `json:"traffic"`
	Incidents  []Incident          `json:"incidents"`
	Services   []ServiceState      `json:"services"`
}

// ServiceState is one service of the system.
type ServiceState struct {
	Name    string `json:"name"`
	Layer   string `json:"layer"`
	Healthy bool   `json:"healthy"`
}

const apiPath = "/api/pharos/v1/simulator"

// eventInterval is how often the event stream sends the state.
const eventInterval = 250 * time.Millisecond

// Routes are the control API of the demonstration. Changing it needs an editor.
func (s *System) Routes() []httpx.Route {
	edit := func(pattern string, f http.HandlerFunc) httpx.Route {
		return httpx.Route{Pattern: pattern, Access: httpx.Edit, Handler: f}
	}
	return []httpx.Route{
		{Pattern: "GET " + apiPath, Access: httpx.Read, Handler: http.HandlerFunc(s.getState)},
		{Pattern: "GET " + apiPath + "/events", Access: httpx.Read, Streaming: true, Handler: http.HandlerFunc(s.getEvents)},
		edit("POST "+apiPath+"/operations", s.postOperation),
		edit("PUT "+apiPath+"/rate", s.putRate(&s.visitors.rate)),
		edit("PUT "+apiPath+"/traffic", s.putRate(&s.traffic.rate)),
		edit("POST "+apiPath+"/incidents", s.postIncident),
		edit("DELETE "+apiPath+"/incidents/{name}", s.deleteIncident),
	}
}

func (s *System) state(rate float64) State {
	st := State{Counters: s.web.counters(), Errors: s.web.fails.Load(), Rate: rate, TargetRate: s.visitors.rate.Load(), Traffic: s.traffic.state(), Incidents: s.incidents.list()}
	for _, sh := range s.ships {
		st.Dropped += sh.dropped.Load()
	}
	sick := map[string]string{"storage-router": slowDatabase, "carrier-api": failingDependency, "webapp": errorBurst}
	for _, v := range s.services {
		incident := sick[v.name]
		st.Services = append(st.Services, ServiceState{Name: v.name, Layer: v.layer, Healthy: incident == "" || !s.incidents.active(incident)})
	}
	return st
}

func (s *System) getState(w http.ResponseWriter, _ *http.Request) {
	before, at := s.visitors.made.Load(), time.Now()
	time.Sleep(eventInterval / 5)
	rate := float64(s.visitors.made.Load()-before) / time.Since(at).Seconds()
	httpx.WriteJSON(w, http.StatusOK, s.state(rate))
}

// getEvents streams the state as server-sent events until the client leaves.
func (s *System) getEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	rc := http.NewResponseController(w)
	before, at := s.visitors.made.Load(), time.Now()
	send := func(now time.Time) {
		made := s.visitors.made.Load()
		rate := float64(made-before) / max(now.Sub(at).Seconds(), 0.001)
		before, at = made, now
		b, err := json.Marshal(s.state(rate))
		if err != nil {
			panic("BUG: state cannot be encoded: " + err.Error())
		}
		if _, err := fmt.Fprintf(w, "data: %s\n\n", b); err == nil {
			_ = rc.Flush()
		}
	}
	send(time.Now())
	every(r.Context(), eventInterval, send)
}

func (s *System) postOperation(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Operation Operation `json:"operation"`
		Count     int       `json:"count"`
	}
	if err := httpx.ReadJSON(r, &in); err != nil {
		httpx.WriteError(w, err)
		return
	}
	if in.Count == 0 {
		in.Count = 1
	}
	if !slices.Contains(Operations, in.Operation) || in.Count < 0 || in.Count > MaxRate {
		httpx.WriteError(w, &httpx.Error{Status: http.StatusBadRequest, Code: "bad_operation",
			Message: fmt.Sprintf("operation %q, count %d", in.Operation, in.Count), Hint: fmt.Sprintf("operation is one of create, read, update, delete; count is 1 to %d", MaxRate)})
		return
	}
	if err := s.visitors.do(in.Operation, in.Count); err != nil {
		httpx.WriteError(w, &httpx.Error{Status: http.StatusTooManyRequests, Code: "too_many_operations", Message: err.Error(), Hint: "wait a second, or lower the rate"})
		return
	}
	httpx.WriteJSON(w, http.StatusAccepted, map[string]int{"queued": in.Count})
}

// putRate sets a rate: of the visitors' requests, or of the traffic's lines.
func (s *System) putRate(rate *atomic.Int64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			PerSecond int64 `json:"per_second"`
		}
		if err := httpx.ReadJSON(r, &in); err != nil {
			httpx.WriteError(w, err)
			return
		}
		if in.PerSecond < 0 || in.PerSecond > MaxRate {
			httpx.WriteError(w, &httpx.Error{Status: http.StatusBadRequest, Code: "bad_rate", Message: fmt.Sprintf("per_second is %d", in.PerSecond), Hint: fmt.Sprintf("0 to %d", MaxRate)})
			return
		}
		rate.Store(in.PerSecond)
		httpx.WriteJSON(w, http.StatusOK, map[string]int64{"per_second": in.PerSecond})
	}
}

func (s *System) postIncident(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Name     string `json:"name"`
		Duration int    `json:"duration_seconds"`
	}
	if err := httpx.ReadJSON(r, &in); err != nil {
		httpx.WriteError(w, err)
		return
	}
	if in.Duration == 0 {
		in.Duration = 180
	}
	if in.Duration < 0 || in.Duration > 3600 {
		httpx.WriteError(w, &httpx.Error{Status: http.StatusBadRequest, Code: "bad_duration", Message: fmt.Sprintf("duration_seconds is %d", in.Duration), Hint: "1 to 3600"})
		return
	}
	if err := s.incidents.start(in.Name, time.Duration(in.Duration)*time.Second); err != nil {
		httpx.WriteError(w, &httpx.Error{Status: http.StatusNotFound, Code: "unknown_incident", Message: err.Error(), Hint: "GET " + apiPath + " lists them"})
		return
	}
	httpx.WriteJSON(w, http.StatusOK, s.incidents.list())
}

func (s *System) deleteIncident(w http.ResponseWriter, r *http.Request) {
	s.incidents.stop(r.PathValue("name"))
	httpx.WriteJSON(w, http.StatusOK, s.incidents.list())
}
