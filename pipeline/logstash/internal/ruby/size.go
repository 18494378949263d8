package ruby

import "math"

// itemSize is what an element of a list or an entry of a hash takes besides its text,
// about.
const itemSize = 48

func ownSize(v any) int {
	switch v := v.(type) {
	case string:
		return itemSize + len(v)
	case Symbol:
		return itemSize + len(v)
	}
	return itemSize
}

// Size is about how many bytes a value takes. A value that contains itself is endless:
// math.MaxInt.
func Size(v any) int {
	total, left := 0, 10*maxItems
	if !addSize(v, &total, &left, 0) {
		return math.MaxInt
	}
	return total
}

func addSize(v any, total, left *int, depth int) bool {
	if *left--; *left < 0 || depth > maxDepth {
		return false
	}
	*total += ownSize(v)
	switch v := v.(type) {
	case *Array:
		for _, x := range v.Items {
			if !addSize(x, total, left, depth+1) {
				return false
			}
		}
	case *Hash:
		for _, k := range v.keys {
			*total += ownSize(k)
			if !addSize(v.values[k], total, left, depth+1) {
				return false
			}
		}
	}
	return true
}

// Grown is about how many bytes the last run added to lists and hashes; what it removed
// is not counted.
func (o *Object) Grown() int { return o.grown }
