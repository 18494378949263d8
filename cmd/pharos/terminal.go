package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// Colours of a terminal's own palette, so that its theme holds.
const (
	dim    = "\x1b[2m"
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	reset  = "\x1b[0m"
)

// useColor says whether out is to be coloured; auto: a terminal that does not forbid it.
func useColor(when string, out io.Writer) bool {
	if when != "auto" {
		return when == "always"
	}
	f, ok := out.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == ""
}

// formatLine shows a line with its time and, dimmed, its stream. What would steer the
// terminal is shown, not obeyed.
func formatLine(at time.Time, labels map[string]string, line string, color bool) string {
	when, stream, text := at.Local().Format("2006-01-02 15:04:05.000"), series(labels), printable(line)
	if !color {
		return fmt.Sprintf("%s %s %s\n", when, printable(stream), text)
	}
	paint := ""
	switch strings.ToLower(labels["detected_level"] + labels["level"]) {
	case "error", "errorerror", "critical", "fatal", "criticalcritical", "fatalfatal":
		paint = red
	case "warn", "warnwarn", "warning", "warnwarning":
		paint = yellow
	}
	return fmt.Sprintf("%s%s %s%s %s%s%s\n", dim, when, printable(stream), reset, paint, text, reset)
}

// printable replaces control characters but the tab by their escapes.
func printable(s string) string {
	clean := func(r rune) bool { return r >= 0x20 && r != 0x7f && (r < 0x80 || r > 0x9f) || r == '\t' }
	if strings.IndexFunc(s, func(r rune) bool { return !clean(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if clean(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\x%02x`, r)
		}
	}
	return b.String()
}
