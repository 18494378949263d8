package rowstore

import (
	"context"
	"log/slog"
	"strings"
)

// engineLog takes the engine's log lines ("level\tfile:line\tmessage\n", one
// Write each) and hands them on. The engine's informational lines are of interest
// to its developers only and become debug lines.
type engineLog struct{ log *slog.Logger }

func (l *engineLog) Write(p []byte) (int, error) {
	line := strings.TrimSuffix(string(p), "\n")
	level, rest, _ := strings.Cut(line, "\t")
	caller, msg, _ := strings.Cut(rest, "\t")
	l.log.Log(context.Background(), engineLevel(level), "row engine", "detail", msg, "caller", caller)
	if level == "panic" {
		surviveFullDisk(msg)
	}
	return len(p), nil
}

func engineLevel(s string) slog.Level {
	switch s {
	case "info":
		return slog.LevelDebug
	case "warn":
		return slog.LevelWarn
	default:
		return slog.LevelError
	}
}
