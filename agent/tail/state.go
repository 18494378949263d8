package tail

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/pharosd/pharos/agent/feed"
)

// stateVersion is the form of state; docs/format/agent-states.md describes it.
const stateVersion = 1

// maxStateAge is how long the state of a file that is not found is remembered.
const maxStateAge = 24 * time.Hour

// state is what the queue remembers of a file.
type state struct {
	Version int `json:"v"`
	// Target is the key of the target that read it.
	Target string `json:"target"`
	// Path is where the file was last, Name the value of its label filename.
	Path string `json:"path"`
	Name string `json:"name"`
	ID   ID     `json:"id"`
	// Head is the print of the first bytes, Tail of those before Low.
	Head print `json:"head"`
	Tail print `json:"tail"`
	// Seen is the print of the bytes before Read, up to which it was read.
	Seen print `json:"seen"`
	Read int64 `json:"read,omitempty"`
	// Low and Done are the parts that are done: bytes, or lines of compressed files.
	Low  int64      `json:"low"`
	Done [][2]int64 `json:"done,omitempty"`
	// At is when this was written, seconds since the epoch.
	At int64 `json:"at"`
	// Whole says that a compressed file was read to its end when it had this size and
	// time.
	Whole *whole `json:"whole,omitempty"`

	key string
}

type whole struct {
	Size  int64 `json:"size"`
	Mtime int64 `json:"mtime"`
}

func (s *state) ranges() feed.Ranges {
	r := feed.Ranges{Low: s.Low}
	for _, d := range s.Done {
		r.Add(d[0], d[1])
	}
	return r
}

func decodeState(b []byte) (*state, error) {
	var s state
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("decode state: %w", err)
	}
	if s.Version != stateVersion {
		return nil, fmt.Errorf("state has version %d, want %d", s.Version, stateVersion)
	}
	if s.Low < 0 || s.Head.N < 0 || s.Head.N > printSize || s.Tail.N < 0 || s.Tail.N > printSize ||
		s.Seen.N < 0 || s.Seen.N > printSize || s.Read < 0 {
		return nil, fmt.Errorf("state of %s is out of bounds", s.Path)
	}
	return &s, nil
}

func (s *state) encode() []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic("BUG: a state cannot be encoded: " + err.Error())
	}
	return b
}
