package rdb

// jones is the polynomial of Jones's CRC-64 with its bits reversed, since bits enter from the low end.
const jones = 0x95ac9329ac4bc9b5

// crcTables[k][b] is the checksum of the byte b followed by k zero bytes: with eight of them, eight bytes are
// summed by eight independent look-ups (Intel's slicing-by-8), about five times as fast as one by one. 16
// KiB that are computed cost less of a download than 16 KiB that are spelt out.
var crcTables [8][256]uint64

// CRC64 continues the checksum crc, 0 at first, with p. The first call must have returned before another
// goroutine makes one, since it builds the tables.
func CRC64(crc uint64, p []byte) uint64 {
	if crcTables[0][1] == 0 {
		buildTables()
	}
	t := &crcTables
	for len(p) >= 8 {
		crc ^= uint64(p[0]) | uint64(p[1])<<8 | uint64(p[2])<<16 | uint64(p[3])<<24 |
			uint64(p[4])<<32 | uint64(p[5])<<40 | uint64(p[6])<<48 | uint64(p[7])<<56 // one load
		crc = t[7][byte(crc)] ^ t[6][byte(crc>>8)] ^ t[5][byte(crc>>16)] ^ t[4][byte(crc>>24)] ^
			t[3][byte(crc>>32)] ^ t[2][byte(crc>>40)] ^ t[1][byte(crc>>48)] ^ t[0][byte(crc>>56)]
		p = p[8:]
	}
	for _, b := range p {
		crc = t[0][byte(crc)^b] ^ crc>>8
	}
	return crc
}

func buildTables() {
	for b := range crcTables[0] {
		crc := uint64(b)
		for range 8 {
			crc = crc>>1 ^ jones&-(crc&1)
		}
		crcTables[0][b] = crc
	}
	for k := 1; k < len(crcTables); k++ {
		for b := range crcTables[k] {
			crc := crcTables[k-1][b]
			crcTables[k][b] = crcTables[0][byte(crc)] ^ crc>>8
		}
	}
}
