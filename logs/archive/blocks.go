package archive

import (
	"fmt"
	"hash/crc32"
)

// blockSize is the unit in which parts of a file can be read and checked without
// reading all of it.
const blockSize = 256 << 10

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// blockSums makes the CRC-32C of each block of what is written to it.
type blockSums struct {
	n    int64
	sums []uint32
}

func (b *blockSums) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		if b.n%blockSize == 0 {
			b.sums = append(b.sums, 0)
		}
		n := min(blockSize-b.n%blockSize, int64(len(rest)))
		last := &b.sums[len(b.sums)-1]
		*last = crc32.Update(*last, castagnoli, rest[:n])
		b.n += n
		rest = rest[n:]
	}
	return len(p), nil
}

// blocks is how many a file of that length has.
func blocks(length int64) int64 { return (length + blockSize - 1) / blockSize }

// checkBlocks compares whole blocks, which begin at offset, with their checksums.
func (p *Part) checkBlocks(data []byte, offset int64) error {
	for i := offset / blockSize; len(data) > 0; i++ {
		n := min(blockSize, len(data))
		if got := crc32.Checksum(data[:n], castagnoli); got != p.Blocks[i] {
			return fmt.Errorf("%w: checksum of block %d is %08x, want %08x", ErrDamaged, i, got, p.Blocks[i])
		}
		data = data[n:]
	}
	return nil
}
