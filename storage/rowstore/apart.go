package rowstore

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
)

// The engine keeps a column of numbers, addresses or times in binary form and spells
// them its own way when they are read: 1.50 comes back as 1.5, 1_000 as 1000. It does
// so if all values of a block are of the kind, so that nobody can tell when a row is
// written. What would not come back as it was is therefore kept apart as well, in a
// column that begins with apartPrefix, behind apartMark, which no number begins with.
// A decimal number stays in its column too, for ranges. A row's value is the one kept
// apart, if there is one.
const (
	apartPrefix = "~="
	apartMark   = "'"
)

// apartColumn is where such values of a column are.
func apartColumn(name string) string {
	if name == "" {
		name = MessageField
	}
	return apartPrefix + name
}

// spelling is what the engine may do to a value.
type spelling uint8

const (
	exact         spelling = iota
	respeltNumber          // spelled as another decimal number of the same value
	respelt                // otherwise
)

// longestNumber is the length of the longest text that the engine takes for a number.
const longestNumber = len("-18_446_744_073_709_551_615")

// spellingOf says what the engine may do to v, at worst: a value that is kept apart
// without need is as good as any.
func spellingOf(v string) spelling {
	if v == "" || len(v) > longestNumber || v[0] > '9' && v[0] != '_' || v[0] < '-' {
		return exact
	}
	dots, underscore := 0, false
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c >= '0' && c <= '9':
		case c == '.':
			dots++
		case c == '_':
			underscore = true
		case c == '-' && i == 0:
		case isTime(v) && !isExactTime(v):
			return respelt
		default:
			return exact
		}
	}
	switch {
	case underscore, dots == 3 && hasPaddedOctet("."+v):
		return respelt
	case v == "-0", dots == 1 && isDecimal(v) && !isExactDecimal(v):
		return respeltNumber
	}
	return exact
}

// hasPaddedOctet says whether a number behind a point has a leading zero.
func hasPaddedOctet(v string) bool {
	for i := 0; i+2 < len(v); i++ {
		if v[i] == '.' && v[i+1] == '0' && v[i+2] != '.' {
			return true
		}
	}
	return false
}

// isDecimal says whether the engine takes digits with one point for a number.
func isDecimal(v string) bool {
	whole, frac, _ := strings.Cut(strings.TrimPrefix(v, "-"), ".")
	return whole != "" && frac != "" && (whole[0] != '0' || len(whole) == 1)
}

// isExactDecimal does the engine's arithmetic and looks whether the same text results.
func isExactDecimal(v string) bool {
	if v[len(v)-1] == '0' {
		return false
	}
	whole, frac, _ := strings.Cut(strings.TrimPrefix(v, "-"), ".")
	w, err1 := strconv.ParseUint(whole, 10, 64)
	f, err2 := strconv.ParseUint(frac, 10, 64)
	if err1 != nil || err2 != nil {
		return false
	}
	n := math.FMA(float64(f), math.Pow10(-len(frac)), float64(w))
	if v[0] == '-' {
		n = -n
	}
	if len(v) <= 15 { // decimals of so few digits are numbers of their own each
		exact, err := strconv.ParseFloat(v, 64)
		return err == nil && exact == n
	}
	var b [64]byte
	return string(strconv.AppendFloat(b[:0], n, 'f', -1, 64)) == v
}

// isTime says whether v is of the form of the times that the engine knows.
func isTime(v string) bool {
	const form = "0000-00-00T00:00:00.000Z"
	if len(v) != len(form) {
		return false
	}
	for i := 0; i < len(v); i++ {
		digit := v[i] >= '0' && v[i] <= '9'
		if form[i] == '0' && !digit || form[i] != '0' && v[i] != form[i] && (i != 10 || v[i] != ' ') {
			return false
		}
	}
	return true
}

// isExactTime says whether v, which is of that form, is a time of the calendar that
// has a number of nanoseconds.
func isExactTime(v string) bool {
	t, err := time.Parse("2006-01-02T15:04:05.000Z", v)
	return err == nil && t.Year() > 1677 && t.Year() < 2262
}

// keepApart appends the values of a row that the engine would respell, marked, and
// takes those that are no numbers from their columns. Values of the stream are the
// same in a whole block, which the engine keeps as they are, but for grouping by
// integers.
func keepApart(fields []logstorage.Field, r *Row) []logstorage.Field {
	n := len(fields)
	for i := range n {
		f := &fields[i]
		kind := spellingOf(f.Value)
		if kind == exact || f.Value != "-0" && !strings.Contains(f.Value, "_") && isOfStream(r, f.Name) {
			continue
		}
		fields = append(fields, logstorage.Field{Name: apartColumn(f.Name), Value: apartMark + f.Value})
		if f = &fields[i]; kind == respelt {
			f.Value = ""
		}
	}
	return fields
}

// isOfStream says whether a row's field is its stream's.
func isOfStream(r *Row, name string) bool {
	return hasField(r.Stream, name) && !hasField(r.Fields, name)
}

// joinApart puts values that were kept apart into the columns of a block. Columns'
// values may be the engine's: they are copied, not changed.
func joinApart(columns, apart []Column) []Column {
	for _, a := range apart {
		name := a.Name[len(apartPrefix):]
		at := slices.IndexFunc(columns, func(c Column) bool { return c.Name == name })
		values := make([]string, len(a.Values))
		if at >= 0 {
			copy(values, columns[at].Values)
			columns[at].Values = values
		} else {
			columns = append(columns, Column{Name: name, Values: values})
		}
		for i, v := range a.Values {
			if v != "" {
				values[i] = strings.TrimPrefix(v, apartMark)
			}
		}
	}
	return columns
}

// withApart appends the columns where values of the named ones are kept apart.
func withApart(names []string) []string {
	out := slices.Clone(names)
	for _, name := range names {
		if !hiddenName(name) {
			out = append(out, apartColumn(name))
		}
	}
	return out
}

type (
	// keptApart matches rows with a value that is kept apart in one of the columns,
	// noneApart the others.
	keptApart []string
	noneApart []string
)

func (keptApart) filter() {}
func (noneApart) filter() {}

func (k noneApart) render() condition {
	parts := make([]string, len(k))
	for i, name := range k {
		parts[i] = column(apartColumn(name)) + `=""`
	}
	return condition{text: strings.Join(parts, " "), always: len(k) == 0}
}

func (k keptApart) render() condition {
	if len(k) == 0 {
		return condition{never: true}
	}
	var parts []string
	for _, name := range k {
		parts = append(parts, "!"+column(apartColumn(name))+`=""`)
	}
	return condition{text: "(" + strings.Join(parts, " or ") + ")"}
}
