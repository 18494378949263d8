package archive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/thanos-io/objstore"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// maxManifest bounds a manifest: it is read whole.
const maxManifest = 64 << 20

// Manifest says what an hour's archive consists of. An object that it does not name
// does not belong to the archive.
type Manifest struct {
	// Format is the version of the manifest and of the files' schema.
	Format int       `json:"format"`
	Tenant tenant.ID `json:"tenant"`
	// Hour is the hour's begin.
	Hour time.Time `json:"hour"`
	// Rows, Bytes, MinTime and MaxTime are over all parts.
	Rows    int64     `json:"rows"`
	Bytes   int64     `json:"bytes"`
	MinTime time.Time `json:"min_time"`
	MaxTime time.Time `json:"max_time"`
	Parts   []Part    `json:"parts"`
}

// Part is one Parquet file.
type Part struct {
	// Name is the object's name beside the manifest.
	Name string `json:"name"`
	// Bytes and SHA256 (hexadecimal) are of the whole object.
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	Rows   int64  `json:"rows"`
	// LineBytes is the length of all lines.
	LineBytes int64     `json:"line_bytes"`
	MinTime   time.Time `json:"min_time"`
	MaxTime   time.Time `json:"max_time"`
	// Store is the ID of the local store that the entries come from, First and Before
	// bound their numbers: First <= number < Before.
	Store  string `json:"store"`
	First  uint64 `json:"first"`
	Before uint64 `json:"before"`
	// Streams are those of the file; its column "stream" has positions in this list.
	Streams []Stream  `json:"streams"`
	Created time.Time `json:"created"`
	// Pharos is the version that wrote the file.
	Pharos string `json:"pharos"`
}

// Stream is a stream of a part and how many entries it has there.
type Stream struct {
	Labels model.Labels `json:"labels"`
	Rows   int64        `json:"rows"`
}

// archivedBefore returns the number below which the hour has every entry of a store.
func (m *Manifest) archivedBefore(store string) uint64 {
	var n uint64
	if m == nil {
		return 0
	}
	for i := range m.Parts {
		if m.Parts[i].Store == store {
			n = max(n, m.Parts[i].Before)
		}
	}
	return n
}

// nextPart is the number of the next part's name.
func (m *Manifest) nextPart() int {
	next := 0
	if m == nil {
		return 0
	}
	for i := range m.Parts {
		if n, ok := parsePartName(m.Parts[i].Name); ok {
			next = max(next, n+1)
		}
	}
	return next
}

// lastCreated is when the newest part of a store was made.
func (m *Manifest) lastCreated(store string) time.Time {
	var last time.Time
	if m == nil {
		return last
	}
	for i := range m.Parts {
		if m.Parts[i].Store == store && m.Parts[i].Created.After(last) {
			last = m.Parts[i].Created
		}
	}
	return last
}

// with returns the manifest with further parts and new totals.
func (m *Manifest) with(t tenant.ID, h Hour, parts []Part) *Manifest {
	out := &Manifest{Format: formatVersion, Tenant: t, Hour: h.Time()}
	if m != nil {
		out.Parts = slices.Clone(m.Parts)
	}
	out.Parts = append(out.Parts, parts...)
	for i := range out.Parts {
		p := &out.Parts[i]
		out.Rows += p.Rows
		out.Bytes += p.Bytes
		if out.MinTime.IsZero() || p.MinTime.Before(out.MinTime) {
			out.MinTime = p.MinTime
		}
		if p.MaxTime.After(out.MaxTime) {
			out.MaxTime = p.MaxTime
		}
	}
	return out
}

func (p *Part) overlaps(start, end int64) bool {
	return p.MaxTime.UnixNano() >= start && p.MinTime.UnixNano() < end
}

// matching returns which streams all matchers select; nil if none are.
func (p *Part) matching(ms []*labels.Matcher) []bool {
	var out []bool
	for i := range p.Streams {
		if selects(ms, p.Streams[i].Labels) {
			if out == nil {
				out = make([]bool, len(p.Streams))
			}
			out[i] = true
		}
	}
	return out
}

func selects(ms []*labels.Matcher, ls model.Labels) bool {
	for _, m := range ms {
		if !m.Matches(ls.Get(m.Name)) {
			return false
		}
	}
	return true
}

func (m *Manifest) encode() ([]byte, error) { return json.MarshalIndent(m, "", " ") }

// decodeManifest reads a manifest and checks that it is one of that hour.
func decodeManifest(b []byte, t tenant.ID, h Hour) (*Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if m.Format != formatVersion {
		return nil, fmt.Errorf("format %d, this version reads %d", m.Format, formatVersion)
	}
	if m.Tenant != t || !m.Hour.Equal(h.Time()) {
		return nil, fmt.Errorf("%w: it says tenant %q and hour %s", ErrDamaged, m.Tenant, m.Hour)
	}
	for i := range m.Parts {
		if err := m.Parts[i].check(h); err != nil {
			return nil, fmt.Errorf("%w: part %d: %w", ErrDamaged, i, err)
		}
	}
	return &m, nil
}

func (p *Part) check(h Hour) error {
	_, ok := parsePartName(p.Name)
	first, last := p.MinTime.UnixNano(), p.MaxTime.UnixNano()
	switch {
	case !ok:
		return fmt.Errorf("bad name %q", p.Name)
	case p.Bytes <= 0 || p.Rows <= 0 || len(p.SHA256) != 64 || p.First >= p.Before || len(p.Streams) == 0:
		return errors.New("incomplete")
	case first < int64(h) || last < first || last >= h.End():
		return errors.New("times are outside of the hour")
	}
	return nil
}

// readManifest returns an hour's manifest, nil if there is none.
func readManifest(ctx context.Context, b objstore.BucketReader, t tenant.ID, h Hour) (*Manifest, int64, error) {
	name := hourDir(t, h) + manifestName
	text, err := readObject(ctx, b, name, maxManifest)
	if err != nil {
		if b.IsObjNotFoundErr(err) {
			return nil, 0, nil
		}
		return nil, 0, fmt.Errorf("read manifest %s: %w", name, err)
	}
	m, err := decodeManifest(text, t, h)
	if err != nil {
		return nil, 0, fmt.Errorf("read manifest %s: %w", name, err)
	}
	return m, int64(len(text)), nil
}

// readObject reads a small object whole.
func readObject(ctx context.Context, b objstore.BucketReader, name string, most int64) ([]byte, error) {
	r, err := b.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, err
	}
	if int64(len(text)) > most {
		return nil, fmt.Errorf("%w: larger than %d bytes", ErrDamaged, most)
	}
	return text, nil
}

// writeManifest commits an hour: it uploads the manifest and reads it back.
func writeManifest(ctx context.Context, b objstore.Bucket, m *Manifest) error {
	name := hourDir(m.Tenant, HourOf(m.Hour.UnixNano())) + manifestName
	text, err := m.encode()
	if err != nil {
		return fmt.Errorf("write manifest %s: %w", name, err)
	}
	if len(text) > maxManifest {
		return fmt.Errorf("write manifest %s: %d bytes are more than %d", name, len(text), maxManifest)
	}
	if err := b.Upload(ctx, name, bytes.NewReader(text), objstore.WithContentType("application/json")); err != nil {
		return fmt.Errorf("write manifest %s: %w", name, err)
	}
	back, err := readObject(ctx, b, name, maxManifest)
	if err != nil {
		return fmt.Errorf("read back manifest %s: %w", name, err)
	}
	if !bytes.Equal(back, text) {
		return fmt.Errorf("read back manifest %s: %w", name, ErrDamaged)
	}
	return nil
}
