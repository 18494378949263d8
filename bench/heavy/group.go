package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// group is a control group that bounds memory: the kernel kills what goes beyond.
type group struct{ dir string }

// newGroup makes one, nil where that is not allowed.
func newGroup(bytes int64) *group {
	for _, g := range []struct{ root, limit string }{
		{"/sys/fs/cgroup", "memory.max"},                   // version 2
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes"}, // version 1
	} {
		dir := filepath.Join(g.root, fmt.Sprint("pharos-heavy-", os.Getpid()))
		if os.Mkdir(dir, 0o755) != nil {
			continue
		}
		out := &group{dir}
		if os.WriteFile(filepath.Join(dir, g.limit), fmt.Append(nil, bytes), 0) == nil {
			return out
		}
		out.remove()
	}
	return nil
}

// procs is the file that takes processes in.
func (g *group) procs() string { return filepath.Join(g.dir, "cgroup.procs") }

func (g *group) remove() {
	if g != nil {
		_ = os.Remove(g.dir)
	}
}
