package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// patience is how long an agent may be without progress.
const patience = 30 * time.Second

// catchUp has an agent read a file that is there as a whole.
func catchUp(a agent, k kind, dir string, lines int) (measured, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return measured{}, err
	}
	f, err := os.Create(filepath.Join(dir, "a.log"))
	if err != nil {
		return measured{}, err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	start := time.Now().Add(-time.Hour)
	for i := range lines {
		if _, err := w.WriteString(k.line(i, start.Add(time.Duration(i)*time.Millisecond))); err != nil {
			return measured{}, err
		}
	}
	if err := w.Flush(); err != nil {
		return measured{}, err
	}
	if err := f.Close(); err != nil {
		return measured{}, err
	}
	return ship(a, k, dir, lines, nil)
}

// followRate has an agent follow a file that grows.
func followRate(a agent, k kind, dir string, rate int, d time.Duration) (measured, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return measured{}, err
	}
	f, err := os.Create(filepath.Join(dir, "a.log"))
	if err != nil {
		return measured{}, err
	}
	defer f.Close()
	const tick = 100 * time.Millisecond
	total := int(d/tick) * (rate / 10)
	return ship(a, k, dir, total, func() error {
		i := 0
		for next := time.Now(); i < total; next = next.Add(tick) {
			time.Sleep(time.Until(next))
			var block []byte
			for range rate / 10 {
				block = append(block, k.line(i, time.Now())...)
				i++
			}
			if _, err := f.Write(block); err != nil {
				return err
			}
		}
		return nil
	})
}

// ship runs the agent until the receiver has the entries of all lines; write, unless it
// is nil, writes them meanwhile.
func ship(a agent, k kind, dir string, lines int, write func() error) (measured, error) {
	sink, err := newSink()
	if err != nil {
		return measured{}, err
	}
	defer sink.close()
	r, err := a.start(k, dir, sink.url)
	if err != nil {
		return measured{}, err
	}
	written := make(chan error, 1)
	go func() {
		if write != nil {
			written <- write()
			return
		}
		written <- nil
	}()
	want, last, moved := int64(k.entries(lines)), int64(0), time.Now()
	for sink.entries.Load() < want {
		time.Sleep(50 * time.Millisecond)
		r.look()
		if n := sink.entries.Load(); n != last {
			last, moved = n, time.Now()
		}
		if time.Since(moved) > patience {
			r.kill()
			out, _ := os.ReadFile(filepath.Join(dir, "agent.out"))
			return measured{}, fmt.Errorf("%d of %d entries came and no more within %s; the agent says:\n%s", last, want, patience, tail(out))
		}
	}
	if err := <-written; err != nil {
		r.kill()
		return measured{}, err
	}
	m, err := r.stop(lines)
	if extra := sink.entries.Load() - want; extra > 0 {
		return m, fmt.Errorf("%d entries came twice", extra)
	}
	return m, err
}

func tail(b []byte) []byte { return b[max(0, len(b)-2000):] }
