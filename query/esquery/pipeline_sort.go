package esquery

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/valyala/fastjson"
)

// bucketSort orders and cuts buckets.
type bucketSort struct {
	order      []orderKey
	from, size int
	gap        string
}

func parseBucketSort(v *fastjson.Value) (*bucketSort, error) {
	s := &bucketSort{size: math.MaxInt32}
	err := settings("bucket_sort", v, func(key string, m *fastjson.Value) (bool, error) {
		var err error
		switch key {
		case "sort":
			err = s.keys(m)
		case "from":
			s.from, err = intOf(m, key)
		case "size":
			s.size, err = intOf(m, key)
			if err == nil && s.size <= 0 {
				err = illegalf("[size] must be a positive integer: [bucket_sort]")
			}
		case "gap_policy":
			s.gap, err = textOf(m, key)
		default:
			return false, nil
		}
		return true, err
	})
	if err == nil && s.from < 0 {
		err = illegalf("[from] must be a non-negative integer: [bucket_sort]")
	}
	return s, err
}

func (s *bucketSort) keys(v *fastjson.Value) error {
	for _, item := range items(v) {
		if item.Type() == fastjson.TypeString {
			s.order = append(s.order, orderKey{path: string(item.GetStringBytes())})
			continue
		}
		err := members(item, "sort", func(path string, m *fastjson.Value) error {
			if m.Type() == fastjson.TypeObject {
				if m = m.Get("order"); m == nil {
					m = fastjson.MustParse(`"asc"`)
				}
			}
			text, err := textOf(m, "sort")
			s.order = append(s.order, orderKey{path, strings.EqualFold(text, "desc")})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *bucketSort) paths() []string {
	var out []string
	for _, k := range s.order {
		out = append(out, k.path)
	}
	return out
}

func (s *bucketSort) apply(_ string, list []*bucket) ([]*bucket, error) {
	values := map[*bucket][]float64{}
	for _, b := range list {
		for _, k := range s.order {
			v, ok := b.metric(k.path)
			if !ok && k.path != "_key" {
				v = math.NaN()
			}
			values[b] = append(values[b], v)
		}
	}
	list = slices.Clone(list)
	if s.gap != "insert_zeros" && len(s.order) > 0 { // buckets without any value are left out
		list = slices.DeleteFunc(list, func(b *bucket) bool {
			return !slices.ContainsFunc(values[b], func(v float64) bool { return !math.IsNaN(v) })
		})
	}
	slices.SortStableFunc(list, func(x, y *bucket) int {
		for i, k := range s.order {
			c := compareMetric(values[x][i], values[y][i], k.desc)
			if k.path == "_key" && c == 0 {
				c = cmp.Compare(x.name, y.name)
			}
			if k.desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	from := min(s.from, len(list))
	return list[from:min(len(list), from+s.size)], nil
}
