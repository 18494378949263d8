package agent

import "syscall"

// Bounds of open files of all jobs together.
const (
	mostOpen  = 4096
	leastOpen = 16
)

// maxOpen is how many files each of n jobs may have open: half of what the process may.
func maxOpen(n int) int {
	most := mostOpen
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err == nil {
		most = min(most, int(min(limit.Cur/2, mostOpen)))
	}
	return max(most/max(n, 1), leastOpen)
}
