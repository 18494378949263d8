package archive

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/pharosd/pharos/tenant"
)

// States of a job.
const (
	JobQueued  = "queued"
	JobRunning = "running"
	JobDone    = "done"
	JobFailed  = "failed"
)

// Job is the restoring of a range.
type Job struct {
	ID     string    `json:"id"`
	Tenant tenant.ID `json:"tenant"`
	// From and To are whole hours.
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Until is when the restored hours go again.
	Until   time.Time `json:"until"`
	Comment string    `json:"comment,omitempty"`
	State   string    `json:"state"`
	// Hours, Entries and Bytes are what the range has, Done and DoneBytes what is here.
	Hours     int       `json:"hours"`
	Entries   int64     `json:"entries"`
	Bytes     int64     `json:"bytes"`
	Done      int       `json:"hours_done"`
	DoneBytes int64     `json:"bytes_done"`
	Error     string    `json:"error,omitempty"`
	Created   time.Time `json:"created"`
	Finished  time.Time `json:"finished,omitzero"`
}

// Errors of Jobs.Start; test with errors.Is.
var (
	ErrTooManyJobs = errors.New("too many ranges are being restored")
	ErrNothing     = errors.New("the archive has nothing in this range")
)

// maxJobs bounds the jobs that are remembered, maxOpenJobs those that are not done.
const (
	maxJobs     = 200
	maxOpenJobs = 20
)

// Jobs restores ranges, one after the other. Jobs that a restart interrupted go on.
type Jobs struct {
	restored *Restored
	from     *Catalog
	log      *slog.Logger
	wake     chan struct{}

	mu   sync.Mutex
	jobs []*Job // oldest first
}

// OpenJobs returns the jobs over an archive's catalog; Run works on them.
func OpenJobs(restored *Restored, from *Catalog, log *slog.Logger) (*Jobs, error) {
	j := &Jobs{restored: restored, from: from, log: log, wake: make(chan struct{}, 1)}
	if _, err := loadJSON(j.path(), &j.jobs); err != nil {
		return nil, fmt.Errorf("jobs of restoring: %w", err)
	}
	for _, job := range j.jobs {
		if job.State == JobRunning {
			job.State, job.Done, job.DoneBytes = JobQueued, 0, 0
		}
	}
	return j, nil
}

func (j *Jobs) path() string { return filepath.Join(j.restored.dir, "jobs.json") }

// Start queues a job for the hours that overlap [from, to), to be kept for a while.
func (j *Jobs) Start(ctx context.Context, t tenant.ID, from, to time.Time, keep time.Duration, comment string) (Job, error) {
	start, end := HourOf(from.UnixNano()), HourOf(to.UnixNano()-1).End()
	now := j.restored.now().UTC()
	job := &Job{
		Tenant: t, From: start.Time(), To: time.Unix(0, end).UTC(), Until: now.Add(keep), Comment: comment,
		State: JobQueued, Created: now,
	}
	for _, h := range j.from.Hours(t, int64(start), end) {
		m, err := j.from.Manifest(ctx, t, h)
		if err != nil {
			return Job{}, err
		}
		if m != nil {
			job.Hours++
			job.Entries += m.Rows
			job.Bytes += m.Bytes
		}
	}
	if job.Hours == 0 {
		return Job{}, ErrNothing
	}
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	job.ID = hex.EncodeToString(b)
	j.mu.Lock()
	defer j.mu.Unlock()
	open := 0
	for _, other := range j.jobs {
		if other.Finished.IsZero() {
			open++
		}
	}
	if open >= maxOpenJobs {
		return Job{}, ErrTooManyJobs
	}
	j.jobs = append(j.jobs, job)
	if len(j.jobs) > maxJobs {
		i := slices.IndexFunc(j.jobs, func(old *Job) bool { return !old.Finished.IsZero() })
		j.jobs = slices.Delete(j.jobs, i, i+1)
	}
	if err := saveJSON(j.path(), j.jobs); err != nil {
		return Job{}, err
	}
	select {
	case j.wake <- struct{}{}:
	default:
	}
	return *job, nil
}

// List returns a tenant's jobs, newest first.
func (j *Jobs) List(t tenant.ID) []Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := []Job{}
	for _, job := range slices.Backward(j.jobs) {
		if job.Tenant == t {
			out = append(out, *job)
		}
	}
	return out
}

// Run works on jobs and removes what expires, until ctx is done.
func (j *Jobs) Run(ctx context.Context) error {
	tick := time.NewTicker(expireInterval)
	defer tick.Stop()
	for {
		for job := j.next(); job != nil && ctx.Err() == nil; job = j.next() {
			j.work(ctx, job)
		}
		if err := j.restored.expire(ctx); err != nil && ctx.Err() == nil {
			j.log.Error("remove restored hours that expired", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-j.wake:
		}
	}
}

// next takes the oldest job that waits.
func (j *Jobs) next() *Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, job := range j.jobs {
		if job.State == JobQueued {
			job.State = JobRunning
			return job
		}
	}
	return nil
}

// tries is how often an hour is tried before its job fails.
const tries = 5

func (j *Jobs) work(ctx context.Context, job *Job) {
	err := j.restoreAll(ctx, job)
	if ctx.Err() != nil {
		return // the next start goes on
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	job.Finished, job.State = j.restored.now().UTC(), JobDone
	if err != nil {
		job.State, job.Error = JobFailed, err.Error()
		j.log.Error("restoring failed", "tenant", job.Tenant, "job", job.ID, "error", err)
	}
	if err := saveJSON(j.path(), j.jobs); err != nil {
		j.log.Error("save jobs of restoring", "error", err)
	}
}

func (j *Jobs) restoreAll(ctx context.Context, job *Job) error {
	for _, h := range j.from.Hours(job.Tenant, job.From.UnixNano(), job.To.UnixNano()) {
		if err := j.restoreHour(ctx, job, h); err != nil {
			return err
		}
		j.mu.Lock()
		job.Done++
		j.mu.Unlock()
	}
	return nil
}

func (j *Jobs) restoreHour(ctx context.Context, job *Job, h Hour) error {
	pause := minPause
	for try := 1; ; try++ {
		var copied int64
		err := j.restored.restore(ctx, j.from, job.Tenant, h, job.Until, func(n int64) {
			j.mu.Lock()
			defer j.mu.Unlock()
			copied += n
			job.DoneBytes += n
		})
		if err == nil || try == tries || ctx.Err() != nil || errors.Is(err, ErrNoSpace) || errors.Is(err, ErrDamaged) {
			return err
		}
		j.mu.Lock()
		job.DoneBytes -= copied
		j.mu.Unlock()
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
		pause *= 2
	}
}
