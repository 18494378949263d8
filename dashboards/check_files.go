package dashboards

// CheckedFile is the report on one file; Error is set when it is no dashboard.
type CheckedFile struct {
	File  string `json:"file"`
	Error string `json:"error,omitempty"`
	*Report
}

// CheckedTotals sum reports up.
type CheckedTotals struct {
	// Panels counts the panels of all files, Rendered those that render.
	Panels   int     `json:"panels"`
	Rendered int     `json:"rendered"`
	Percent  float64 `json:"percent"`
	// Complete counts files of which everything renders.
	Complete int `json:"complete"`
}

// CheckedFiles is the report on several files.
type CheckedFiles struct {
	Files []CheckedFile `json:"files"`
	CheckedTotals
}

// CheckFile checks a dashboard under a name; what is no dashboard has an error instead of
// a report.
func (c *Checker) CheckFile(name string, source []byte) CheckedFile {
	report, err := c.Check(source)
	if err != nil {
		return CheckedFile{File: name, Error: err.Error()}
	}
	return CheckedFile{File: name, Report: report}
}

// Add adds a file's report.
func (a *CheckedFiles) Add(f CheckedFile) {
	a.Files = append(a.Files, f)
	if f.Report == nil {
		return
	}
	a.Panels += f.Report.Panels
	a.Rendered += f.Report.Rendered
	if f.Report.Complete() {
		a.Complete++
	}
	if a.Panels > 0 {
		a.Percent = 100 * float64(a.Rendered) / float64(a.Panels)
	}
}
