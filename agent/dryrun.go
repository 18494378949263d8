package agent

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/prometheus/prometheus/discovery"
	"github.com/prometheus/prometheus/discovery/file"
	"github.com/prometheus/prometheus/discovery/targetgroup"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/transform"

	"github.com/pharosd/pharos/agent/conf"
	"github.com/pharosd/pharos/agent/positions"
	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/promtail"
)

// DryRun is what a dry run shows.
type DryRun struct {
	Config *conf.Config
	// Lines is how many lines of each target are taken through the stages.
	Lines int
	// Job, if set, is the only job that is shown.
	Job string
	// Stdin, if set, is read instead of the targets, through the first job.
	Stdin io.Reader
	Out   io.Writer
}

// maxShownFiles bounds the files of one target that are listed.
const maxShownFiles = 20

// fileDiscoveryWait is how long discovery by files may take.
const fileDiscoveryWait = 3 * time.Second

// Run prints what would be read and how the first lines come out of the stages. It
// reads files only: no position is written, nobody is asked over the network.
func (d DryRun) Run(ctx context.Context) error {
	host, err := hostname()
	if err != nil {
		return err
	}
	for _, n := range d.Config.Notes {
		fmt.Fprintln(d.Out, "note:", n.String())
	}
	known, err := positions.Read(d.Config.Positions.Filename)
	if err != nil {
		fmt.Fprintln(d.Out, "note:", err)
	}
	shown := 0
	for _, j := range d.Config.Jobs {
		if d.Job != "" && d.Job != j.Name || d.Stdin != nil && shown > 0 {
			continue
		}
		shown++
		if err := d.job(ctx, j, host, known); err != nil {
			return fmt.Errorf("job %s: %w", j.Name, err)
		}
	}
	if d.Job != "" && shown == 0 {
		return fmt.Errorf("there is no job %q that can run", d.Job)
	}
	return nil
}

func (d DryRun) job(ctx context.Context, j *conf.Job, host string, known positions.File) error {
	fmt.Fprintf(d.Out, "\njob %s (%s)\n", j.Name, j.Kind)
	if d.Stdin != nil {
		labels := map[string]string{}
		for _, g := range j.Static {
			for name, value := range public(plain(g.Labels)) {
				labels[name] = value
			}
		}
		return d.lines(ctx, j, labels, d.Stdin)
	}
	if j.Kind != conf.Files {
		fmt.Fprintf(d.Out, "  reads %s; a dry run does not listen or connect, try lines with --stdin\n", j.Kind)
		return nil
	}
	groups := append([]*targetgroup.Group(nil), j.Static...)
	groups = append(groups, d.discover(ctx, j)...)
	for _, f := range fileTargets(groups, j.Relabel, host) {
		if f.Dropped != "" {
			fmt.Fprintf(d.Out, "  not read: %s\n    discovered %s\n", f.Dropped, set(f.Discovered))
			continue
		}
		if err := d.target(ctx, j, f, known); err != nil {
			return err
		}
	}
	return nil
}

// discover asks the discoveries that read files, and names the others.
func (d DryRun) discover(ctx context.Context, j *conf.Job) []*targetgroup.Group {
	var files discovery.Configs
	for _, c := range j.Discovery {
		if _, ok := c.(*file.SDConfig); ok {
			files = append(files, c)
			continue
		}
		fmt.Fprintf(d.Out, "  %s_sd_configs: a dry run does not ask it\n", c.Name())
	}
	if len(files) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, fileDiscoveryWait)
	defer cancel()
	var found []*targetgroup.Group
	disco := newDiscoverer(slog.New(slog.DiscardHandler))
	disco.add(j.Name, files, func(groups []*targetgroup.Group) { found = groups; cancel() })
	if err := disco.run(ctx); err != nil {
		fmt.Fprintln(d.Out, "  file_sd_configs:", err)
	}
	return found
}

// target shows one target: its files, and the first lines of the first of them.
func (d DryRun) target(ctx context.Context, j *conf.Job, f Found, known positions.File) error {
	fmt.Fprintf(d.Out, "  target %s\n    labels %s\n", f.Path, set(f.Labels))
	if f.Exclude != "" {
		fmt.Fprintf(d.Out, "    without %s\n", f.Exclude)
	}
	paths, err := globbed(f)
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		fmt.Fprintln(d.Out, "    no file is there now")
	}
	left := d.Lines
	for i, path := range paths {
		if i == maxShownFiles {
			fmt.Fprintf(d.Out, "    ... and %d files more\n", len(paths)-i)
			break
		}
		fi, err := os.Stat(path)
		if err != nil {
			fmt.Fprintf(d.Out, "    file %s: %v\n", path, err)
			continue
		}
		where := "from its beginning"
		off, ok := known.Offset(path)
		if ok && off <= fi.Size() {
			where = fmt.Sprintf("from byte %d, by %s", off, d.Config.Positions.Filename)
		} else {
			off = 0
		}
		fmt.Fprintf(d.Out, "    file %s, %d bytes, %s\n", path, fi.Size(), where)
		if left > 0 {
			n, err := d.file(ctx, j, f, path, off, left)
			if err != nil {
				fmt.Fprintf(d.Out, "    file %s: %v\n", path, err)
			}
			left -= n
		}
	}
	return nil
}

func globbed(f Found) ([]string, error) {
	if fi, err := os.Stat(f.Path); err == nil && !fi.IsDir() {
		return []string{f.Path}, nil
	}
	paths, err := doublestar.FilepathGlob(f.Path, doublestar.WithFilesOnly())
	if err != nil {
		return nil, fmt.Errorf("glob %s: %w", f.Path, err)
	}
	paths = slices.DeleteFunc(paths, func(p string) bool {
		ok, err := doublestar.PathMatch(f.Exclude, p)
		return f.Exclude != "" && (err == nil && ok || p == f.Exclude)
	})
	slices.Sort(paths)
	return paths, nil
}

// file takes the first lines of a file through the stages.
func (d DryRun) file(ctx context.Context, j *conf.Job, f Found, path string, off int64, most int) (int, error) {
	if j.Decompression != nil && j.Decompression.Enabled {
		fmt.Fprintln(d.Out, "      compressed: its lines are not shown")
		return 0, nil
	}
	fd, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer fd.Close()
	if _, err := fd.Seek(off, io.SeekStart); err != nil {
		return 0, err
	}
	var in io.Reader = fd
	if j.Encoding != "" {
		if e, err := ianaindex.IANA.Encoding(j.Encoding); err == nil && e != nil {
			in = transform.NewReader(fd, e.NewDecoder())
		}
	}
	labels := map[string]string{"filename": path}
	for name, value := range f.Labels {
		labels[name] = value
	}
	counted := &lineLimit{in: bufio.NewReaderSize(in, 64<<10), left: most}
	err = d.lines(ctx, j, labels, counted)
	return most - counted.left, err
}

// lineLimit ends after some lines.
type lineLimit struct {
	in   *bufio.Reader
	left int
	rest []byte
}

func (l *lineLimit) Read(p []byte) (int, error) {
	if len(l.rest) == 0 {
		if l.left == 0 {
			return 0, io.EOF
		}
		line, err := l.in.ReadSlice('\n')
		if len(line) == 0 {
			return 0, err
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			err = nil
		}
		if line[len(line)-1] == '\n' || err != nil {
			l.left--
		}
		l.rest = line
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// lines takes lines through the stages and shows each stage's work.
func (d DryRun) lines(ctx context.Context, j *conf.Job, labels map[string]string, in io.Reader) error {
	shower := &shower{out: d.Out}
	chain, err := promtail.Compile(&j.Stages, d.Config.StagesEnv(j, promtail.Env{Logger: slog.New(slog.DiscardHandler), Probe: shower}))
	if err != nil {
		return err
	}
	scanner := bufio.NewScanner(in)
	scanner.Buffer(make([]byte, 64<<10), 1<<20)
	for n := 1; scanner.Scan() && ctx.Err() == nil; n++ {
		e := &pipeline.Event{Line: scanner.Text(), Time: time.Now(), Labels: map[string]string{}}
		for name, value := range labels {
			e.Labels[name] = value
		}
		fmt.Fprintf(d.Out, "      line %d  %s\n", n, clip(e.Line))
		shower.begin(e)
		chain.Process(e, shower)
	}
	shower.held = true
	chain.Flush(time.Now(), true, shower)
	if err := scanner.Err(); err != nil {
		return fmt.Errorf("read lines: %w", err)
	}
	return nil
}

// set is labels as a selector.
func set(m map[string]string) string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	b.WriteByte('{')
	for i, name := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s=%q", name, m[name])
	}
	b.WriteByte('}')
	return b.String()
}
