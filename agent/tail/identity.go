package tail

import (
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/cespare/xxhash/v2"
)

// ID is what the system calls a file as long as it exists.
type ID struct {
	Dev uint64 `json:"dev"`
	Ino uint64 `json:"ino"`
}

// info is what is asked of a file.
type info struct {
	id      ID
	size    int64
	mtime   int64 // nanoseconds
	regular bool
	links   uint64
}

func stat(path string) (info, error) {
	var st syscall.Stat_t
	if err := ignoringEINTR(func() error { return syscall.Stat(path, &st) }); err != nil {
		return info{}, &os.PathError{Op: "stat", Path: path, Err: err}
	}
	return fromStat(&st), nil
}

func statFile(f *os.File) (info, error) {
	fi, err := f.Stat()
	if err != nil {
		return info{}, err
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return info{}, fmt.Errorf("stat %s: the system does not number files", f.Name())
	}
	return fromStat(st), nil
}

func fromStat(st *syscall.Stat_t) info {
	return info{
		id: ID{uint64(st.Dev), st.Ino}, size: st.Size, mtime: st.Mtim.Nano(),
		regular: st.Mode&syscall.S_IFMT == syscall.S_IFREG, links: uint64(st.Nlink),
	}
}

func ignoringEINTR(f func() error) error {
	for {
		if err := f(); err != syscall.EINTR {
			return err
		}
	}
}

// printSize is how many bytes a print covers at most.
const printSize = 256

// print is a fingerprint of some bytes of a file: their number and hash. N 0 says
// nothing.
type print struct {
	N    int    `json:"n,omitempty"`
	Hash uint64 `json:"h,omitempty,string"`
}

func printOf(b []byte) print {
	if len(b) == 0 {
		return print{}
	}
	return print{len(b), xxhash.Sum64(b)}
}

// headOf is the print of a file's first bytes, n of them at most.
func headOf(r io.ReaderAt, n int) (print, error) {
	var b [printSize]byte
	got, err := readUpTo(r, b[:min(n, printSize)], 0)
	return printOf(b[:got]), err
}

// tailOf is the print of the bytes before at, n of them at most.
func tailOf(r io.ReaderAt, at int64, n int) (print, error) {
	var b [printSize]byte
	want := min(at, int64(n), printSize)
	got, err := readUpTo(r, b[:want], at-want)
	if err != nil || int64(got) < want {
		return print{}, err
	}
	return printOf(b[:got]), nil
}

// readUpTo reads as much of b as the file has from at on.
func readUpTo(r io.ReaderAt, b []byte, at int64) (int, error) {
	n, err := r.ReadAt(b, at)
	if err == io.EOF {
		err = nil
	}
	return n, err
}
