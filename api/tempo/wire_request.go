package tempo

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"github.com/go-logfmt/logfmt"
	"google.golang.org/protobuf/encoding/protowire"
)

// param is the parameter of the HTTP API that a field of a gRPC request is, with how its
// value is written there.
type param struct {
	name string
	unit string // follows numbers
}

// The requests of Tempo's gRPC API. Fields that are not named do not concern a query
// (sharding and the like) and are passed over.
var (
	searchFields = map[protowire.Number]param{
		1: {name: "tags"}, 2: {"minDuration", "ms"}, 3: {"maxDuration", "ms"}, 4: {name: "limit"},
		5: {name: "start"}, 6: {name: "end"}, 8: {name: "q"}, 9: {name: "spss"},
	}
	tagsFields = map[protowire.Number]param{
		1: {name: "scope"}, 2: {name: "q"}, 3: {name: "start"}, 4: {name: "end"}, 5: {name: "limit"},
	}
	valuesFields = map[protowire.Number]param{
		1: {name: "tag"}, 2: {name: "q"}, 4: {name: "start"}, 5: {name: "end"}, 6: {name: "limit"},
	}
	rangeFields = map[protowire.Number]param{
		1: {name: "q"}, 2: {name: "start"}, 3: {name: "end"}, 4: {"step", "ns"}, 16: {name: "exemplars"},
	}
	instantFields = map[protowire.Number]param{1: {name: "q"}, 2: {name: "start"}, 3: {name: "end"}}
)

// maxTags bounds the tags of one search.
const maxTags = 100

// decodeRequest reads a request as the parameters that the HTTP API has for it.
func decodeRequest(body []byte, fields map[protowire.Number]param) (url.Values, error) {
	form := url.Values{}
	var tags []any
	for len(body) > 0 {
		num, typ, n := protowire.ConsumeTag(body)
		if n < 0 {
			return nil, fmt.Errorf("decode the request: %w", protowire.ParseError(n))
		}
		size := protowire.ConsumeFieldValue(num, typ, body[n:])
		if size < 0 {
			return nil, fmt.Errorf("decode the request: %w", protowire.ParseError(size))
		}
		value := body[n : n+size]
		body = body[n+size:]
		p, ok := fields[num]
		switch {
		case !ok:
		case typ == protowire.VarintType:
			v, _ := protowire.ConsumeVarint(value)
			if v != 0 { // as if it were missing
				form.Set(p.name, strconv.FormatUint(v, 10)+p.unit)
			}
		case typ != protowire.BytesType:
			return nil, fmt.Errorf("decode the request: field %d has the wrong type", num)
		case p.name == "tags":
			v, _ := protowire.ConsumeBytes(value)
			key, text, err := decodeTag(v)
			if err != nil {
				return nil, err
			}
			if tags = append(tags, key, text); len(tags) > 2*maxTags {
				return nil, fmt.Errorf("the request has more than %d tags", maxTags)
			}
		default:
			v, _ := protowire.ConsumeString(value)
			form.Set(p.name, v)
		}
	}
	if len(tags) > 0 {
		text, err := logfmt.MarshalKeyvals(tags...)
		if err != nil {
			return nil, fmt.Errorf("decode the request's tags: %w", err)
		}
		form.Set("tags", string(text))
	}
	return form, nil
}

// decodeTag reads an entry of a map of texts.
func decodeTag(entry []byte) (key, value string, err error) {
	for len(entry) > 0 {
		num, typ, n := protowire.ConsumeTag(entry)
		if n < 0 {
			return "", "", fmt.Errorf("decode the request's tags: %w", protowire.ParseError(n))
		}
		size := protowire.ConsumeFieldValue(num, typ, entry[n:])
		if size < 0 || typ != protowire.BytesType {
			return "", "", errors.New("decode the request's tags: want texts")
		}
		text, _ := protowire.ConsumeString(entry[n : n+size])
		switch num {
		case 1:
			key = text
		case 2:
			value = text
		}
		entry = entry[n+size:]
	}
	return key, value, nil
}

// rawCodec passes encoded messages through: in and out are *[]byte and message.
type rawCodec struct{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(v any) ([]byte, error) {
	m, ok := v.(message)
	if !ok {
		return nil, fmt.Errorf("BUG: %T is no message", v)
	}
	return m, nil
}

func (rawCodec) Unmarshal(data []byte, v any) error {
	to, ok := v.(*[]byte)
	if !ok {
		return fmt.Errorf("BUG: %T takes no message", v)
	}
	*to = slices.Clone(data)
	return nil
}
