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

// parseInt reads a number that has only one spelling: no plus, no leading zero, no "-0", no overflow.
func parseInt(text []byte) (number int64, ok bool) {
	negative := len(text) > 1 && text[0] == '-'
	if negative {
		text = text[1:]
	}
	if len(text) == 0 || len(text) > 19 || text[0] == '0' && (negative || len(text) > 1) {
		return 0, false
	}
	var magnitude uint64
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		magnitude = magnitude*10 + uint64(c-'0') // 19 digits fit
	}
	switch {
	case negative && magnitude <= 1<<63:
		return -int64(magnitude), true
	case !negative && magnitude < 1<<63:
		return int64(magnitude), true
	}
	return 0, false
}

// headerSize is the number of bytes of the header that announces number, which is not negative.
func headerSize(number int) int {
	size := 4 // kind, one digit, line end
	for ; number >= 10; number /= 10 {
		size++
	}
	return size
}
