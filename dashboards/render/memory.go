package render

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
)

// resident adds up the memory of a process and those below it in bytes, from /proc; 0
// where there is none. What processes share counts once for each.
func resident(root int) int64 {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0
	}
	type process struct {
		parent int
		pages  int64
	}
	all := map[int]process{}
	for _, name := range stats {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		// The name, in brackets, may hold anything; the fields follow.
		fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
		if len(fields) < 22 {
			continue
		}
		parent, _ := strconv.Atoi(string(fields[1]))
		pages, _ := strconv.ParseInt(string(fields[21]), 10, 64)
		all[pid] = process{parent, pages}
	}
	var sum int64
	for pid := range all {
		for at, steps := pid, 0; at > 1 && steps < 16; at, steps = all[at].parent, steps+1 {
			if at == root {
				sum += all[pid].pages
				break
			}
		}
	}
	return sum * int64(os.Getpagesize())
}
