package agent

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// releaseExecutable tells the kernel that the pages of the executable that were used so
// far need not stay mapped: most were used once, when the process started, by libraries
// that the agent shares a binary with. They are the file's own, unchanged pages; what
// is used again is mapped again from the page cache.
func releaseExecutable() error {
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return fmt.Errorf("find executable: %w", err)
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return fmt.Errorf("find executable: %w", err)
	}
	defer maps.Close()
	lines := bufio.NewScanner(maps)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 6 || fields[5] != self || fields[1] != "r-xp" && fields[1] != "r--p" {
			continue // what can be written has changed and is nowhere else
		}
		var from, to uintptr
		if _, err := fmt.Sscanf(fields[0], "%x-%x", &from, &to); err != nil {
			continue
		}
		// Without the first, one page that is used again brings two megabytes back.
		for _, advice := range []uintptr{unix.MADV_NOHUGEPAGE, unix.MADV_DONTNEED} {
			if _, _, errno := unix.Syscall(unix.SYS_MADVISE, from, to-from, advice); errno != 0 && advice == unix.MADV_DONTNEED {
				return fmt.Errorf("release executable: %w", errno)
			}
		}
	}
	return lines.Err()
}
