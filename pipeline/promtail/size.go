package promtail

import (
	"fmt"
	"strconv"
	"strings"
)

// byteSize is a size as Promtail writes it: a whole number with a unit in any case,
// each 1024 times the one before it ("8kb" is 8192).
type byteSize int64

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *byteSize) UnmarshalText(text []byte) error {
	s := strings.ToUpper(strings.TrimSpace(string(text)))
	digits := strings.TrimRight(s, "BIKMGTPE ")
	unit := strings.TrimSuffix(strings.TrimSpace(s[len(digits):]), "B")
	if len(unit) == 2 {
		unit = strings.TrimSuffix(unit, "I")
	}
	power := strings.Index(" KMGTPE", unit)
	if unit == "" {
		power = 0
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || len(unit) > 1 || power < 0 || n > 1<<62>>(10*power) {
		return fmt.Errorf(`expected a size such as "8kb" or "1MB", found %q`, text)
	}
	*b = byteSize(n << (10 * power))
	return nil
}
