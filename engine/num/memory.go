package num

import "math"

// ParseMemory reads a memory size of the configuration, in bytes: digits and a unit in any case, where k, m
// and g are powers of 1000, and kb, mb and gb powers of 1024. No digits at all count as zero. ok is false for
// another unit, a sign, or more than an int64 holds.
func ParseMemory(s []byte) (size int64, ok bool) {
	end := 0
	for ; end < len(s) && s[end] >= '0' && s[end] <= '9'; end++ {
		digit := int64(s[end] - '0')
		if size > (math.MaxInt64-digit)/10 {
			return 0, false
		}
		size = size*10 + digit
	}
	unit := memoryUnit(s[end:])
	if unit == 0 || size > math.MaxInt64/unit {
		return 0, false
	}
	return size * unit, true
}

// memoryUnit returns the bytes of a unit, 0 if there is no such unit.
func memoryUnit(unit []byte) int64 {
	switch {
	case len(unit) == 0 || equalFold(unit, "b"):
		return 1
	case equalFold(unit, "k"):
		return 1e3
	case equalFold(unit, "kb"):
		return 1 << 10
	case equalFold(unit, "m"):
		return 1e6
	case equalFold(unit, "mb"):
		return 1 << 20
	case equalFold(unit, "g"):
		return 1e9
	case equalFold(unit, "gb"):
		return 1 << 30
	}
	return 0
}
