package resp

// quickHeader reads a header of the common form at buf[at:]: kind, a canonical number of up to 18 digits,
// a carriage return and one more byte. next is the offset behind it, or 0 if the header is of any other
// form or incomplete: then the patient reader decides. Digits are read by hand since a search for the
// line's end costs more than the one or two digits of a usual length.
func quickHeader(buf []byte, at int, kind byte) (number int64, next int) {
	if len(buf)-at < 4 || buf[at] != kind {
		return 0, 0
	}
	line := buf[at+1 : min(len(buf), at+21)]
	first := line[0] - '0'
	if first > 9 {
		return 0, 0
	}
	number = int64(first)
	for i := 1; i+1 < len(line); i++ {
		digit := line[i] - '0'
		if digit > 9 {
			if line[i] != '\r' || first == 0 && i > 1 {
				return 0, 0
			}
			return number, at + i + 3
		}
		number = number*10 + int64(digit)
	}
	return 0, 0
}

// headerSize is the number of bytes of the header that announces number, which is not negative.
func headerSize(number int) int {
	switch {
	case number < 10:
		return 4 // kind, one digit, line end
	case number < 100:
		return 5
	}
	return longHeaderSize(number)
}

//go:noinline
func longHeaderSize(number int) (size int) {
	for size = 6; number >= 1000; number /= 10 {
		size++
	}
	return size
}

// quickRequest reads a whole multibulk of the common form: up to 99 arguments, lengths of up to six digits,
// every byte there, and every line ended as it should. n is 0 for anything else, which the patient reader judges. It
// keeps what it knows in registers, which halves the time of a short request, and looks at the header of an argument
// as at one word, with the end of the line before it: nearly all lengths have one digit or two.
func quickRequest(buf []byte, argv [][]byte, limits *Limits) (args [][]byte, n int) {
	if len(buf) < 5 || buf[0] != '*' || limits.Auth {
		return argv, 0
	}
	count, at := int(buf[1]-'0'), 4
	if count > 9 || buf[2] != '\r' {
		count, at = quickDigits(buf, 1, 2)
	}
	args = argv
	for ; count > 0 && at > 0; count-- {
		if at+6 > len(buf) {
			return argv, 0
		}
		word := load64(buf[at-2 : at+6 : at+6])
		digit, ones := byte(word>>24)-'0', byte(word>>32)-'0'
		size, start := int(digit), at+4
		switch {
		case word&^oneDigit == header1 && digit <= 9:
		case word&^twoDigits == header2 && digit-1 < 9 && ones <= 9:
			size, start = size*10+int(ones), at+5
		case word&0xFFFFFF == header1&0xFFFFFF:
			size, start = quickDigits(buf, at+1, 6)
		default:
			return argv, 0
		}
		end := start + size
		if start == 0 || end+2 > len(buf) || int64(size) > limits.Bulk {
			return argv, 0
		}
		args = append(args, buf[start:end:end])
		at = end + 2
	}
	if len(args) == len(argv) || !endsLine(buf, at) {
		return argv, 0
	}
	return args, at
}

// header1 and header2 are the end of a line and the header of a bulk with a length of one digit and of two,
// without the digits and what follows, as a little-endian word.
const (
	header1   = '\r' | '\n'<<8 | '$'<<16 | '\r'<<32 | '\n'<<40
	header2   = '\r' | '\n'<<8 | '$'<<16 | '\r'<<40 | '\n'<<48
	oneDigit  = 0xFFFF0000FF000000
	twoDigits = 0xFF0000FFFF000000
)

// load64 is joined into one load.
func load64(b []byte) uint64 {
	_ = b[7]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// quickDigits reads a canonical number of at most that many digits and the two bytes of its line's end; next
// is 0 if there is none.
func quickDigits(buf []byte, at, most int) (number, next int) {
	line := buf[at:min(len(buf), at+most+2)]
	for i, ch := range line {
		digit := ch - '0'
		if digit > 9 {
			if ch != '\r' || i == 0 || at+i+2 > len(buf) || line[0] == '0' && i > 1 || buf[at+i+1] != '\n' {
				return 0, 0
			}
			return number, at + i + 2
		}
		number = number*10 + int(digit)
	}
	return 0, 0
}
