// Package dashproof shows dashboards with data in a real browser and says what each
// panel shows: the proof behind what `pharos dashboards check` claims.
package dashproof

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/test/dashfeed"
)

// Panel is what one panel shows: data, empty (an honest "no data"), error, unsupported
// (named, with what to use instead), loading (it never ended) or blank (nothing at all).
type Panel struct {
	ID       int    `json:"id"`
	Title    string `json:"title"`
	State    string `json:"state"`
	Message  string `json:"message"`
	Warnings string `json:"warnings"`
}

// Good reports whether a panel renders: with data or an honest "no data".
func (p Panel) Good() bool { return p.State == "data" || p.State == "empty" }

// Shown is what the browser saw of one dashboard.
type Shown struct {
	File    string
	UID     string   `json:"uid"`
	Seconds float64  `json:"seconds"`
	Errors  []string `json:"errors"`
	Panels  []Panel  `json:"panels"`
	Pushed  dashfeed.Pushed
}

// Show imports dashboards, each into a tenant of its own, feeds them and opens them in
// a browser. s runs with --auth=off.
func Show(t testing.TB, s *testkit.Server, files []string) []Shown {
	t.Helper()
	type asked struct {
		UID    string `json:"uid"`
		Tenant string `json:"tenant"`
	}
	request := struct {
		URL        string  `json:"url"`
		Dashboards []asked `json:"dashboards"`
	}{URL: s.URL, Dashboards: []asked{}}
	shown := []Shown{}
	var feeds []func(context.Context) error
	begin := time.Now()
	for i, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		doc, err := dashboards.Parse(source)
		require.NoError(t, err, file)
		tenant := fmt.Sprintf("proof-%d", i)
		uid := importDashboard(t, s, tenant, source)
		feed := dashfeed.New(doc)
		to := dashfeed.Target{URL: s.URL, Tenant: tenant}
		pushed, err := feed.Push(t.Context(), to, begin.Add(-40*time.Minute), begin, 30*time.Second)
		require.NoError(t, err, file)
		feeds = append(feeds, func(ctx context.Context) error {
			_, err := feed.Push(ctx, to, time.Now().Truncate(time.Second), time.Now(), time.Minute)
			return err
		})
		request.Dashboards = append(request.Dashboards, asked{uid, tenant})
		shown = append(shown, Shown{File: filepath.Base(file), Pushed: pushed})
	}
	t.Logf("fed %d dashboards in %s", len(files), time.Since(begin).Round(time.Second))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- keepFeeding(ctx, feeds) }()
	seen := browse(t, request)
	cancel()
	require.NoError(t, <-done)
	require.Len(t, seen, len(shown))
	for i := range seen {
		seen[i].File, seen[i].Pushed = shown[i].File, shown[i].Pushed
	}
	return seen
}

// keepFeeding sends the newest samples until ctx is done: what is shown at "now" must
// not run dry while the browser works.
func keepFeeding(ctx context.Context, feeds []func(context.Context) error) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(45 * time.Second):
		}
		for _, push := range feeds {
			if err := push(ctx); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

func importDashboard(t testing.TB, s *testkit.Server, tenant string, source []byte) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"dashboard": json.RawMessage(source), "overwrite": true})
	require.NoError(t, err)
	status, answer := s.Do(http.MethodPost, "/api/pharos/v1/dashboards", body, "Content-Type: application/json", "X-Scope-OrgID: "+tenant)
	require.Equal(t, http.StatusCreated, status, answer)
	var made struct {
		UID string `json:"uid"`
	}
	require.NoError(t, json.Unmarshal([]byte(answer), &made))
	return made.UID
}

// browse runs ui/e2e/proof.mjs.
func browse(t testing.TB, request any) []Shown {
	t.Helper()
	in, err := json.Marshal(request)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join("e2e", "proof.mjs"))
	cmd.Dir = uiFolder(t)
	var out, problems bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &problems
	require.NoError(t, cmd.Run(), problems.String())
	var seen []Shown
	require.NoError(t, json.Unmarshal(out.Bytes(), &seen), problems.String())
	return seen
}

func uiFolder(t testing.TB) string {
	t.Helper()
	for _, dir := range []string{"ui", filepath.Join("..", "..", "ui")} {
		if _, err := os.Stat(filepath.Join(dir, "e2e", "proof.mjs")); err == nil {
			return dir
		}
	}
	t.Fatal("ui/e2e/proof.mjs is not there")
	return ""
}

// Table prints what was seen, and counts panels that render.
func Table(seen []Shown) (text string, good, all int) {
	var b strings.Builder
	fmt.Fprintf(&b, "%-46s %6s %5s %5s %5s %5s %5s %7s %6s\n", "dashboard", "panels", "data", "empty", "error", "unsup", "other", "series", "s")
	for _, one := range seen {
		n := map[string]int{}
		for _, p := range one.Panels {
			n[p.State]++
			all++
			if p.Good() {
				good++
			}
		}
		fmt.Fprintf(&b, "%-46s %6d %5d %5d %5d %5d %5d %7d %6.1f\n", one.File, len(one.Panels), n["data"], n["empty"], n["error"], n["unsupported"],
			n["loading"]+n["blank"], one.Pushed.Series, one.Seconds)
	}
	for _, one := range seen {
		for _, e := range one.Errors {
			fmt.Fprintf(&b, "%s: page: %s\n", one.File, e)
		}
		for _, p := range one.Panels {
			if !p.Good() {
				fmt.Fprintf(&b, "%s: panel %d %q: %s: %s\n", one.File, p.ID, p.Title, p.State, p.Message)
			}
		}
	}
	return b.String(), good, all
}
