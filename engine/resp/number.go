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
	size := 4 // kind, one digit, line end
	for ; number >= 10; number /= 10 {
		size++
	}
	return size
}

// quickRequest reads a whole multibulk of the common form: up to 99 arguments, lengths of up to six digits,
// every byte there. n is 0 for anything else, which the patient reader judges. It keeps what it
// knows in registers, which halves the time of a short request.
func quickRequest(buf []byte, argv [][]byte, limits *Limits) (args [][]byte, n int) {
	if len(buf) < 5 || buf[0] != '*' || limits.Auth {
		return argv, 0
	}
	count, at := quickDigits(buf, 1, 2)
	args = argv
	for ; count > 0 && at > 0; count-- {
		if at+5 > len(buf) || buf[at] != '$' {
			return argv, 0
		}
		head := buf[at+1 : at+5 : at+5] // nearly all lengths have one digit or two
		size, start := int(head[0]-'0'), at+4
		if ones := head[1] - '0'; ones <= 9 && uint(size-1) < 9 && head[2] == '\r' {
			size, start = size*10+int(ones), at+5
		} else if size > 9 || head[1] != '\r' {
			size, start = quickDigits(buf, at+1, 6)
		}
		end := start + size
		if start == 0 || end+2 > len(buf) || int64(size) > limits.Bulk {
			return argv, 0
		}
		args = append(args, buf[start:end:end])
		at = end + 2
	}
	if len(args) == len(argv) {
		return argv, 0
	}
	return args, at
}

// quickDigits reads a canonical number of at most that many digits and the two bytes of its line's end; next
// is 0 if there is none.
func quickDigits(buf []byte, at, most int) (number, next int) {
	line := buf[at:min(len(buf), at+most+2)]
	for i, ch := range line {
		digit := ch - '0'
		if digit > 9 {
			if ch != '\r' || i == 0 || at+i+2 > len(buf) || line[0] == '0' && i > 1 {
				return 0, 0
			}
			return number, at + i + 2
		}
		number = number*10 + int(digit)
	}
	return 0, 0
}
