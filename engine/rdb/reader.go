package rdb

import (
	"bytes"
	"math"
	"strconv"
)

// Error says what is wrong with the bytes read, and where.
type Error struct {
	Offset int64 // bytes from the start to where the broken thing was met
	Text   string
}

// Error returns both in a sentence.
func (e *Error) Error() string {
	return "rdb: " + e.Text + " at byte " + strconv.FormatInt(e.Offset, 10)
}

// Reader reads primitives from a payload in memory, or from a stream that it never holds more of than a
// piece or the one string being read. Slices that it returns are valid until its next call.
type Reader struct {
	window []byte // a part of the stream
	at     int    // window[at:] is unread
	summed int    // the checksum covers window[:summed]
	crc    uint64
	offset int64 // of window[0] in the stream
	refill func() ([]byte, error)
	joined []byte // room for windows that join two pieces
	text   []byte // room for a string that is not spelt as it is

	// Scratch is room for whoever builds a value from several strings. It lives as long as the reader.
	Scratch []byte
}

// NewReader reads from a payload.
func NewReader(payload []byte) *Reader {
	return &Reader{window: payload}
}

// NewStreamReader reads from the pieces that refill returns one after the other. A piece is left alone until
// refill is called again, and an empty piece is the stream's end. Errors of refill are handed on.
func NewStreamReader(refill func() ([]byte, error)) *Reader {
	return &Reader{refill: refill}
}

// Offset returns how many bytes were read.
func (r *Reader) Offset() int64 { return r.offset + int64(r.at) }

// Checksum returns the CRC64 of everything read. It is computed when asked for, or a window at a time.
func (r *Reader) Checksum() uint64 {
	r.crc = CRC64(r.crc, r.window[r.summed:r.at])
	r.summed = r.at
	return r.crc
}

// Fail returns an Error for what was read last.
func (r *Reader) Fail(text string) error {
	return &Error{Offset: r.Offset(), Text: text}
}

// AtMost returns how many elements, each of at least so many bytes, can follow where n are claimed to. What
// a stream claims is believed up to a million.
func (r *Reader) AtMost(n, least uint64) int {
	if r.refill != nil {
		return int(min(n, 1<<20))
	}
	return int(min(n, uint64(len(r.window)-r.at)/least))
}

// maxTake is more than any string of the format: a listpack, which is the longest, holds at most 4 GiB.
const maxTake = 1 << 32

// Take returns the next n bytes as they are.
func (r *Reader) Take(n uint64) (bytes []byte, err error) {
	if uint64(len(r.window)-r.at) < n {
		if err := r.grow(n); err != nil {
			return nil, err
		}
	}
	end := r.at + int(n)
	bytes = r.window[r.at:end:end]
	r.at = end
	return bytes, nil
}

// grow makes n unread bytes available. Memory grows with what arrives, not with n, which is only a claim.
func (r *Reader) grow(n uint64) error {
	if r.refill == nil || n > maxTake {
		return r.Fail("unexpected end")
	}
	r.Checksum()
	r.offset += int64(r.at)
	rest := r.window[r.at:]
	r.window, r.at, r.summed = nil, 0, 0
	if len(rest) > 0 {
		r.joined = append(r.joined[:0], rest...)
		r.window = r.joined
	}
	for uint64(len(r.window)) < n {
		piece, err := r.refill()
		if err != nil {
			return err
		}
		if len(piece) == 0 {
			return r.Fail("unexpected end")
		}
		if len(r.window) == 0 && uint64(len(piece)) >= n {
			r.window = piece
			break
		}
		r.joined = append(r.joined[:len(r.window)], piece...)
		r.window = r.joined
	}
	return nil
}

// Byte reads a byte: a type, an opcode or a frequency.
func (r *Reader) Byte() (byte, error) {
	if r.at < len(r.window) {
		r.at++
		return r.window[r.at-1], nil
	}
	bytes, err := r.Take(1)
	if err != nil {
		return 0, err
	}
	return bytes[0], nil
}

// Len reads a length or another unsigned number.
func (r *Reader) Len() (uint64, error) {
	n, encoded, err := r.length()
	if err == nil && encoded {
		return 0, r.Fail("a string where a length belongs")
	}
	return n, err
}

// length reads a length; encoded says that it is the number of an encoding instead.
func (r *Reader) length() (n uint64, encoded bool, err error) {
	first, err := r.Byte()
	if err != nil {
		return 0, false, err
	}
	low := uint64(first & 0x3f)
	switch {
	case first < length14:
		return low, false, nil
	case first < length32:
		second, err := r.Byte()
		return low<<8 | uint64(second), false, err
	case first >= lengthEncoded:
		return low, true, nil
	case first == length32:
		n, err = r.bigEndian(4)
		return n, false, err
	case first == length64:
		n, err = r.bigEndian(8)
		return n, false, err
	}
	return 0, false, r.Fail("unknown length encoding")
}

func (r *Reader) bigEndian(size uint64) (uint64, error) {
	bytes, err := r.Take(size)
	return big(bytes), err
}

func (r *Reader) littleEndian(size uint64) (uint64, error) {
	bytes, err := r.Take(size)
	return little(bytes), err
}

// String reads a string, in whichever way it is spelt.
func (r *Reader) String() ([]byte, error) {
	n, encoded, err := r.length()
	switch {
	case err != nil:
		return nil, err
	case !encoded:
		return r.Take(n)
	case n == encodingInt8, n == encodingInt16, n == encodingInt32:
		return r.intString(1 << n)
	case n == encodingLZF:
		return r.compressedString()
	}
	return nil, r.Fail("unknown string encoding")
}

// intString returns the text of a signed integer of size bytes.
func (r *Reader) intString(size uint64) ([]byte, error) {
	bits, err := r.littleEndian(size)
	if err != nil {
		return nil, err
	}
	unused := 64 - 8*size
	r.text = strconv.AppendInt(r.text[:0], int64(bits<<unused)>>unused, 10)
	return r.text, nil
}

func (r *Reader) compressedString() ([]byte, error) {
	compressed, err := r.Len()
	if err != nil {
		return nil, err
	}
	size, err := r.Len()
	if err != nil {
		return nil, err
	}
	bytes, err := r.Take(compressed)
	if err != nil {
		return nil, err
	}
	text, ok := expandLZF(r.text[:0], bytes, size)
	if !ok {
		return nil, r.Fail("broken compressed string")
	}
	if len(text) <= maxSpareText {
		r.text = text[:0]
	}
	return text[:len(text):len(text)], nil
}

// maxSpareText is the largest room kept for the next text, in bytes.
const maxSpareText = 1 << 20

// Double reads a score as text.
func (r *Reader) Double() (float64, error) {
	size, err := r.Byte()
	if err != nil {
		return 0, err
	}
	switch size {
	case scoreNaN:
		return math.NaN(), nil
	case scoreInfinity:
		return math.Inf(1), nil
	case scoreNegativeInfinity:
		return math.Inf(-1), nil
	}
	text, err := r.Take(uint64(size))
	if err != nil {
		return 0, err
	}
	x, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return 0, r.Fail("a score that is no number")
	}
	return x, nil
}

// BinaryDouble reads a score of 8 bytes.
func (r *Reader) BinaryDouble() (float64, error) {
	bits, err := r.littleEndian(8)
	return math.Float64frombits(bits), err
}

// Millis reads a time in milliseconds since 1970.
func (r *Reader) Millis() (int64, error) {
	bits, err := r.littleEndian(8)
	return int64(bits), err
}

// Seconds reads a time in seconds since 1970, as versions before 3 wrote it.
func (r *Reader) Seconds() (int64, error) {
	bits, err := r.littleEndian(4)
	return int64(int32(bits)), err
}

// Header reads what a file begins with, and returns its version.
func (r *Reader) Header() (version int, err error) {
	head, err := r.Take(uint64(len(magic) + 4))
	if err != nil {
		return 0, err
	}
	digits, ok := bytes.CutPrefix(head, []byte(magic))
	if !ok {
		digits, ok = bytes.CutPrefix(head, []byte(valkeyMagic))
	}
	if !ok {
		return 0, r.Fail("wrong signature")
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, r.Fail("a version that is no number")
		}
		version = version*10 + int(c-'0')
	}
	if !readable(version) {
		return 0, r.Fail("version " + strconv.Itoa(version) + " cannot be read")
	}
	return version, nil
}

// CheckEnd verifies the checksum that follows OpcodeEOF in a file of the given version. Versions before 5
// have none, and a server may be told to make none, which reads as 0.
func (r *Reader) CheckEnd(version int) error {
	if version < 5 {
		return nil
	}
	computed := r.Checksum()
	stored, err := r.littleEndian(8)
	if err == nil && stored != 0 && stored != computed {
		return r.Fail("wrong checksum")
	}
	return err
}

// SkipModule reads past what a module wrote: what follows the key under TypeModule2, or OpcodeModuleAux.
func (r *Reader) SkipModule() error {
	if _, err := r.Len(); err != nil { // the module's id
		return err
	}
	for {
		kind, err := r.Len()
		if err != nil || kind == moduleEnd {
			return err
		}
		switch kind {
		case moduleSigned, moduleNumber:
			_, err = r.Len()
		case moduleFloat:
			_, err = r.Take(4)
		case moduleDouble:
			_, err = r.Take(8)
		case moduleString:
			_, err = r.String()
		default:
			err = r.Fail("unknown kind of module data")
		}
		if err != nil {
			return err
		}
	}
}
