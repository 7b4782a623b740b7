package rdb

import "math/bits"

// LZF (Marc Lehmann's liblzf) is the weakest and one of the fastest members of the LZ77 family. Its stream
// is a sequence of
//
//	000LLLLL <L+1 bytes>           literals
//	LLLooooo oooooooo              L+2 bytes again, which stand o+1 bytes back (L from 1 to 6)
//	111ooooo LLLLLLLL oooooooo     L+9 bytes again
//
// What to repeat is the compressor's choice, so that its output need not be the reference's.

const (
	lzfMaxLiterals = 32
	lzfMaxDistance = 1 << 13
	lzfMaxMatch    = 264
	lzfMinMatch    = 3
)

// lzfMaxRatio bounds what can come out of a byte: three of them make a match of the greatest length.
const lzfMaxRatio = lzfMaxMatch / 3

// appendLZF appends src in compressed form. ok is false, and dst as it was, unless that saves at least four
// bytes: what the head of a compressed string may cost more than that of a plain one.
func appendLZF(dst, src []byte) (result []byte, ok bool) {
	if len(src) < 1<<10 {
		return appendShortLZF(dst, src)
	}
	c := compressor{src: src, shift: 32 - 14}
	var table [1 << 14]uint16
	c.table = table[:]
	return c.append(dst)
}

// appendShortLZF uses a table that is soon cleared: most strings are short.
func appendShortLZF(dst, src []byte) (result []byte, ok bool) {
	c := compressor{src: src, shift: 32 - 11}
	var table [1 << 11]uint16
	c.table = table[:]
	return c.append(dst)
}

// compressor maps a hash of three bytes to where they stood last. The low 16 bits of the place are enough,
// since no match reaches further back; what was found is compared anyway, so that an empty slot needs no
// mark.
type compressor struct {
	src   []byte
	table []uint16
	shift uint
}

// append is greedy with one step of patience: it takes the latest earlier place with the same three bytes,
// unless the next position has a longer match.
func (c *compressor) append(dst []byte) (result []byte, ok bool) {
	start, limit := len(dst), len(dst)+len(c.src)-4
	literals, i := 0, 0
	for i+lzfMinMatch <= len(c.src) {
		distance, length := c.match(i)
		if length == 0 {
			i++
			continue
		}
		if length < lzfPatience && literals < i && i+1+lzfMinMatch <= len(c.src) {
			if later, longer := c.match(i + 1); longer > length+1 {
				i, distance, length = i+1, later, longer
			}
		}
		dst = appendLiterals(dst, c.src[literals:i])
		dst = appendMatch(dst, distance, length)
		if len(dst) > limit {
			return dst[:start], false
		}
		c.note(i+2, i+length)
		i += length
		literals = i
	}
	rest := c.src[literals:]
	if len(dst)+len(rest)+(len(rest)+lzfMaxLiterals-1)/lzfMaxLiterals > limit {
		return dst[:start], false
	}
	return appendLiterals(dst, rest), true
}

// lzfPatience is the length of a match that is taken without looking for a longer one, in bytes.
const lzfPatience = 5

// three returns the three bytes at i, above a byte of zeros.
func (c *compressor) three(i int) uint32 {
	if i+4 <= len(c.src) {
		return load32(c.src[i:]) << 8
	}
	return uint32(c.src[i])<<8 | uint32(c.src[i+1])<<16 | uint32(c.src[i+2])<<24
}

// slot returns the table's slot for three bytes.
func (c *compressor) slot(three uint32) *uint16 { return &c.table[three*2654435761>>c.shift] }

// match looks the bytes at i up, and notes them. A length of 0 says that nothing was found.
func (c *compressor) match(i int) (distance, length int) {
	three := c.three(i)
	slot := c.slot(three)
	distance = int(uint16(i) - *slot)
	*slot = uint16(i)
	from := i - distance
	if distance == 0 || distance > lzfMaxDistance || from < 0 || c.three(from) != three {
		return 0, 0
	}
	return distance, matchLength(c.src, from, i)
}

// note enters the last places of a match, which is worth most where it costs least.
func (c *compressor) note(from, end int) {
	for i := max(from, end-2); i < end && i+lzfMinMatch <= len(c.src); i++ {
		*c.slot(c.three(i)) = uint16(i)
	}
}

// matchLength returns how many bytes at i repeat those at from, at most what one match can say. Three are
// known to.
func matchLength(src []byte, from, i int) (length int) {
	longest := min(len(src)-i, lzfMaxMatch)
	a, b := src[from:], src[i:i+longest]
	for length = lzfMinMatch; length+8 <= len(b); length += 8 {
		if differ := load64(a[length:]) ^ load64(b[length:]); differ != 0 {
			return length + bits.TrailingZeros64(differ)/8
		}
	}
	for length < len(b) && a[length] == b[length] {
		length++
	}
	return length
}

func appendLiterals(dst, literals []byte) []byte {
	for len(literals) > 0 {
		run := literals[:min(len(literals), lzfMaxLiterals)]
		dst = append(dst, byte(len(run)-1))
		dst = append(dst, run...)
		literals = literals[len(run):]
	}
	return dst
}

func appendMatch(dst []byte, distance, length int) []byte {
	distance--
	if length -= 2; length < 7 {
		dst = append(dst, byte(length<<5|distance>>8))
	} else {
		dst = append(dst, byte(7<<5|distance>>8), byte(length-7))
	}
	return append(dst, byte(distance))
}

// expandLZF returns the size bytes that src is the compressed form of, in room if they fit; ok is false if
// it is not.
func expandLZF(room, src []byte, size uint64) (text []byte, ok bool) {
	if size > uint64(len(src))*lzfMaxRatio {
		return nil, false // the size is a claim, and memory is spent on it next
	}
	if uint64(cap(room)) < size {
		room = make([]byte, size, size+size/4)
	}
	text = room[:size]
	at, in := 0, 0
	for in < len(src) {
		control := int(src[in])
		in++
		if control < lzfMaxLiterals {
			size := control + 1
			if size > len(src)-in || size > len(text)-at {
				return nil, false
			}
			if size <= shortCopy && shortCopy <= len(src)-in && shortCopy <= len(text)-at {
				*(*[shortCopy]byte)(text[at:]) = [shortCopy]byte(src[in:])
			} else {
				copy(text[at:], src[in:in+size])
			}
			at, in = at+size, in+size
			continue
		}
		length := control>>5 + 2
		if length == 9 && in < len(src) {
			length += int(src[in])
			in++
		}
		if in == len(src) || length > len(text)-at {
			return nil, false
		}
		distance := (control&0x1f<<8 | int(src[in])) + 1
		in++
		if distance > at {
			return nil, false
		}
		switch {
		case distance < length:
			repeat(text[at-distance:at+length], distance)
		case length <= shortCopy && shortCopy <= len(text)-at:
			*(*[shortCopy]byte)(text[at:]) = [shortCopy]byte(text[at-distance:])
		default:
			copy(text[at:at+length], text[at-distance:])
		}
		at += length
	}
	return text, at == len(text)
}

// shortCopy is how many bytes are copied for a literal or a match that is no longer, as most are: what is too many is
// written over by what follows.
const shortCopy = 16

// repeat fills what stands behind the first distance bytes with them, again and again: a match may overlap
// what it produces, so each copy doubles what the next can take.
func repeat(text []byte, distance int) {
	for done := distance; done < len(text); {
		done += copy(text[done:], text[:done])
	}
}
