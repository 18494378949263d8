package loki

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// selectorQuery reads the range and the selector, which must be there.
func selectorQuery(r *http.Request) (logs.Query, error) {
	start, end, err := bounds(r)
	if err != nil {
		return logs.Query{}, err
	}
	ms, err := logql.ParseSelector(r.Form.Get("query"), false)
	return logs.Query{Start: start.UnixNano(), End: end.UnixNano() + 1, Matchers: ms}, err
}

// indexStats says how much a selector would read. Our store has no chunks: a
// stream counts as one.
func (a *API) indexStats(w http.ResponseWriter, r *http.Request) error {
	q, err := selectorQuery(r)
	if err != nil {
		return err
	}
	t := tenant.FromContext(r.Context())
	streams, err := a.reader.Series(r.Context(), t, q, 0)
	if err != nil {
		return err
	}
	n, err := a.engine.Count(r.Context(), t, q)
	if err != nil {
		return err
	}
	httpx.WriteJSON(w, http.StatusOK, map[string]uint64{
		"streams": uint64(len(streams)), "chunks": uint64(len(streams)), "entries": n.Entries, "bytes": n.Bytes,
	})
	return nil
}

const defaultVolumeLimit = 100

// volumeRequest is what volume and volume_range ask for.
type volumeRequest struct {
	logs.Query
	limit int
	by    []string // labels that make a series
	// eachLabel adds up by label name instead of by series.
	eachLabel bool
}

func (a *API) volumeRequest(r *http.Request) (volumeRequest, error) {
	var v volumeRequest
	var err error
	if v.Query, err = selectorQuery(r); err != nil {
		return v, err
	}
	if v.limit, err = positiveInt(r.Form.Get("limit"), defaultVolumeLimit); err != nil {
		return v, err
	}
	for _, name := range strings.Split(r.Form.Get("targetLabels"), ",") {
		if name = strings.TrimSpace(name); name != "" {
			v.by = append(v.by, name)
		}
	}
	switch r.Form.Get("aggregateBy") {
	case "", "series":
	case "labels":
		v.eachLabel = true
	default:
		return v, badRequest(errors.New("invalid aggregation option"))
	}
	// Streams without a wanted label do not count.
	for _, name := range v.by {
		if !slices.ContainsFunc(v.Matchers, func(m *labels.Matcher) bool { return m.Name == name }) {
			v.Matchers = append(v.Matchers, labels.MustNewMatcher(labels.MatchRegexp, name, ".+"))
		}
	}
	if len(v.by) > 0 {
		return v, nil
	}
	if v.eachLabel {
		v.by, err = a.reader.LabelNames(r.Context(), tenant.FromContext(r.Context()), v.Query)
		return v, err
	}
	for _, m := range v.Matchers {
		if !slices.Contains(v.by, m.Name) {
			v.by = append(v.by, m.Name)
		}
	}
	return v, nil
}

// volumes counts bytes by bucket and series. With eachLabel the labels of a
// series are one name with an empty value.
func (a *API) volumes(r *http.Request, v volumeRequest, g logs.Grouping) ([]volume, error) {
	bys := [][]string{v.by}
	if v.eachLabel {
		bys = nil
		for _, name := range v.by {
			bys = append(bys, []string{name})
		}
	}
	var out []volume
	for _, by := range bys {
		g.By = make([]logs.Field, len(by))
		for i, name := range by {
			g.By[i] = logs.Field{Kind: logs.Label, Name: name}
		}
		groups, err := a.engine.Volume(r.Context(), tenant.FromContext(r.Context()), v.Query, g)
		if err != nil {
			return nil, err
		}
		for _, x := range groups {
			ls := make([]model.Label, len(by))
			for i, name := range by {
				ls[i] = model.Label{Name: name, Value: x.By[i]}
			}
			vol := volume{labels: model.NewLabels(ls...), time: x.Time, bytes: x.Bytes}
			if v.eachLabel {
				if x.By[0] == "" {
					continue
				}
				vol.labels = model.Labels{{Name: by[0]}}
			}
			out = append(out, vol)
		}
	}
	out = merge(out)
	for i := range out { // Loki's index keeps whole KiB
		out[i].bytes = (out[i].bytes + 512) / 1024 * 1024
	}
	return out, nil
}

// volume is the bytes of one series in one bucket.
type volume struct {
	labels model.Labels
	time   int64
	bytes  uint64
}

// merge adds up volumes of equal series and bucket.
func merge(vs []volume) []volume {
	type key struct {
		labels string
		time   int64
	}
	index := map[key]int{}
	var out []volume
	for _, v := range vs {
		k := key{v.labels.String(), v.time}
		if i, ok := index[k]; ok {
			out[i].bytes += v.bytes
			continue
		}
		index[k] = len(out)
		out = append(out, v)
	}
	return out
}

// largest sorts by bytes, most first, and keeps the first few.
func largest(vs []volume, limit int) []volume {
	slices.SortFunc(vs, func(a, b volume) int {
		return cmp.Or(cmp.Compare(b.bytes, a.bytes), strings.Compare(a.labels.String(), b.labels.String()))
	})
	return vs[:min(len(vs), limit)]
}

func (a *API) volume(w http.ResponseWriter, r *http.Request) error {
	v, err := a.volumeRequest(r)
	if err != nil {
		return err
	}
	vols, err := a.volumes(r, v, logs.Grouping{})
	if err != nil {
		return err
	}
	vec := logql.Vector{}
	for _, x := range largest(vols, v.limit) {
		vec = append(vec, logql.Sample{Labels: x.labels, Time: (v.End - 1) / 1e6, Value: float64(x.bytes)})
	}
	writeVolumes(w, vec)
	return nil
}

// volumeRange answers with the bytes of each step. A point's time is the last
// millisecond of its step.
func (a *API) volumeRange(w http.ResponseWriter, r *http.Request) error {
	v, err := a.volumeRequest(r)
	if err != nil {
		return err
	}
	start, end, err := bounds(r)
	if err != nil {
		return err
	}
	step, err := stepOf(r, start, end)
	if err != nil {
		return err
	}
	vols, err := a.volumes(r, v, logs.Grouping{Step: int64(step), Offset: v.Start})
	if err != nil {
		return err
	}
	totals := make([]volume, len(vols))
	for i, x := range vols {
		totals[i] = volume{labels: x.labels, bytes: x.bytes}
	}
	matrix := logql.Matrix{}
	for _, series := range largest(merge(totals), v.limit) {
		s := logql.Series{Labels: series.labels}
		for _, x := range vols {
			if x.labels.String() == series.labels.String() {
				last := (x.time+int64(step))/1e6 - 1
				if whole := (v.End - 1) / 1e6; last+1 >= whole {
					last = whole
				}
				s.Points = append(s.Points, logql.Point{Time: last, Value: float64(x.bytes)})
			}
		}
		slices.SortFunc(s.Points, func(a, b logql.Point) int { return cmp.Compare(a.Time, b.Time) })
		matrix = append(matrix, s)
	}
	if len(matrix) == 0 {
		writeVolumes(w, logql.Vector{}) // as Loki does
		return nil
	}
	writeVolumes(w, matrix)
	return nil
}

func writeVolumes(w http.ResponseWriter, v logql.Value) {
	writeResult(w, logql.Result{Value: v}, false, nil)
}

// detectedLabels lists labels with how many values they have. Labels that hold
// identifiers are left out, as these are no good to filter by.
func (a *API) detectedLabels(w http.ResponseWriter, r *http.Request) error {
	q, err := indexQuery(r)
	if err != nil {
		return err
	}
	t := tenant.FromContext(r.Context())
	names, err := a.reader.LabelNames(r.Context(), t, q)
	if err != nil {
		return err
	}
	type detected struct {
		Label       string `json:"label"`
		Cardinality int    `json:"cardinality"`
	}
	var out []detected
	for _, name := range names {
		values, err := a.reader.LabelValues(r.Context(), t, q, name)
		if err != nil {
			return err
		}
		if len(values) > 0 && (alwaysDetected[name] || !identifiers(values)) {
			out = append(out, detected{name, len(values)})
		}
	}
	httpx.WriteJSON(w, http.StatusOK, struct {
		Labels []detected `json:"detectedLabels,omitempty"`
	}{out})
	return nil
}

// alwaysDetected are labels that are listed whatever their values.
var alwaysDetected = map[string]bool{"cluster": true, "namespace": true, "instance": true, "pod": true}

// identifiers says whether all values are numbers or UUIDs; 0 and 1 are truth
// values.
func identifiers(values []string) bool {
	truth := len(values) <= 2
	for _, v := range values {
		if !isIdentifier(v) {
			return false
		}
		truth = truth && (v == "0" || v == "1")
	}
	return !truth
}

// isIdentifier says whether the text is a number or a UUID.
func isIdentifier(s string) bool {
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return true
	}
	if len(s) != 36 {
		return false
	}
	for i, c := range s {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", c) {
			return false
		}
	}
	return true
}
