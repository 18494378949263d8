package agent

import (
	"fmt"
	"maps"

	"github.com/pharosd/pharos/agent/source"
)

// Status is what pages show of one target.
type Status = source.Status

// targets are all targets of a job, those too that are not read.
func (j *job) targets() []Status {
	if j.source != nil {
		return j.source.Status()
	}
	files := map[string]map[string]string{} // by target
	for _, f := range j.tailer.Files() {
		of := files[f.Target]
		if of == nil {
			of = map[string]string{}
			files[f.Target] = of
		}
		where := fmt.Sprintf("%d of %d", f.Offset, f.Size)
		if !f.Current {
			where += ", rotated"
		}
		of[f.Path] = where
	}
	j.mu.Lock()
	found := append(append([]Found(nil), j.static...), j.discovered...)
	j.mu.Unlock()
	out := make([]Status, 0, len(found))
	for _, f := range found {
		s := Status{Type: "File", Labels: f.Labels, Discovered: f.Discovered, Dropped: f.Dropped}
		if f.Dropped == "" {
			s.Details = map[string]string{"path": f.Path}
			if f.Exclude != "" {
				s.Details["path_exclude"] = f.Exclude
			}
			maps.Copy(s.Details, files[absolute(f.Path)])
			s.Ready = len(files[absolute(f.Path)]) > 0
		}
		out = append(out, s)
	}
	return out
}
