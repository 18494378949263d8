package strictyaml

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// Duration is a time.Duration written as Prometheus writes it: "15d", "1h30m",
// "90s" (units y w d h m s ms).
type Duration time.Duration

// UnmarshalText also takes Go's notation ("1.5h").
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := parseDuration(string(text))
	if err != nil {
		return err
	}
	*d = Duration(v)
	return nil
}

// MarshalText is the inverse of UnmarshalText.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (d Duration) String() string { return model.Duration(d).String() }

func parseDuration(s string) (time.Duration, error) {
	if d, err := time.ParseDuration(s); err == nil {
		return d, nil
	}
	if d, err := model.ParseDuration(s); err == nil {
		return time.Duration(d), nil
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return 0, fmt.Errorf(`expected a duration such as "30s" or "15d", found %q without a unit`, s)
	}
	return 0, fmt.Errorf(`expected a duration such as "30s" or "15d", found %q`, s)
}

// Bytes is a size: a number of bytes, or one with a unit, "512MB" (powers of
// 1000) or "2GiB" (powers of 1024), in any case.
type Bytes int64

var byteUnits = []struct {
	name   string
	factor float64
}{
	{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"tib", 1 << 40},
	{"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"tb", 1e12},
	{"b", 1}, {"", 1},
}

// UnmarshalText parses a size.
func (b *Bytes) UnmarshalText(text []byte) error {
	s := strings.ToLower(strings.TrimSpace(string(text)))
	for _, u := range byteUnits {
		number, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || n < 0 || n*u.factor >= math.MaxInt64 || math.IsNaN(n) {
			break
		}
		*b = Bytes(n * u.factor)
		return nil
	}
	return fmt.Errorf(`expected a size such as "512MB" or "2GiB", found %q`, text)
}

// MarshalText is the inverse of UnmarshalText.
func (b Bytes) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// String writes the size in the largest unit that holds it exactly.
func (b Bytes) String() string {
	best := strconv.FormatInt(int64(b), 10) + "B"
	for _, u := range []struct {
		name   string
		factor Bytes
	}{
		{"KB", 1e3}, {"KiB", 1 << 10}, {"MB", 1e6}, {"MiB", 1 << 20},
		{"GB", 1e9}, {"GiB", 1 << 30}, {"TB", 1e12}, {"TiB", 1 << 40},
	} {
		if b != 0 && b%u.factor == 0 {
			best = strconv.FormatInt(int64(b/u.factor), 10) + u.name
		}
	}
	return best
}
