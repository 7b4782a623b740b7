// Package glob matches the patterns of KEYS, SCAN, PSUBSCRIBE and CONFIG GET, byte by byte as Redis does.
// A star is any run of bytes, ? is any byte, \x is the byte x, [abc] is one of the three, [a-z] one of a
// range, either way round, and [^a] any byte but an a.
//
// The malformed patterns mean what they mean there: a class left open ends with the pattern, a lone
// backslash at the end is itself, and the empty string matches nothing but the empty pattern, not even *.
//
// As every item but the star takes exactly one byte, only the last star seen ever needs to give way, and
// going back costs O(1) memory: O(pattern × string) time at worst, where naive recursion takes exponential
// time on a*a*a*a*b.
package glob

// Match tells whether all of s matches the pattern. nocase ignores the case of ASCII letters, except of
// those escaped inside a class.
func Match(pattern, s []byte, nocase bool) bool {
	if len(s) == 0 {
		return len(pattern) == 0
	}
	p, i := 0, 0
	// Where to resume if a match fails: behind the last star, which takes one byte more each time.
	resumeP, resumeI := -1, 0
	for i < len(s) {
		if p < len(pattern) && pattern[p] == '*' {
			p = skipStars(pattern, p)
			if p == len(pattern) {
				return true
			}
			resumeP, resumeI = p, i
		}
		if p < len(pattern) {
			if next, ok := matchItem(pattern, p, s[i], nocase); ok {
				p, i = next, i+1
				continue
			}
		}
		if resumeP < 0 {
			return false
		}
		resumeI++
		p, i = resumeP, resumeI
	}
	return skipStars(pattern, p) == len(pattern)
}

func skipStars(pattern []byte, p int) int {
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p
}

// matchItem matches c with the item at p, which is no star, and returns where the next item starts.
func matchItem(pattern []byte, p int, c byte, nocase bool) (next int, ok bool) {
	switch pattern[p] {
	case '?':
		return p + 1, true
	case '[':
		return matchClass(pattern, p+1, c, nocase)
	case '\\':
		if p+1 < len(pattern) {
			p++
		}
	}
	return p + 1, equal(pattern[p], c, nocase)
}

// matchClass matches c with the class whose first byte behind the bracket is at p.
func matchClass(pattern []byte, p int, c byte, nocase bool) (next int, ok bool) {
	negated := p < len(pattern) && pattern[p] == '^'
	if negated {
		p++
	}
	matched := false
	for p < len(pattern) {
		rest := len(pattern) - p
		switch {
		case rest >= 2 && pattern[p] == '\\':
			matched = matched || pattern[p+1] == c
			p += 2
		case pattern[p] == ']':
			return p + 1, matched != negated
		case rest >= 3 && pattern[p+1] == '-':
			matched = matched || inRange(pattern[p], pattern[p+2], c, nocase)
			p += 3
		default:
			matched = matched || equal(pattern[p], c, nocase)
			p++
		}
	}
	return p, matched != negated
}

// inRange compares signed bytes: char is signed where Redis mostly runs, which shows in ranges that reach
// beyond ASCII. The bounds are ordered before their case is dropped.
func inRange(start, end, c byte, nocase bool) bool {
	if int8(start) > int8(end) {
		start, end = end, start
	}
	if nocase {
		start, end, c = lower(start), lower(end), lower(c)
	}
	return int8(start) <= int8(c) && int8(c) <= int8(end)
}

func equal(a, b byte, nocase bool) bool {
	return a == b || nocase && lower(a) == lower(b)
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
