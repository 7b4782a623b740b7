package rdb

import (
	"math"
	"strconv"

	"riffle/engine/num"
)

// maxIntText is the longest text that is tried as an integer: "-2147483648".
const maxIntText = 11

// minCompressed is the shortest text worth compressing.
const minCompressed = 21

// MostCompressed is the longest text that is compressed: what the reference's decoder takes.
const MostCompressed = math.MaxInt32

// AppendHeader appends what a file begins with.
func AppendHeader(dst []byte) []byte {
	dst = append(dst, magic...)
	return append(dst, '0', '0', '0'+Version/10, '0'+Version%10)
}

// AppendLen appends a length or another unsigned number, in 1, 2, 5 or 9 bytes.
func AppendLen(dst []byte, n uint64) []byte {
	switch {
	case n < 1<<6:
		return append(dst, length6|byte(n))
	case n < 1<<14:
		return append(dst, length14|byte(n>>8), byte(n))
	case n <= math.MaxUint32:
		return appendBig(append(dst, length32), n, 4)
	}
	return appendBig(append(dst, length64), n, 8)
}

// AppendString appends a string: as an integer if it is the text of one of 32 bits, compressed if compress
// asks for it and it helps, else as it is.
func AppendString(dst, s []byte, compress bool) []byte {
	if len(s) <= maxIntText {
		if n, ok := num.ParseInt(s); ok && n == int64(int32(n)) {
			return AppendIntString(dst, n)
		}
	}
	if compress && len(s) >= minCompressed && len(s) <= MostCompressed {
		if compressed, ok := appendCompressed(dst, s); ok {
			return compressed
		}
	}
	dst = AppendLen(dst, uint64(len(s)))
	return append(dst, s...)
}

// AppendIntString appends the text of n as a string, spelt as an integer if n has at most 32 bits.
func AppendIntString(dst []byte, n int64) []byte {
	switch {
	case n == int64(int8(n)):
		return append(dst, lengthEncoded|encodingInt8, byte(n))
	case n == int64(int16(n)):
		return appendLittle(append(dst, lengthEncoded|encodingInt16), uint64(n), 2)
	case n == int64(int32(n)):
		return appendLittle(append(dst, lengthEncoded|encodingInt32), uint64(n), 4)
	}
	var text [20]byte
	digits := strconv.AppendInt(text[:0], n, 10)
	return append(AppendLen(dst, uint64(len(digits))), digits...)
}

// appendCompressed compresses behind a head of the greatest size, then closes the gap: how long the head
// is depends on how long the compressed text gets.
func appendCompressed(dst, s []byte) (result []byte, ok bool) {
	const gap = 1 + 5 + 5
	start := len(dst)
	var room [gap]byte
	dst, ok = appendLZF(append(dst, room[:]...), s)
	if !ok {
		return dst[:start], false
	}
	text := dst[start+gap:]
	return append(AppendCompressedHead(dst[:start], len(text), len(s)), text...), true
}

// AppendCompressedHead appends what stands before the compressed form of a string of size bytes.
func AppendCompressedHead(dst []byte, compressed, size int) []byte {
	dst = append(dst, lengthEncoded|encodingLZF)
	return AppendLen(AppendLen(dst, uint64(compressed)), uint64(size))
}

// AppendLZF appends the compressed form of a piece of a string, which may be somewhat longer than the
// piece: the forms of all pieces, one behind the other, are that of the string.
func AppendLZF(dst, piece []byte) []byte {
	if compressed, ok := appendLZF(dst, piece); ok {
		return compressed
	}
	return appendLiterals(dst, piece)
}

// AppendDouble appends a score as text: a byte of length, then at most 17 significant digits.
func AppendDouble(dst []byte, x float64) []byte {
	switch {
	case math.IsNaN(x):
		return append(dst, scoreNaN)
	case math.IsInf(x, 1):
		return append(dst, scoreInfinity)
	case math.IsInf(x, -1):
		return append(dst, scoreNegativeInfinity)
	}
	start := len(dst)
	dst = append(dst, 0)
	if x > -1<<52 && x < 1<<52 && x == math.Trunc(x) && (x != 0 || !math.Signbit(x)) {
		dst = strconv.AppendInt(dst, int64(x), 10)
	} else {
		dst = strconv.AppendFloat(dst, x, 'g', 17, 64)
	}
	dst[start] = byte(len(dst) - start - 1)
	return dst
}

// AppendBinaryDouble appends a score in its 8 bytes.
func AppendBinaryDouble(dst []byte, x float64) []byte {
	return appendLittle(dst, math.Float64bits(x), 8)
}

// AppendMillis appends a time in milliseconds since 1970, in 8 bytes.
func AppendMillis(dst []byte, millis int64) []byte {
	return appendLittle(dst, uint64(millis), 8)
}

// AppendSelectDB says that the keys that follow belong to the database with this number.
func AppendSelectDB(dst []byte, db uint64) []byte {
	return AppendLen(append(dst, OpcodeSelectDB), db)
}

// AppendResizeDB says how many keys the database has, and how many of them expire.
func AppendResizeDB(dst []byte, keys, expiring uint64) []byte {
	dst = AppendLen(append(dst, OpcodeResizeDB), keys)
	return AppendLen(dst, expiring)
}

// AppendExpire says when the next key expires, in milliseconds since 1970.
func AppendExpire(dst []byte, millis int64) []byte {
	return AppendMillis(append(dst, OpcodeExpireMillis), millis)
}

// AppendIdle says for how many seconds the next key was not used.
func AppendIdle(dst []byte, seconds uint64) []byte {
	return AppendLen(append(dst, OpcodeIdle), seconds)
}

// AppendFreq says how often the next key is used, as the logarithmic counter of LFU.
func AppendFreq(dst []byte, counter byte) []byte {
	return append(dst, OpcodeFreq, counter)
}

// AppendAux appends an auxiliary field; readers skip the names that they do not know.
func AppendAux(dst []byte, name, value string) []byte {
	dst = AppendString(append(dst, OpcodeAux), []byte(name), false)
	return AppendString(dst, []byte(value), false)
}

// AppendEOF ends a file. crc is the checksum of what was written of it before dst[start:].
func AppendEOF(dst []byte, start int, crc uint64) []byte {
	dst = append(dst, OpcodeEOF)
	return appendLittle(dst, CRC64(crc, dst[start:]), 8)
}

// AppendDumpFooter ends a DUMP payload that begins at dst[payloadStart] with a type.
func AppendDumpFooter(dst []byte, payloadStart int) []byte {
	dst = appendLittle(dst, Version, 2)
	return appendLittle(dst, CRC64(0, dst[payloadStart:]), 8)
}

// dumpFooter is the size of what AppendDumpFooter appends.
const dumpFooter = 10

// CheckDump returns a DUMP payload without its end. ok is false if its checksum is wrong or its version is
// none that is read.
func CheckDump(payload []byte) (body []byte, ok bool) {
	if len(payload) < dumpFooter {
		return nil, false
	}
	body = payload[:len(payload)-dumpFooter]
	footer := payload[len(body):]
	if !readable(int(little(footer[:2]))) {
		return nil, false
	}
	crc := little(footer[2:])
	return body, crc == CRC64(0, payload[:len(body)+2])
}
