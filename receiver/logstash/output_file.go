package logstash

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/codec"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// fileOutput writes events to files whose names may come from their fields. What comes
// from fields never leaves the folder in front of the first field.
type fileOutput struct {
	env       *env
	codec     *codec.Codec
	path      *logstash.Template
	root      string // all files are below it; "": the name is fixed
	failed    string
	gzip      bool
	overwrite bool
	create    bool
	fileMode  os.FileMode
	dirMode   os.FileMode
	stale     time.Duration

	mu    sync.Mutex
	open  map[string]*outFile
	wrote map[string]bool // that were begun by this process, for overwrite
}

type outFile struct {
	f    *os.File
	z    *gzip.Writer
	used time.Time
}

func (f *outFile) writer() io.Writer {
	if f.z != nil {
		return f.z
	}
	return f.f
}

// close ends a file; a gzip file is readable from then on.
func (f *outFile) close() error {
	var err error
	if f.z != nil {
		err = f.z.Close()
	}
	return errors.Join(err, f.f.Close())
}

// maxOpenFiles bounds how many files are held open; the one longest unused is closed.
const maxOpenFiles = 256

func newFileOutput(s *logstash.Settings, v *env) (output, error) {
	s.Required("path")
	o := &fileOutput{env: v, codec: readCodec(s, v, "json_lines"), gzip: s.Bool("gzip", false), create: s.Bool("create_if_deleted", true),
		overwrite: s.Enum("write_behavior", "append", "append", "overwrite") == "overwrite", failed: s.String("filename_failure", "_filepath_failures"),
		fileMode: fileMode(s, "file_mode", 0o640), dirMode: fileMode(s, "dir_mode", 0o750), stale: s.Duration("stale_cleanup_interval", 10*time.Second),
		open: map[string]*outFile{}, wrote: map[string]bool{}}
	path := v.path(s.String("path", ""))
	o.path = s.Compile("path", path)
	if at := strings.Index(path, "%{"); at >= 0 {
		o.root = filepath.Dir(path[:at] + "x")
		if o.root == string(filepath.Separator) || o.root == "." {
			s.Errorf("path", "must begin with a fixed folder before the first field")
		}
	}
	s.Known("flush_interval", "workers")
	if !o.codec.Encodes() {
		s.Errorf("codec", "%s does not write", o.codec.Name)
	}
	return o, nil
}

func fileMode(s *logstash.Settings, name string, def os.FileMode) os.FileMode {
	text := s.String(name, "-1")
	if text == "-1" {
		return def
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(text, "0o"), 8, 12)
	if err != nil {
		s.Errorf(name, "%q is no mode such as 0640", text)
		return def
	}
	return os.FileMode(n)
}

// name is the file of an event.
func (o *fileOutput) name(e *pipeline.Event) string {
	name := filepath.Clean(o.path.Expand(e))
	if o.root == "" {
		return name
	}
	below, err := filepath.Rel(o.root, name)
	if err != nil || below == "." || !filepath.IsLocal(below) || strings.ContainsRune(name, 0) || len(name) > 1024 {
		return filepath.Join(o.root, o.failed)
	}
	return name
}

// write implements output.
func (o *fileOutput) write(_ context.Context, events []*pipeline.Event) ([]*pipeline.Event, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closeStale()
	pending := map[string][]byte{}
	var order []string
	for _, e := range events {
		name := o.name(e)
		if _, there := pending[name]; !there {
			order = append(order, name)
		}
		b, err := o.codec.Encode(pending[name], e)
		if err != nil {
			o.env.deadLetter(e, "malformed", err.Error())
		}
		pending[name] = b
	}
	for i, name := range order {
		if err := o.append(name, pending[name]); err != nil {
			left := map[string]bool{}
			for _, n := range order[i:] {
				left[n] = true
			}
			var rest []*pipeline.Event
			for _, e := range events {
				if left[o.name(e)] {
					rest = append(rest, e)
				}
			}
			return rest, err
		}
	}
	return nil, nil
}

func (o *fileOutput) append(name string, b []byte) error {
	f, err := o.file(name)
	if err != nil {
		return err
	}
	f.used = time.Now()
	if _, err := f.writer().Write(b); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if f.z != nil {
		if err := f.z.Flush(); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

func (o *fileOutput) file(name string) (*outFile, error) {
	if f := o.open[name]; f != nil {
		if _, err := os.Lstat(name); err == nil || !o.create {
			return f, nil
		}
		_ = f.close() // it was deleted
		delete(o.open, name)
	}
	if len(o.open) >= maxOpenFiles {
		o.closeOldest()
	}
	if err := os.MkdirAll(filepath.Dir(name), o.dirMode); err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	if err := o.insideRoot(name); err != nil {
		return nil, err
	}
	flags := os.O_CREATE | os.O_WRONLY | os.O_APPEND
	if o.overwrite && !o.wrote[name] {
		flags |= os.O_TRUNC
	}
	f, err := os.OpenFile(name, flags, o.fileMode)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	if o.overwrite && len(o.wrote) < 100_000 {
		o.wrote[name] = true
	}
	out := &outFile{f: f}
	if o.gzip {
		out.z = gzip.NewWriter(f)
	}
	o.open[name] = out
	return out, nil
}

// insideRoot refuses a folder that a symbolic link leads out of the root.
func (o *fileOutput) insideRoot(name string) error {
	if o.root == "" {
		return nil
	}
	root, err := filepath.EvalSymlinks(o.root)
	if err != nil {
		return fmt.Errorf("open %s: %w", name, err)
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(name))
	if err != nil {
		return fmt.Errorf("open %s: %w", name, err)
	}
	if below, err := filepath.Rel(root, dir); err != nil || !filepath.IsLocal(below) && below != "." {
		return fmt.Errorf("open %s: it leads out of %s", name, o.root)
	}
	return nil
}

func (o *fileOutput) closeStale() {
	for name, f := range o.open {
		if time.Since(f.used) > max(o.stale, time.Second) {
			if err := f.close(); err != nil {
				o.env.log.Error("a file could not be closed", "path", name, "error", err)
			}
			delete(o.open, name)
		}
	}
}

func (o *fileOutput) closeOldest() {
	oldest := ""
	for name, f := range o.open {
		if oldest == "" || f.used.Before(o.open[oldest].used) {
			oldest = name
		}
	}
	_ = o.open[oldest].close()
	delete(o.open, oldest)
}

func (o *fileOutput) close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	var errs []error
	for name, f := range o.open {
		errs = append(errs, f.close())
		delete(o.open, name)
	}
	return errors.Join(errs...)
}
