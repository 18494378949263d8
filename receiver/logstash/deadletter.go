package logstash

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// deadLetters are the events of one pipeline that an output refused for good: counted,
// and written as lines of JSON to a file, of which the last one before it is kept.
type deadLetters struct {
	path string
	most int64 // bytes of the file and its predecessor together; 0: none is written
	m    *pipelineMetrics
	now  func() time.Time

	mu   sync.Mutex
	file *os.File
	size int64
}

// add takes an event; reason is a short constant, message says it in full.
func (d *deadLetters) add(plugin, reason, message string, e *pipeline.Event) error {
	d.m.all.dead.WithLabelValues(d.m.id, plugin, reason).Inc()
	if d.most <= 0 {
		return nil
	}
	line := append([]byte(`{"plugin":`), logstash.AppendJSON(nil, plugin)...)
	line = append(append(line, `,"reason":`...), logstash.AppendJSON(nil, message)...)
	line = append(append(line, `,"refused_at":`...), logstash.AppendJSON(nil, d.now().UTC())...)
	line = append(line, `,"event":`...)
	line = append(logstash.AppendEvent(line, e), "}\n"...)
	return d.write(line)
}

func (d *deadLetters) write(line []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.file == nil {
		if err := d.open(); err != nil {
			return err
		}
	}
	if d.size+int64(len(line)) > d.most/2 && d.size > 0 {
		err := d.file.Close()
		d.file = nil
		if err == nil {
			err = os.Rename(d.path, d.path+".1")
		}
		if err == nil {
			err = d.open()
		}
		if err != nil {
			return fmt.Errorf("rotate dead letters: %w", err)
		}
	}
	n, err := d.file.Write(line)
	d.size += int64(n)
	if err != nil {
		return fmt.Errorf("write dead letters: %w", err)
	}
	return nil
}

func (d *deadLetters) open() error {
	if err := os.MkdirAll(filepath.Dir(d.path), 0o750); err != nil {
		return fmt.Errorf("dead letters: %w", err)
	}
	f, err := os.OpenFile(d.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	if err != nil {
		return fmt.Errorf("dead letters: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return fmt.Errorf("dead letters: %w", err)
	}
	d.file, d.size = f, info.Size()
	return nil
}

func (d *deadLetters) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.file == nil {
		return nil
	}
	return d.file.Close()
}
