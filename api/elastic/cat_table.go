package elastic

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/pharosd/pharos/internal/esapi"
)

// catColumn is a column of a _cat answer.
type catColumn struct {
	name    string
	aliases []string
	// hidden columns are shown only when asked for.
	hidden bool
	right  bool // numbers
	help   string
}

func (c *catColumn) called(name string) bool {
	return esapi.Match(name, c.name) || slices.Contains(c.aliases, name)
}

// catTable is a _cat answer: a table for people, or JSON.
type catTable struct {
	columns []catColumn
	rows    [][]string
}

// write answers with what h, s, v, help and format ask for.
func (t *catTable) write(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	flags := map[string]bool{}
	for _, name := range []string{"v", "help"} {
		var err error
		if flags[name], err = esapi.Flag(r, name); err != nil {
			return err
		}
	}
	switch f := q.Get("format"); f {
	case "", "json", "text", "txt":
	default:
		return esapi.Illegal("format [" + f + "] is not supported, want text or json")
	}
	if flags["help"] {
		esapi.WriteText(w, r, t.help())
		return nil
	}
	shown, err := t.shown(q.Get("h"))
	if err != nil {
		return err
	}
	if err := t.sort(q.Get("s")); err != nil {
		return err
	}
	if esapi.PrefersText(r) {
		esapi.WriteText(w, r, t.text(shown, flags["v"]))
		return nil
	}
	out := make([]map[string]string, len(t.rows))
	for i, row := range t.rows {
		out[i] = map[string]string{}
		for _, at := range shown {
			out[i][t.columns[at].name] = row[at]
		}
	}
	esapi.WriteJSON(w, r, http.StatusOK, out)
	return nil
}

// shown are the places of the columns that h names, or of those that are not hidden.
func (t *catTable) shown(h string) ([]int, error) {
	var out []int
	if h == "" {
		for i, c := range t.columns {
			if !c.hidden {
				out = append(out, i)
			}
		}
		return out, nil
	}
	for name := range strings.SplitSeq(h, ",") {
		for i := range t.columns {
			if t.columns[i].called(strings.TrimSpace(name)) {
				out = append(out, i)
			}
		}
	}
	if len(out) == 0 {
		return nil, esapi.Illegal("none of the columns [" + h + "] exists; help lists them")
	}
	return out, nil
}

// sort orders the rows by s: column, or column:desc, the first that counts first.
func (t *catTable) sort(s string) error {
	keys := strings.Split(s, ",")
	for i := len(keys) - 1; i >= 0 && s != ""; i-- {
		name, order, _ := strings.Cut(keys[i], ":")
		at := slices.IndexFunc(t.columns, func(c catColumn) bool { return c.called(name) })
		if at < 0 {
			return &esapi.Error{Status: http.StatusBadRequest, Type: "unsupported_operation_exception", Reason: "Unable to sort by unknown sort key `" + name + "`"}
		}
		slices.SortStableFunc(t.rows, func(a, b []string) int {
			n := compareCells(a[at], b[at])
			if order == "desc" {
				return -n
			}
			return n
		})
	}
	return nil
}

// compareCells compares numbers, with a unit or not, as numbers.
func compareCells(a, b string) int {
	x, okX := cellNumber(a)
	y, okY := cellNumber(b)
	switch {
	case !okX || !okY:
		return strings.Compare(a, b)
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func cellNumber(s string) (float64, bool) {
	scale := 1.0
	for i, suffix := range []string{"kb", "mb", "gb", "tb"} {
		if number, ok := strings.CutSuffix(s, suffix); ok {
			s = number
			for range i + 1 {
				scale *= 1024
			}
			break
		}
	}
	n, err := strconv.ParseFloat(strings.TrimSuffix(s, "b"), 64)
	return n * scale, err == nil
}

func (t *catTable) help() string {
	var b strings.Builder
	for _, c := range t.columns {
		b.WriteString(c.name + " | " + strings.Join(c.aliases, ",") + " | " + c.help + "\n")
	}
	return b.String()
}

func (t *catTable) text(shown []int, names bool) string {
	width := make([]int, len(shown))
	for i, at := range shown {
		if names {
			width[i] = len(t.columns[at].name)
		}
		for _, row := range t.rows {
			width[i] = max(width[i], len(row[at]))
		}
	}
	var b strings.Builder
	line := func(cell func(at int) string) {
		for i, at := range shown {
			text := cell(at)
			pad := strings.Repeat(" ", width[i]-len(text))
			if i > 0 {
				b.WriteByte(' ')
			}
			switch {
			case t.columns[at].right:
				b.WriteString(pad + text)
			case i == len(shown)-1:
				b.WriteString(text)
			default:
				b.WriteString(text + pad)
			}
		}
		b.WriteByte('\n')
	}
	if names {
		line(func(at int) string { return t.columns[at].name })
	}
	for _, row := range t.rows {
		line(func(at int) string { return row[at] })
	}
	return b.String()
}

// byteText is a number of bytes as _cat shows it: 222.8kb, or plain if the request
// asks for bytes=b and the like.
func byteText(n uint64, unit string) (string, error) {
	units := []string{"b", "kb", "mb", "gb", "tb"}
	if unit != "" {
		at := slices.Index(units, unit)
		if at < 0 {
			return "", esapi.Illegal("failed to parse unit [" + unit + "], want one of b, kb, mb, gb, tb")
		}
		return strconv.FormatUint(n>>(10*at), 10), nil
	}
	value, at := float64(n), 0
	for value >= 1024 && at < len(units)-1 {
		value /= 1024
		at++
	}
	text := strconv.FormatFloat(value, 'f', 1, 64)
	return strings.TrimSuffix(text, ".0") + units[at], nil
}
