package ingest

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/pharosd/pharos/model"
)

// truncatedLabel is the metadata of an entry whose line was cut: the line's size in
// bytes as it was sent.
const truncatedLabel = "truncated_from"

// truncate cuts a line that is too long, if the limits say so, and returns the size
// that it had; 0 if it was left as it is.
func truncate(l *Limits, e *model.LogEntry) int {
	if !l.MaxLineSizeTruncate || !over(len(e.Line), l.MaxLineSize) {
		return 0
	}
	size := len(e.Line)
	end := max(0, l.MaxLineSize-len(l.MaxLineSizeTruncateIdentifier))
	for back := 0; back < utf8.UTFMax && end > 0 && !utf8.RuneStart(e.Line[end]); back++ {
		end-- // not within a character
	}
	e.Line = e.Line[:end] + l.MaxLineSizeTruncateIdentifier
	return size
}

// markTruncated says in the metadata that the line was cut.
func markTruncated(e *model.LogEntry, size int) {
	ls := slices.DeleteFunc(slices.Clone(e.Metadata), func(l model.Label) bool { return l.Name == truncatedLabel })
	e.Metadata = insertLabel(ls, model.Label{Name: truncatedLabel, Value: strconv.Itoa(size)})
}
