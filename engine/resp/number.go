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
