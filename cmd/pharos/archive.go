package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/prometheus/common/model"
	"github.com/thanos-io/objstore"

	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/logs/archive"
	"github.com/pharosd/pharos/storage/objects"
	"github.com/pharosd/pharos/tenant"
)

type archiveCmd struct {
	List    archiveListCmd    `cmd:"" help:"List archived hours of the configured storage."`
	Verify  archiveVerifyCmd  `cmd:"" help:"Download archived hours and check every checksum and row count."`
	RunOnce archiveRunCmd     `cmd:"" help:"Make the running server archive what is due, now."`
	Restore archiveRestoreCmd `cmd:"" help:"Make the running server bring archived hours back to its disk."`
}

// archiveRange selects hours of the configured storage.
type archiveRange struct {
	Config string `help:"pharos.yml, which names the storage." placeholder:"FILE" type:"path" required:""`
	Tenant string `help:"The tenant (default: all)." placeholder:"NAME"`
	From   string `help:"First time: 2026-11-01, 2026-11-01T13:00:00Z, or an age such as 3d." placeholder:"TIME"`
	To     string `help:"Time to end before." placeholder:"TIME"`
}

// eachHour calls fn for each hour, oldest first.
func (r archiveRange) eachHour(ctx context.Context, fn func(b objstore.Bucket, t tenant.ID, h archive.Hour) error) error {
	cfg, err := config.Load(r.Config, os.LookupEnv)
	if err != nil {
		return err
	}
	if !cfg.Archive.Storage.Enabled() {
		return &config.StartError{Err: fmt.Errorf("%s has no archive.storage", r.Config)}
	}
	from, to, err := parseRange(r.From, r.To, time.Now())
	if err != nil {
		return err
	}
	b, err := objects.Open(cfg.Archive.Storage)
	if err != nil {
		return err
	}
	defer b.Close()
	c := archive.NewCatalog(b)
	if err := c.Refresh(ctx); err != nil {
		return err
	}
	for _, t := range c.Tenants() {
		if r.Tenant != "" && string(t) != r.Tenant {
			continue
		}
		for _, h := range c.Hours(t, from.UnixNano(), to.UnixNano()) {
			if err := fn(b, t, h); err != nil {
				return err
			}
		}
	}
	return nil
}

// parseRange reads two times; without them it is everything.
func parseRange(from, to string, now time.Time) (start, end time.Time, err error) {
	start, end = time.Unix(0, 0), now.Add(48*time.Hour)
	if from != "" {
		if start, err = parseTime(from, now); err != nil {
			return start, end, err
		}
	}
	if to != "" {
		if end, err = parseTime(to, now); err != nil {
			return start, end, err
		}
	}
	if !start.Before(end) {
		return start, end, &config.StartError{Err: errors.New("--from is not before --to")}
	}
	return start, end, nil
}

func parseTime(s string, now time.Time) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at, nil
		}
	}
	if age, err := model.ParseDuration(s); err == nil {
		return now.Add(-time.Duration(age)), nil
	}
	return time.Time{}, &config.StartError{Err: fmt.Errorf("%q is no time: write 2026-11-01, 2026-11-01T13:00:00Z, or an age such as 3d", s)}
}

type archiveListCmd struct{ archiveRange }

func (c *archiveListCmd) Run() error { return c.run(context.Background(), os.Stdout) }

func (c *archiveListCmd) run(ctx context.Context, out io.Writer) error {
	return c.eachHour(ctx, func(b objstore.Bucket, t tenant.ID, h archive.Hour) error {
		m, err := archive.ReadManifest(ctx, b, t, h)
		if err != nil || m == nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%-16s %s %12d entries %10s %3d parts\n", t, h, m.Rows, humanize.IBytes(uint64(m.Bytes)), len(m.Parts)) //nolint:gosec // a length
		return err
	})
}

type archiveVerifyCmd struct{ archiveRange }

func (c *archiveVerifyCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return c.run(ctx, os.Stdout)
}

// run goes on after damage and fails at the end.
func (c *archiveVerifyCmd) run(ctx context.Context, out io.Writer) error {
	hours, damaged := 0, 0
	err := c.eachHour(ctx, func(b objstore.Bucket, t tenant.ID, h archive.Hour) error {
		m, err := archive.Verify(ctx, b, "", t, h)
		hours++
		switch {
		case errors.Is(err, archive.ErrDamaged):
			damaged++
			_, err = fmt.Fprintf(out, "%-16s %s DAMAGED %s\n", t, h, err)
		case err == nil:
			_, err = fmt.Fprintf(out, "%-16s %s good, %d entries\n", t, h, m.Rows)
		}
		return err
	})
	if err == nil && damaged > 0 {
		err = fmt.Errorf("%d of %d hours are damaged", damaged, hours)
	}
	return err
}

// serverFlags say how to reach the running server.
type serverFlags struct {
	Config string `help:"pharos.yml of the running server." placeholder:"FILE" type:"path" required:""`
	Server string `help:"Address of the server (default: what pharos.yml says)." placeholder:"URL"`
	Token  string `help:"Token of an administrator; its tenant is the one that is meant." env:"PHAROS_TOKEN" placeholder:"TOKEN"`
}

// call asks the server's own API.
func (f serverFlags) call(ctx context.Context, method, path string, body, answer any) error {
	server := f.Server
	if server == "" {
		cfg, err := config.Load(f.Config, os.LookupEnv)
		if err != nil {
			return err
		}
		server = cfg.BaseURL()
	}
	var b bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&b).Encode(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(server, "/")+"/api/pharos/v1/archive"+path, &b)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if f.Token != "" {
		req.Header.Set("Authorization", "Bearer "+f.Token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("the server answers %s: %s", resp.Status, strings.TrimSpace(string(text)))
	}
	return json.Unmarshal(text, answer)
}

type archiveRunCmd struct{ serverFlags }

func (c *archiveRunCmd) Run() error {
	var answer struct{ Status string }
	if err := c.call(context.Background(), http.MethodPost, "/run", nil, &answer); err != nil {
		return err
	}
	fmt.Println("archived everything that is due")
	return nil
}

type archiveRestoreCmd struct {
	serverFlags
	From    string `help:"First time: 2026-11-01, 2026-11-01T13:00:00Z, or an age such as 3d." placeholder:"TIME" required:""`
	To      string `help:"Time to end before." placeholder:"TIME" required:""`
	Keep    string `help:"How long the hours stay on the server's disk." default:"7d"`
	Comment string `help:"Shown beside the job."`
	NoWait  bool   `help:"Do not wait until the hours are there."`
}

func (c *archiveRestoreCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return c.run(ctx, os.Stdout)
}

func (c *archiveRestoreCmd) run(ctx context.Context, out io.Writer) error {
	from, to, err := parseRange(c.From, c.To, time.Now())
	if err != nil {
		return err
	}
	keep, err := model.ParseDuration(c.Keep)
	if err != nil {
		return &config.StartError{Err: fmt.Errorf("--keep: %w", err)}
	}
	body := map[string]string{
		"from": from.UTC().Format(time.RFC3339), "to": to.UTC().Format(time.RFC3339),
		"keep": time.Duration(keep).String(), "comment": c.Comment,
	}
	var job archive.Job
	if err := c.call(ctx, http.MethodPost, "/restore", body, &job); err != nil {
		return err
	}
	fmt.Fprintf(out, "job %s: %d hours, %d entries, %s, kept until %s\n", job.ID, job.Hours, job.Entries, humanize.IBytes(uint64(job.Bytes)), job.Until.Format(time.RFC3339)) //nolint:gosec // a length
	if c.NoWait {
		return nil
	}
	return c.follow(ctx, out, job)
}

// follow prints a job's progress until it is done. The job goes on without it.
func (c *archiveRestoreCmd) follow(ctx context.Context, out io.Writer, job archive.Job) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for last := -1; ; {
		var answer struct{ Jobs []archive.Job }
		if err := c.call(ctx, http.MethodGet, "/restore", nil, &answer); err != nil {
			return err
		}
		for _, j := range answer.Jobs {
			if j.ID == job.ID {
				job = j
			}
		}
		if job.Done != last {
			last = job.Done
			fmt.Fprintf(out, "%s: %d of %d hours\n", job.State, job.Done, job.Hours)
		}
		switch job.State {
		case archive.JobDone:
			return nil
		case archive.JobFailed:
			return errors.New(job.Error)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
