package fluent

import "encoding/binary"

// What the server says is small: arrays, maps, texts and booleans.

func appendArray(b []byte, n int) []byte { return append(b, 0x90|byte(n)) }
func appendMap(b []byte, n int) []byte   { return append(b, 0x80|byte(n)) }

func appendString(b []byte, s string) []byte {
	switch {
	case len(s) < 32:
		b = append(b, 0xa0|byte(len(s)))
	case len(s) < 1<<8:
		b = append(b, 0xd9, byte(len(s)))
	case len(s) < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0xda), uint16(len(s)))
	default:
		b = binary.BigEndian.AppendUint32(append(b, 0xdb), uint32(len(s)))
	}
	return append(b, s...)
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 0xc3)
	}
	return append(b, 0xc2)
}
