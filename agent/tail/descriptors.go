package tail

import "os"

// descriptors bounds how many files are open. It is a queue of the open files, the
// most recently read last.
type descriptors struct {
	most        int
	n           int
	first, last *file
}

// use opens f if it is not, closing the file that was longest not read if too many are
// open, and makes f the most recent.
func (t *Tailer) use(f *file) error {
	d := &t.open
	if f.f != nil {
		d.unlink(f)
		d.append(f)
		return nil
	}
	fd, err := os.Open(f.path)
	if err != nil {
		return err
	}
	t.adopt(f, fd)
	return nil
}

// adopt gives f an open descriptor.
func (t *Tailer) adopt(f *file, fd *os.File) {
	d := &t.open
	for d.n >= d.most && d.first != nil {
		t.closeFile(d.first)
	}
	f.f = fd
	d.append(f)
}

func (t *Tailer) closeFile(f *file) {
	if f.f == nil {
		return
	}
	t.open.unlink(f)
	_ = f.f.Close() // it was only read
	f.f = nil
}

func (d *descriptors) append(f *file) {
	f.newer, f.older = nil, d.last
	if d.last != nil {
		d.last.newer = f
	} else {
		d.first = f
	}
	d.last = f
	d.n++
}

func (d *descriptors) unlink(f *file) {
	if f.older != nil {
		f.older.newer = f.newer
	} else {
		d.first = f.newer
	}
	if f.newer != nil {
		f.newer.older = f.older
	} else {
		d.last = f.older
	}
	f.older, f.newer = nil, nil
	d.n--
}
