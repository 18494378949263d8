package logstash

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gopkg.in/yaml.v3"
)

// inDir is a path of a configuration, relative ones from the configuration's folder.
func inDir(env *Env, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(env.Dir, path)
}

// maxDictionary bounds a dictionary file as Logstash bounds those in YAML.
const maxDictionary = 128 << 20

// dictionaryFile is a dictionary in a YAML, JSON or CSV file that is read again when it
// changed. Whoever asks for it pays for that: there is nothing in the background.
type dictionaryFile struct {
	path     string
	limit    int64
	interval time.Duration // 0: never again
	replace  bool
	regex    bool // keys are expressions
	parts    bool // keys are found within values
	now      func() time.Time
	logger   *slog.Logger

	mu       sync.Mutex
	modified time.Time
	next     atomic.Int64 // when to look again, UNIX nanoseconds
	loaded   atomic.Pointer[dictionary]
}

// current is the dictionary, read again if it is time and the file changed.
func (f *dictionaryFile) current() *dictionary {
	if f.interval > 0 && f.now().UnixNano() >= f.next.Load() && f.mu.TryLock() {
		defer f.mu.Unlock()
		f.refresh()
	}
	return f.loaded.Load()
}

func (f *dictionaryFile) refresh() {
	f.next.Store(f.now().Add(f.interval).UnixNano())
	info, err := os.Stat(f.path)
	if err == nil && info.ModTime().Equal(f.modified) {
		return
	}
	if err == nil {
		err = f.read()
	}
	if err != nil {
		f.logger.Warn("the dictionary could not be read again; the old one stays", "path", f.path, "error", err)
	}
}

// load reads the file for the first time.
func (f *dictionaryFile) load() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next.Store(f.now().Add(f.interval).UnixNano())
	return f.read()
}

func (f *dictionaryFile) read() error {
	file, err := os.Open(f.path)
	if err != nil {
		return fmt.Errorf("read dictionary: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("read dictionary: %w", err)
	}
	limit := int64(maxDictionary)
	if f.limit > 0 {
		limit = min(limit, f.limit)
	}
	text, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return fmt.Errorf("read dictionary %s: %w", f.path, err)
	}
	if int64(len(text)) > limit {
		return fmt.Errorf("dictionary %s is larger than %d bytes", f.path, limit)
	}
	d := &dictionary{}
	if old := f.loaded.Load(); old != nil && !f.replace {
		for _, k := range old.keys {
			d.set(k, old.values[k])
		}
	}
	if err := d.parse(f.path, strings.TrimPrefix(string(text), "\ufeff")); err != nil {
		return fmt.Errorf("read dictionary %s: %w", f.path, err)
	}
	if err := d.compile(f.regex, f.parts); err != nil {
		return fmt.Errorf("read dictionary %s: %w", f.path, err)
	}
	f.modified = info.ModTime()
	f.loaded.Store(d)
	return nil
}

// parse adds the entries of a file's text, whose form the file's name tells.
func (d *dictionary) parse(path, text string) error {
	switch filepath.Ext(path) {
	case ".yml", ".yaml":
		return d.parseYAML(text)
	case ".json":
		return d.parseJSON(text)
	case ".csv":
		return d.parseCSV(text)
	}
	return errors.New("its name has to end in .yml, .yaml, .json or .csv")
}

func (d *dictionary) parseYAML(text string) error {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return err
	}
	if len(doc.Content) == 0 {
		return nil
	}
	top := doc.Content[0]
	if top.Kind != yaml.MappingNode {
		return errors.New("it is no mapping of keys to values")
	}
	for i := 0; i+1 < len(top.Content); i += 2 {
		var v any
		if err := top.Content[i+1].Decode(&v); err != nil {
			return err
		}
		d.set(top.Content[i].Value, fromDecoder(v))
	}
	return nil
}

func (d *dictionary) parseJSON(text string) error {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return errors.New("it is no JSON object")
	}
	for dec.More() { // entry by entry, to keep their order
		key, err := dec.Token()
		if err != nil {
			return err
		}
		var v any
		if err := dec.Decode(&v); err != nil {
			return err
		}
		d.set(key.(string), fromDecoder(v))
	}
	return nil
}

func (d *dictionary) parseCSV(text string) error {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case len(row) == 1:
			d.set(row[0], nil)
		case len(row) > 1:
			d.set(row[0], row[1])
		}
	}
}

// fromDecoder turns what decoders make into values of events.
func fromDecoder(v any) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case uint64:
		return float64(v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		x, _ := v.Float64()
		return x
	case []any:
		for i, x := range v {
			v[i] = fromDecoder(x)
		}
	case map[string]any:
		for k, x := range v {
			v[k] = fromDecoder(x)
		}
	case map[any]any:
		m := make(map[string]any, len(v))
		for k, x := range v {
			m[Text(fromDecoder(k))] = fromDecoder(x)
		}
		return m
	}
	return v
}
