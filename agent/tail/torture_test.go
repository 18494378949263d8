package tail

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/pipeline"
)

// TestTortureEachLineOnce rotates files in every way while lines are written and the
// agent is killed at random moments: each line is kept exactly once.
func TestTortureEachLineOnce(t *testing.T) {
	rounds := testkit.Times(60, 60, 600)
	for _, held := range []bool{false, true} {
		t.Run(fmt.Sprintf("held lines %v", held), func(t *testing.T) {
			r := newRig(t, "*.log")
			if held {
				r.chain = func() *pipeline.Chain { return pipeline.NewChain([]pipeline.Step{{Stage: &join{}}}, nil) }
			}
			var want []string
			n, first := 0, "" // first is the first line of outside.log
			write := func(name string) {
				for range rand.IntN(40) {
					n++
					line := fmt.Sprintf("line %d of %s %0*d", n, name, rand.IntN(60), n)
					want = append(want, line)
					if name == "outside" && first == "" {
						first = line
					}
					r.write(name+".log", line+"\n")
				}
			}
			for round := range rounds {
				if r.stop == nil {
					r.start()
				}
				for _, name := range []string{"rename", "outside", "copy"} {
					write(name)
					if rand.IntN(3) > 0 {
						time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
					}
					if _, err := os.Stat(r.path(name + ".log")); err != nil || rand.IntN(3) > 0 {
						continue
					}
					switch name {
					case "rename": // into a name that the glob finds too
						require.NoError(t, os.Rename(r.path("rename.log"), r.path(fmt.Sprintf("rename-%d.log", round))))
					case "outside": // nobody can find one there that was never seen before
						if first == "" || !slices.Contains(r.q.texts(), first) {
							continue
						}
						first = ""
						require.NoError(t, os.Rename(r.path("outside.log"), r.path(fmt.Sprintf("outside.%d", round))))
					case "copy":
						text, err := os.ReadFile(r.path("copy.log"))
						require.NoError(t, err)
						require.NoError(t, os.WriteFile(r.path(fmt.Sprintf("copy-%d.log", round)), text, 0o644))
						require.NoError(t, os.Truncate(r.path("copy.log"), 0))
					}
				}
				if rand.IntN(4) == 0 {
					r.kill()
				}
			}
			if held { // a last line for each file that is still held
				for _, name := range []string{"rename", "outside", "copy"} {
					r.write(name+".log", "last of "+name+"\n")
				}
			}
			if r.stop == nil {
				r.start()
			}
			quiet := 0 // until nothing comes any more
			for before := -1; quiet < 10; time.Sleep(50 * time.Millisecond) {
				quiet++
				if n := len(r.q.texts()); n != before {
					before, quiet = n, 0
				}
			}
			seen := map[string]int{}
			for _, line := range r.q.texts() {
				seen[line]++
				require.Equal(t, 1, seen[line], "line %q is kept more than once", line)
			}
			if !held {
				for _, line := range want {
					require.Equal(t, 1, seen[line], "line %q", line)
				}
			}
		})
	}
}
