package reports

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// What a replica, which is this test's program started again, works with.
const (
	replicaDir    = "PHAROS_TEST_REPLICA_DIR"    // of the metastore
	replicaPost   = "PHAROS_TEST_REPLICA_POST"   // address of the mail server
	replicaNow    = "PHAROS_TEST_REPLICA_NOW"    // clock at its start, in Unix milliseconds
	replicaRounds = "PHAROS_TEST_REPLICA_ROUNDS" // how often it looks
	replicaDies   = "PHAROS_TEST_REPLICA_DIES"   // it is killed while it renders
)

// replica is a process of its own with its own connection to the metastore.
func replica() error {
	log := slog.New(slog.DiscardHandler)
	ctx := context.Background()
	db, err := metastore.Open(ctx, os.Getenv(replicaDir), log)
	if err != nil {
		return err
	}
	defer db.Close()
	p, err := dashboards.NewProvisioner(dashboards.DefaultConfig(), log, os.LookupEnv)
	if err != nil {
		return err
	}
	start, err := strconv.ParseInt(os.Getenv(replicaNow), 10, 64)
	if err != nil {
		return err
	}
	rounds, err := strconv.Atoi(os.Getenv(replicaRounds))
	if err != nil {
		return err
	}
	begin := time.Now()
	s := New(Deps{
		Library: dashboards.NewLibrary(p, db), BaseURL: "https://pharos.example.org", Log: log,
		Now:   func() time.Time { return time.UnixMilli(start).Add(time.Since(begin)).UTC() },
		Owner: func(context.Context, tenant.ID, string) (dashboards.Actor, error) { return ann, nil },
		Render: func(context.Context, tenant.ID, dashboards.Actor, dashboards.MailedReport) ([]byte, error) {
			if os.Getenv(replicaDies) != "" {
				os.Exit(9)
			}
			time.Sleep(20 * time.Millisecond)
			return []byte("a,b\n"), nil
		},
		Mail: func(tenant.ID) (Mail, error) {
			return Mail{Smarthost: os.Getenv(replicaPost), From: "pharos@example.org"}, nil
		},
	}, prometheus.NewRegistry())
	for range rounds {
		if err := s.round(ctx); err != nil {
			return err
		}
	}
	return nil
}

// startReplica starts a process that looks for what is due at now.
func (o *office) startReplica(dir string, now time.Time, rounds int, env ...string) *exec.Cmd {
	o.t.Helper()
	program, err := os.Executable()
	require.NoError(o.t, err)
	c := exec.Command(program, "-test.run=^$")
	c.Env = append(os.Environ(), append(env, replicaDir+"="+dir, replicaPost+"="+o.box.address,
		fmt.Sprintf("%s=%d", replicaNow, now.UnixMilli()), fmt.Sprintf("%s=%d", replicaRounds, rounds))...)
	c.Stderr = &bytes.Buffer{}
	require.NoError(o.t, c.Start())
	return c
}

func TestReplicasSendAReportOnce(t *testing.T) {
	dir := t.TempDir()
	o := openOfficeAt(t, dir)
	due := time.Time{}
	for i := range 10 {
		r := o.put(dashboards.MailedReport{Format: "csv", Schedule: "0 * * * *", Variables: map[string][]string{"n": {strconv.Itoa(i)}}})
		due = r.NextRun
	}
	replicas := []*exec.Cmd{}
	for range 3 {
		replicas = append(replicas, o.startReplica(dir, due.Add(time.Second), 20))
	}
	for _, c := range replicas {
		require.NoError(t, c.Wait(), c.Stderr)
	}
	require.Equal(t, 10, o.box.count(), "each report once, whoever sends it")
	sent := map[string]int{}
	all, err := o.library.Reports(t.Context(), "a", ann)
	require.NoError(t, err)
	for _, r := range all {
		require.Equal(t, "ok", r.LastState)
		runs, err := o.library.ReportRuns(t.Context(), "a", ann, r.ID)
		require.NoError(t, err)
		sent[r.ID] = len(runs)
		require.Len(t, runs, 1, "one attempt of one process")
	}
	require.Len(t, sent, 10)
}

func TestAReplicaTakesUpWhatADeadOneClaimed(t *testing.T) {
	dir := t.TempDir()
	o := openOfficeAt(t, dir)
	r := o.put(dashboards.MailedReport{Format: "csv", Schedule: "0 * * * *"})
	dead := o.startReplica(dir, r.NextRun, 1, replicaDies+"=1")
	var exit *exec.ExitError
	require.ErrorAs(t, dead.Wait(), &exit)
	require.Equal(t, 9, exit.ExitCode(), dead.Stderr)
	require.Zero(t, o.box.count())

	early := o.startReplica(dir, r.NextRun.Add(claimFor-10*time.Second), 1)
	require.NoError(t, early.Wait(), early.Stderr)
	require.Zero(t, o.box.count(), "the claim holds")
	o.now = r.NextRun.Add(claimFor - time.Second)
	require.ErrorIs(t, o.service.Send(t.Context(), "a", r.ID, "ann"), ErrBusy)

	late := o.startReplica(dir, r.NextRun.Add(claimFor+time.Second), 1)
	require.NoError(t, late.Wait(), late.Stderr)
	require.Equal(t, 1, o.box.count())
	require.Equal(t, "ok", o.state(r.ID).LastState)
	require.NoError(t, o.service.Send(t.Context(), "a", r.ID, "ann"), "its claim has ended")
	require.Equal(t, 2, o.box.count())
	_, err := o.library.ReportRuns(t.Context(), "b", ann, r.ID)
	require.True(t, errors.Is(err, dashboards.ErrMissing))
}
