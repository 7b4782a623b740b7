package rdb

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
	var table [1 << 13]int32
	return appendMatches(dst, src, table[:], 32-13)
}

// appendShortLZF uses a table that is soon cleared: most strings are short.
func appendShortLZF(dst, src []byte) (result []byte, ok bool) {
	var table [1 << 8]int32
	return appendMatches(dst, src, table[:], 32-8)
}

// appendMatches is greedy: it takes the latest earlier place with the same three bytes, if the table, which
// maps a hash of them to 1 + their offset, still knows it.
func appendMatches(dst, src []byte, table []int32, shift uint) (result []byte, ok bool) {
	start, limit := len(dst), len(dst)+len(src)-4
	literals, i := 0, 0
	for i+lzfMinMatch <= len(src) {
		key := uint32(src[i]) | uint32(src[i+1])<<8 | uint32(src[i+2])<<16
		slot := &table[key*2654435761>>shift]
		from := int(*slot) - 1
		*slot = int32(i + 1)
		length := 0
		if from >= 0 && i-from <= lzfMaxDistance {
			length = matchLength(src, from, i)
		}
		if length < lzfMinMatch {
			i++
			continue
		}
		dst = appendLiterals(dst, src[literals:i])
		dst = appendMatch(dst, i-from, length)
		i += length
		literals = i
		if len(dst) > limit {
			return dst[:start], false
		}
	}
	rest := src[literals:]
	if len(dst)+len(rest)+(len(rest)+lzfMaxLiterals-1)/lzfMaxLiterals > limit {
		return dst[:start], false
	}
	return appendLiterals(dst, rest), true
}

// matchLength returns how many bytes at i repeat those at from, at most what one match can say.
func matchLength(src []byte, from, i int) (length int) {
	longest := min(len(src)-i, lzfMaxMatch)
	for length < longest && src[from+length] == src[i+length] {
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

// expandLZF returns the size bytes that src is the compressed form of; ok is false if it is not.
func expandLZF(src []byte, size uint64) (text []byte, ok bool) {
	if size > uint64(len(src))*lzfMaxRatio {
		return nil, false // the size is a claim, and memory is spent on it next
	}
	text = make([]byte, 0, size)
	for len(src) > 0 {
		control := int(src[0])
		src = src[1:]
		if control < lzfMaxLiterals {
			if control+1 > len(src) || control+1 > cap(text)-len(text) {
				return nil, false
			}
			text = append(text, src[:control+1]...)
			src = src[control+1:]
			continue
		}
		if text, src, ok = expandMatch(text, src, control); !ok {
			return nil, false
		}
	}
	return text, uint64(len(text)) == size
}

// expandMatch repeats earlier text. Byte by byte, since a match may overlap what it produces.
func expandMatch(text, src []byte, control int) (longer, rest []byte, ok bool) {
	length := control>>5 + 2
	if length == 9 && len(src) > 0 {
		length += int(src[0])
		src = src[1:]
	}
	if len(src) == 0 || length > cap(text)-len(text) {
		return nil, nil, false
	}
	from := len(text) - (control&0x1f<<8 | int(src[0])) - 1
	if from < 0 {
		return nil, nil, false
	}
	for i := range length {
		text = append(text, text[from+i])
	}
	return text, src[1:], true
}
