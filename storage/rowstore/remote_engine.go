package rowstore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/encoding/zstd"
	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
)

// Transport reaches the servers behind a Remote. Errors of servers have their text.
type Transport interface {
	// Query posts a form to a path of the servers that answer queries.
	Query(ctx context.Context, path string, form url.Values) (io.ReadCloser, error)
	// Insert posts rows, compressed with zstd, to a path of a server that keeps rows, and
	// returns when it has them.
	Insert(ctx context.Context, path string, args url.Values, rows []byte) error
	// Nodes gets a path of every server that keeps rows, and returns the answers.
	Nodes(ctx context.Context, path string) ([][]byte, error)
}

// The servers' protocol among themselves, which gives back every byte that was
// stored, unlike their public one.
const (
	insertPath = "/internal/insert"
	selectPath = "/internal/select/"
	flushPath  = "/internal/force_flush"
	// protocolVersion is refused by servers that speak another one.
	protocolVersion = "v1"
)

// maxFrame bounds what a server sends at a time, compressed; its frames have a few
// MiB at most.
const maxFrame = 256 << 20

// remoteEngine is an engine on other servers.
type remoteEngine struct{ transport Transport }

func (e remoteEngine) form(ids []logstorage.TenantID, q *logstorage.Query) url.Values {
	return url.Values{
		"version":             {protocolVersion},
		"tenant_ids":          {string(logstorage.MarshalTenantIDs(nil, ids))},
		"query":               {q.String()},
		"timestamp":           {strconv.FormatInt(q.GetTimestamp(), 10)},
		"disable_compression": {"false"},
	}
}

// RunQuery lets the servers do all of the query.
func (e remoteEngine) RunQuery(ctx context.Context, ids []logstorage.TenantID, q *logstorage.Query, write logstorage.WriteDataBlockFunc) error {
	body, err := e.transport.Query(ctx, selectPath+"query", e.form(ids, q))
	if err != nil {
		return fmt.Errorf("query log server: %w", err)
	}
	defer body.Close()
	workers := q.GetConcurrency()
	frames := make(chan []byte)
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			d := frameDecoder{write: func(db *logstorage.DataBlock) { write(uint(w), db) }}
			for frame := range frames {
				if errs[w] == nil {
					errs[w] = d.decode(frame)
				}
			}
		})
	}
	err = readFrames(body, frames)
	close(frames)
	wg.Wait()
	if err = errors.Join(append(errs, err)...); err != nil {
		return fmt.Errorf("read answer of log server: %w", err)
	}
	return nil
}

// readFrames splits an answer: a length of eight bytes, big endian, and so many bytes.
func readFrames(r io.Reader, to chan<- []byte) error {
	for {
		var size [8]byte
		if _, err := io.ReadFull(r, size[:]); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		n := binary.BigEndian.Uint64(size[:])
		if n > maxFrame {
			return fmt.Errorf("frame of %d bytes", n)
		}
		frame := make([]byte, n)
		if _, err := io.ReadFull(r, frame); err != nil {
			return err
		}
		to <- frame
	}
}

// frameDecoder hands out the blocks of frames, reusing its memory.
type frameDecoder struct {
	write  func(*logstorage.DataBlock)
	buf    []byte
	block  logstorage.DataBlock
	values []string
}

func (d *frameDecoder) decode(frame []byte) (err error) {
	if d.buf, err = zstd.Decompress(d.buf[:0], frame); err != nil {
		return err
	}
	for rest := d.buf; len(rest) > 0; {
		if rest, d.values, err = d.block.UnmarshalInplace(rest, d.values[:0]); err != nil {
			return err
		}
		d.write(&d.block)
	}
	return nil
}

// values runs a look-up.
func (e remoteEngine) values(ctx context.Context, what string, form url.Values) ([]logstorage.ValueWithHits, error) {
	body, err := e.transport.Query(ctx, selectPath+what, form)
	if err != nil {
		return nil, fmt.Errorf("query log server: %w", err)
	}
	defer body.Close()
	packed, err := io.ReadAll(io.LimitReader(body, maxFrame))
	if err != nil {
		return nil, fmt.Errorf("read answer of log server: %w", err)
	}
	rest, err := zstd.Decompress(nil, packed)
	if err != nil {
		return nil, fmt.Errorf("read answer of log server: %w", err)
	}
	var out []logstorage.ValueWithHits
	for len(rest) > 0 {
		var v logstorage.ValueWithHits
		if rest, err = v.UnmarshalInplace(rest); err != nil {
			return nil, fmt.Errorf("read answer of log server: %w", err)
		}
		v.Value = strings.Clone(v.Value)
		out = append(out, v)
	}
	return out, nil
}

func (e remoteEngine) limited(ctx context.Context, what string, ids []logstorage.TenantID, q *logstorage.Query, field string, limit uint64) ([]logstorage.ValueWithHits, error) {
	form := e.form(ids, q)
	form.Set("field", field)
	form.Set("limit", strconv.FormatUint(limit&(1<<63-1), 10)) // a signed number there
	return e.values(ctx, what, form)
}

func (e remoteEngine) GetFieldNames(ctx context.Context, ids []logstorage.TenantID, q *logstorage.Query) ([]logstorage.ValueWithHits, error) {
	return e.values(ctx, "field_names", e.form(ids, q))
}

func (e remoteEngine) GetFieldValues(ctx context.Context, ids []logstorage.TenantID, q *logstorage.Query, name string, limit uint64) ([]logstorage.ValueWithHits, error) {
	return e.limited(ctx, "field_values", ids, q, name, limit)
}

func (e remoteEngine) GetStreamFieldNames(ctx context.Context, ids []logstorage.TenantID, q *logstorage.Query) ([]logstorage.ValueWithHits, error) {
	return e.values(ctx, "stream_field_names", e.form(ids, q))
}

func (e remoteEngine) GetStreamFieldValues(ctx context.Context, ids []logstorage.TenantID, q *logstorage.Query, name string, limit uint64) ([]logstorage.ValueWithHits, error) {
	return e.limited(ctx, "stream_field_values", ids, q, name, limit)
}

func (e remoteEngine) GetStreams(ctx context.Context, ids []logstorage.TenantID, q *logstorage.Query, limit uint64) ([]logstorage.ValueWithHits, error) {
	return e.limited(ctx, "streams", ids, q, "", limit)
}

// insert sends rows in the servers' format.
func (e remoteEngine) insert(ctx context.Context, rows []byte) error {
	err := e.transport.Insert(ctx, insertPath, url.Values{"version": {protocolVersion}}, zstd.CompressLevel(nil, rows, 1))
	if err != nil {
		return fmt.Errorf("send rows to log server: %w", err)
	}
	return nil
}

// flush lets queries see what was sent.
func (e remoteEngine) flush(ctx context.Context) error {
	if _, err := e.transport.Nodes(ctx, flushPath); err != nil {
		return fmt.Errorf("flush log server: %w", err)
	}
	return nil
}

// startTime is in the metrics of every server.
const startTime = "process_start_time_seconds "

// started is another text after a server was started again.
func (e remoteEngine) started(ctx context.Context) (string, error) {
	answers, err := e.transport.Nodes(ctx, "/metrics")
	if err != nil {
		return "", fmt.Errorf("read metrics of log server: %w", err)
	}
	var all strings.Builder
	for _, body := range answers {
		_, rest, ok := strings.Cut("\n"+string(body), "\n"+startTime)
		if !ok {
			return "", errors.New("read metrics of log server: its start is not there")
		}
		at, _, _ := strings.Cut(rest, "\n")
		all.WriteString(at + " ")
	}
	return all.String(), nil
}
