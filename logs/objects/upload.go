package objects

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/md5" //nolint:gosec // it is S3's ETag, no proof of anything
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/tenant"
)

// uploadSealed makes objects of all sealed segments, the oldest first.
func (w *Writer) uploadSealed(ctx context.Context) error {
	names, err := w.spool.sealed()
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := w.upload(ctx, name); err != nil {
			return fmt.Errorf("upload %s: %w", filepath.Base(name), err)
		}
	}
	return nil
}

// upload packs a segment, uploads it, notes that actions must be told, and removes the
// segment, each step durable before the next. Again after a crash it makes the same
// object.
func (w *Writer) upload(ctx context.Context, name string) error {
	id := strings.TrimSuffix(filepath.Base(name), sealedSuffix)
	at, err := ulid.ParseStrict(id)
	if err != nil {
		return err
	}
	t := tenant.ID(filepath.Base(filepath.Dir(name)))
	created := ulid.Time(at.Time()).UTC()
	o := Object{ID: id, Bucket: w.deps.Bucket.Name(), Key: path.Join(string(t), created.Format("2006/01/02/15"), id+".log.gz"), Tenant: t, Time: created}
	packed, err := os.CreateTemp(w.spool.dir, ".packing-*")
	if err != nil {
		return err
	}
	defer func() {
		_ = packed.Close()
		_ = os.Remove(packed.Name())
	}()
	if err := o.pack(name, packed); err != nil {
		return err
	}
	if _, err := packed.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := w.deps.Bucket.Upload(ctx, o.Key, packed); err != nil {
		return err
	}
	if len(w.deps.Actions) > 0 {
		b, err := json.Marshal(job{Object: o})
		if err != nil {
			return err
		}
		if err := writeFile(w.jobFile(id), b); err != nil {
			return err
		}
	}
	if err := w.spool.remove(name); err != nil {
		return err
	}
	w.metrics.objects.Inc()
	w.metrics.lines.Add(float64(o.Lines))
	return nil
}

// pack writes a segment's lines and says how they came out.
func (o *Object) pack(name string, to io.Writer) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := md5.New() //nolint:gosec // as above
	counted := &counter{w: io.MultiWriter(to, sum)}
	buffered := bufio.NewWriterSize(counted, 256<<10)
	z, err := gzip.NewWriterLevel(buffered, gzip.BestSpeed)
	if err != nil {
		return err
	}
	if _, err = eachRecord(f, func(e spooled) error {
		o.Lines++
		_, err := io.WriteString(z, e.line+"\n")
		return err
	}); err != nil {
		return err
	}
	if err := errors.Join(z.Close(), buffered.Flush()); err != nil {
		return err
	}
	o.Size, o.MD5 = counted.n, hex.EncodeToString(sum.Sum(nil))
	return nil
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

type metrics struct {
	objects, lines prometheus.Counter
	failures       *prometheus.CounterVec
	spooled        prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		objects:  prometheus.NewCounter(prometheus.CounterOpts{Name: "pharos_collector_objects_total", Help: "Objects of lines that were uploaded."}),
		lines:    prometheus.NewCounter(prometheus.CounterOpts{Name: "pharos_collector_object_lines_total", Help: "Lines in objects that were uploaded."}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "pharos_collector_object_failures_total", Help: "Uploads and actions that failed and are tried again, or were given up."}, []string{"what"}),
		spooled:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "pharos_collector_spool_bytes", Help: "Bytes of lines that wait to become objects."}),
	}
	if reg != nil {
		reg.MustRegister(m.objects, m.lines, m.failures, m.spooled)
	}
	return m
}
