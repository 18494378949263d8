package conf

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// byteSize is a size as Loki writes them: "256kb" and "2M" are powers of 1024.
type byteSize int64

// UnmarshalText parses a size.
func (b *byteSize) UnmarshalText(text []byte) error {
	s := strings.ToLower(strings.TrimSpace(string(text)))
	number := strings.TrimRight(s, "kmgtib ")
	factor := 1.0
	switch strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(s[len(number):]), "b"), "i") {
	case "":
	case "k":
		factor = 1 << 10
	case "m":
		factor = 1 << 20
	case "g":
		factor = 1 << 30
	case "t":
		factor = 1 << 40
	default:
		return fmt.Errorf("expected a size such as \"256kb\" or \"2M\", found %q", text)
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n < 0 || math.IsNaN(n) || n*factor > math.MaxInt32 {
		return fmt.Errorf("expected a size such as \"256kb\" or \"2M\" below 2 GiB, found %q", text)
	}
	*b = byteSize(n * factor)
	return nil
}

// sorted puts problems into the file's order.
func sorted(problems []strictyaml.Problem) []strictyaml.Problem {
	slices.SortStableFunc(problems, func(a, b strictyaml.Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return problems
}
