package murmur

import (
	"encoding/binary"
	"fmt"
	"testing"
)

// The values are those of the fingerprint filter's own tests.
func TestSums(t *testing.T) {
	for want, got := range map[uint32]uint32{
		4013733395: Sum32([]byte("123.123.123.123"), 0),
		823512154:  Sum32([]byte{123, 0, 0, 0, 0, 0, 0, 0}, 0),
	} {
		if got != want {
			t.Errorf("32 bits: %d, want %d", got, want)
		}
	}
	for want, data := range map[string][]byte{
		"41cbc4056eed401d091dfbeabf7ea9e0": []byte("123.123.123.123"),
		"286816c693ac410ed63e1430dcd6f6fe": {123, 0, 0, 0},
		"fdc7699a82556c8c584131f0133ee989": binary.LittleEndian.AppendUint64(nil, 2148483647),
	} {
		if got := fmt.Sprintf("%x", Sum128(data, 2)); got != want {
			t.Errorf("128 bits: %s, want %s", got, want)
		}
	}
}
