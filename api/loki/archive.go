package loki

import (
	"context"
	"fmt"

	"github.com/pharosd/pharos/logs"
)

// archiveWarnings says in Loki's own field, which Grafana shows, how an answer stands
// to the archive.
func archiveWarnings(ctx context.Context) []string {
	var out []string
	used, available := logs.ArchiveUseFrom(ctx).Hours()
	if used > 0 {
		out = append(out, fmt.Sprintf("The answer includes %d archived hours.", used))
	}
	if available > 0 {
		out = append(out, fmt.Sprintf("The range reaches into %d archived hours that the answer lacks; add archive=1 to include them, or restore them.", available))
	}
	return out
}
