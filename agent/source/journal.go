package source

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pharosd/pharos/agent/conf"
	"github.com/pharosd/pharos/agent/feed"
	"github.com/pharosd/pharos/agent/ship"
)

// maxJournalEntry bounds one entry in bytes of JSON.
const maxJournalEntry = 16 << 20

// Journal reads the systemd journal by journalctl, which knows its files' format and
// needs no C library here.
type Journal struct {
	cfg    conf.JournalConfig
	deps   Deps
	source uint64

	mu     sync.Mutex // guards what follows
	seq    int64      // of the next entry
	ranges feed.Ranges
	read   []journalPlace // of entries that are not done, by number
	done   string         // cursor up to which all is done
	ahead  [][2]int64     // entries behind it that are done too, counted from it
	kept   string
	ready  bool
	err    string
}

// journalState is the state in the queue.
type journalState struct {
	Cursor string     `json:"cursor"`
	Ahead  [][2]int64 `json:"ahead,omitempty"`
}

type journalPlace struct {
	seq    int64
	cursor string
}

// NewJournal returns a journal that is not read yet.
func NewJournal(cfg conf.JournalConfig, deps Deps) *Journal {
	j := &Journal{cfg: cfg, deps: deps}
	var s journalState
	if text := deps.States[j.key()]; len(text) > 0 && json.Unmarshal(text, &s) == nil {
		j.done, j.ahead = s.Cursor, s.Ahead
	} else {
		j.done = deps.Cursor(deps.Job)
	}
	j.kept = j.done
	j.source = deps.Feed.Register(j)
	return j
}

func (j *Journal) key() string { return Key(j.deps.Job, "journal") }

// Run implements Source. journalctl is started again when it ends.
func (j *Journal) Run(ctx context.Context) error {
	const first, most = time.Second, time.Minute
	for wait := first; ; wait = min(2*wait, most) {
		began := time.Now()
		err := j.follow(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if time.Since(began) > most {
			wait = first
		}
		j.fail(err)
		if !sleep(ctx, wait) {
			return nil
		}
	}
}

func (j *Journal) fail(err error) {
	text := "journalctl ended"
	if err != nil {
		text = err.Error()
	}
	j.mu.Lock()
	fresh := j.err != text
	j.err, j.ready = text, false
	j.mu.Unlock()
	if fresh {
		j.deps.Metrics.problem(journal)
		j.deps.Logger.Warn("journal cannot be followed, trying again", "error", text)
	}
}

// follow runs journalctl until it ends.
func (j *Journal) follow(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	j.mu.Lock()
	// What was read and is not done is read again: it came of a process before.
	after := j.done
	ahead := j.aheadLocked()
	j.ranges, j.read, j.seq = feed.Ranges{}, nil, 0
	for _, a := range ahead {
		j.ranges.Add(a[0], a[1])
	}
	j.mu.Unlock()
	j.deps.Feed.Forget(j.source)
	j.source = j.deps.Feed.Register(j)
	cmd := exec.CommandContext(ctx, "journalctl", j.args(after, time.Now())...)
	var complaint tailBuffer
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("run journalctl: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("run journalctl: %w", err)
	}
	j.mu.Lock()
	j.ready = true
	j.mu.Unlock()
	readErr := j.entries(ctx, out)
	cancel()
	waitErr := cmd.Wait()
	switch {
	case readErr != nil:
		return readErr
	case strings.Contains(complaint.String(), "seek to cursor"):
		// The cursor is of another journal: begin where max_age says.
		j.mu.Lock()
		j.done, j.ahead = "", nil
		j.ranges = feed.Ranges{}
		j.mu.Unlock()
	}
	if waitErr != nil {
		return fmt.Errorf("journalctl: %w: %s", waitErr, strings.TrimSpace(complaint.String()))
	}
	return nil
}

// args are journalctl's. A cursor that is older than max_age does not count.
func (j *Journal) args(after string, now time.Time) []string {
	args := []string{"--output=json", "--all", "--follow", "--no-tail", "--no-pager", "--quiet"}
	if j.cfg.Path != "" {
		args = append(args, "--directory="+j.cfg.Path)
	}
	oldest := now.Add(-j.cfg.Age())
	if at, ok := cursorTime(after); after != "" && (!ok || at.After(oldest)) {
		args = append(args, "--after-cursor="+after)
	} else {
		args = append(args, "--since=@"+strconv.FormatInt(oldest.Unix(), 10))
	}
	return append(append(args, "--"), strings.Fields(j.cfg.Matches)...)
}

// cursorTime is the time of the entry that a cursor is of, its part t: microseconds
// since the epoch, in hexadecimal.
func cursorTime(cursor string) (time.Time, bool) {
	for _, part := range strings.Split(cursor, ";") {
		if text, ok := strings.CutPrefix(part, "t="); ok {
			us, err := strconv.ParseInt(text, 16, 64)
			return time.UnixMicro(us), err == nil
		}
	}
	return time.Time{}, false
}

// entries reads entries until the stream ends.
func (j *Journal) entries(ctx context.Context, r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := longLine(in, maxJournalEntry)
		if len(line) > 0 {
			if err := j.take(ctx, line); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read journalctl: %w", err)
		}
	}
}

// longLine reads a line of at most most bytes; what is longer is skipped.
func longLine(in *bufio.Reader, most int) ([]byte, error) {
	var line []byte
	skip := false
	for {
		part, err := in.ReadSlice('\n')
		if !skip {
			line = append(line, part...)
		}
		if len(line) > most {
			line, skip = nil, true
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimSuffix(line, []byte("\n")), err
		}
	}
}

// take takes one entry. One that cannot be read is counted and done.
func (j *Journal) take(ctx context.Context, text []byte) error {
	fields, at, cursor, err := parseEntry(text)
	if err != nil {
		j.deps.Metrics.problem(journal)
		return nil
	}
	j.mu.Lock()
	seq := j.seq
	j.seq++
	known := j.ranges.From(seq) > seq // done before, ahead of an entry that was not
	if !known {
		j.read = append(j.read, journalPlace{seq, cursor})
	}
	j.mu.Unlock()
	if known {
		return nil
	}
	line, ok := j.line(fields)
	if !ok {
		j.deps.Metrics.problem(journal)
		j.mu.Lock()
		j.doneLocked(seq, seq+1)
		j.mu.Unlock()
		return nil
	}
	line.Time, line.Source, line.From, line.To = at, j.source, seq, seq+1
	j.deps.Metrics.entry(journal)
	return j.deps.Feed.Push(ctx, line)
}

// line makes a line of an entry; ok is false if it has no message or no labels.
func (j *Journal) line(fields map[string]string) (l feed.Line, ok bool) {
	l.Text, ok = fields["MESSAGE"]
	if j.cfg.JSON {
		text, err := json.Marshal(fields)
		if err != nil {
			return l, false
		}
		l.Text, ok = string(text), true
	}
	if !ok {
		return l, false
	}
	labels := make(map[string]string, len(fields)+len(j.cfg.Labels)+1)
	for name, value := range fields {
		if name == "PRIORITY" {
			labels["__journal_priority_keyword"] = priority(value)
		}
		labels["__journal_"+strings.ToLower(name)] = value
	}
	kept, _ := relabelled(merged(labels, j.cfg.Labels), j.deps.Relabel)
	l.Labels = kept
	return l, len(kept) > 0
}

func priority(value string) string {
	names := []string{"emerg", "alert", "crit", "error", "warning", "notice", "info", "debug"}
	if n, err := strconv.Atoi(value); err == nil && n >= 0 && n < len(names) {
		return names[n]
	}
	return value
}

// parseEntry reads an entry as journalctl writes it (systemd's JOURNAL_EXPORT_FORMATS,
// Journal JSON Format): fields are texts, lists of bytes if they are binary, lists of
// values if there are several, of which the last one is taken as libsystemd's own
// readers do.
func parseEntry(text []byte) (fields map[string]string, at time.Time, cursor string, err error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, at, "", fmt.Errorf("read journal entry: %w", err)
	}
	fields = make(map[string]string, len(raw))
	for name, value := range raw {
		if v, ok := journalValue(value); ok {
			fields[name] = v
		}
	}
	cursor = fields["__CURSOR"]
	us, err := strconv.ParseInt(fields["__REALTIME_TIMESTAMP"], 10, 64)
	if err != nil || cursor == "" {
		return nil, at, "", errors.New("read journal entry: it has no time or no cursor")
	}
	for name := range fields {
		if strings.HasPrefix(name, "__") { // the entry's address, no field of it
			delete(fields, name)
		}
	}
	return fields, time.UnixMicro(us), cursor, nil
}

func journalValue(raw json.RawMessage) (string, bool) {
	var text string
	if json.Unmarshal(raw, &text) == nil && raw[0] == '"' {
		return text, true
	}
	var numbers []int
	if json.Unmarshal(raw, &numbers) == nil && raw[0] == '[' {
		b := make([]byte, len(numbers))
		for i, n := range numbers {
			b[i] = byte(n)
		}
		return string(b), true
	}
	var several []json.RawMessage
	if json.Unmarshal(raw, &several) == nil && len(several) > 0 {
		return journalValue(several[len(several)-1])
	}
	return "", false
}

// Done implements feed.Source.
func (j *Journal) Done(from, to int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.doneLocked(from, to)
}

func (j *Journal) doneLocked(from, to int64) {
	j.ranges.Add(from, to)
	n := 0
	for n < len(j.read) && j.read[n].seq < j.ranges.Low {
		j.done = j.read[n].cursor
		n++
	}
	j.read = append(j.read[:0], j.read[n:]...)
	j.ahead = nil
}

// aheadLocked are the entries behind done that are done too.
func (j *Journal) aheadLocked() [][2]int64 {
	if j.ahead == nil {
		for _, d := range j.ranges.Done {
			j.ahead = append(j.ahead, [2]int64{d[0] - j.ranges.Low, d[1] - j.ranges.Low})
		}
	}
	return j.ahead
}

// State implements feed.Source.
func (j *Journal) State() (ship.State, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	b, err := json.Marshal(journalState{j.done, j.aheadLocked()})
	if err != nil {
		panic("BUG: the journal's state cannot be encoded: " + err.Error())
	}
	return ship.State{Key: j.key(), Value: b}, j.done != ""
}

// Kept implements feed.Source.
func (j *Journal) Kept() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.kept = j.done
}

// Cursors implements Source.
func (j *Journal) Cursors() map[string]string {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.kept == "" {
		return nil
	}
	return map[string]string{j.deps.Job: j.kept}
}

// Status implements Source.
func (j *Journal) Status() []Status {
	j.mu.Lock()
	defer j.mu.Unlock()
	return []Status{{Type: "Journal", Ready: j.ready, Labels: j.cfg.Labels, Details: map[string]string{"position": j.kept, "error": j.err}}}
}

// tailBuffer keeps the end of what is written to it.
type tailBuffer struct {
	mu sync.Mutex
	b  []byte
}

func (t *tailBuffer) Write(p []byte) (int, error) {
	const most = 4096
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if over := len(t.b) - most; over > 0 {
		t.b = t.b[:copy(t.b, t.b[over:])]
	}
	return len(p), nil
}

func (t *tailBuffer) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}
