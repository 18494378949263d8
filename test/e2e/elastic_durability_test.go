package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// TestElasticBulkOutlivesKills kills the process hard under clients that send each
// batch again until it is acknowledged: every document is there once, although some
// batches were stored before their answer was lost.
func TestElasticBulkOutlivesKills(t *testing.T) {
	t.Parallel()
	kills := testkit.Times(1, 3, 50)
	s, _ := startElastic(t, "", "--auth=off")
	const clients, batchDocs = 3, 20
	stop := make(chan struct{})
	var wg sync.WaitGroup
	var sent [clients]int
	for c := range clients {
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				var body strings.Builder
				for i := range batchDocs {
					fmt.Fprintf(&body, "{\"create\":{\"_index\":\"torture\"}}\n{\"@timestamp\":%q,\"doc\":\"%d %d %d\"}\n", time.Now().UTC().Format(time.RFC3339Nano), c, n, i)
				}
				for {
					status, answer := s.Do(http.MethodPost, "/elastic/_bulk", []byte(body.String()), "Content-Type: application/x-ndjson")
					if status == http.StatusOK && strings.Contains(answer, `"errors":false`) {
						break
					}
					time.Sleep(20 * time.Millisecond)
				}
				sent[c] = n + 1
			}
		})
	}
	for range kills {
		time.Sleep(700 * time.Millisecond)
		s.Kill()
		s.Run()
	}
	time.Sleep(300 * time.Millisecond)
	close(stop)
	wg.Wait()
	total := 0
	for _, n := range sent {
		require.Positive(t, n)
		total += n * batchDocs
	}
	found := allLines(t, s, `{index="torture"}`)
	for doc, n := range found {
		require.Equal(t, 1, n, doc)
	}
	require.Len(t, found, total)
}
