package logstash

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pharosd/pharos/pipeline/logstash"
)

// spec is one pipeline as pharos.yml or a pipelines.yml names it.
type spec struct {
	logstash.Spec
	from     string // the entry that names it
	warnings logstash.Problems
}

// logstashBatch is the size of a batch in Logstash, which a pipelines.yml has when it
// says nothing. Ours are larger, since each waits for the disk.
const logstashBatch = 125

// find resolves the entries of `pipelines:`. Each is a file, a pattern whose files are one
// pipeline as in Logstash's path.config, or a pipelines.yml. Ids that come twice get a
// number.
func find(entries []string, lookup func(string) (string, bool)) ([]spec, error) {
	var out []spec
	var errs []error
	for _, entry := range entries {
		if ext := filepath.Ext(entry); ext == ".yml" || ext == ".yaml" {
			more, warnings, err := logstash.ReadPipelinesFile(entry, lookup)
			errs = append(errs, err)
			for _, s := range more {
				if s.BatchSize == logstashBatch {
					s.BatchSize = 0
				}
				out = append(out, spec{s, entry, warnings})
				warnings = nil
			}
			continue
		}
		out = append(out, spec{Spec: logstash.Spec{ID: idOfEntry(entry), Path: entry}, from: entry})
	}
	seen := map[string]bool{}
	for i := range out {
		id := out[i].ID
		for n := 2; seen[out[i].ID]; n++ {
			out[i].ID = id + "-" + strconv.Itoa(n)
		}
		seen[out[i].ID] = true
	}
	return out, errors.Join(errs...)
}

// idOfEntry is the file's name, or that of its folder for a pattern.
func idOfEntry(entry string) string {
	name := filepath.Base(entry)
	if strings.ContainsAny(name, "*?[{") {
		name = filepath.Base(filepath.Dir(entry))
	}
	name = strings.TrimSuffix(name, filepath.Ext(name))
	if name == "" || name == "." || name == string(filepath.Separator) {
		return "main"
	}
	return name
}

// text reads the pipeline's files.
func (sp *spec) text() ([]logstash.Source, error) {
	sources, err := sp.Sources()
	if err != nil && sp.Pos.Line > 0 {
		return nil, fmt.Errorf("%s: %w", sp.Pos, err)
	}
	return sources, err
}
