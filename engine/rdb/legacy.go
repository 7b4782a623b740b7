package rdb

import "riffle/engine/listpack"

// Ziplists (until Redis 7.0) and zipmaps (until 2.6) are what listpacks replaced: small collections packed
// into one string. They are turned into listpacks on the way in, so that nothing else knows of them.
//
// A ziplist is <bytes:4> <offset of the last entry:4> <entries:2> <entry>... 255, little endian. An entry
// is the size of the entry before it (1 byte, or 254 and 4), then an encoding with its length, then a text
// or an integer. That size is what listpacks did away with: a longer entry lengthened its follower.
//
// A zipmap is <pairs:1> (<length> key <length> <free:1> value <free bytes>)... 255. A length takes 1 byte,
// or 254 and 4; pairs is 254 when there are more than fit.

const (
	ziplistHead = 10
	ziplistEnd  = 255
	bigLength   = 254

	ziplistInt16     = 0xc0
	ziplistInt32     = 0xd0
	ziplistInt64     = 0xe0
	ziplistInt24     = 0xf0
	ziplistInt8      = 0xfe
	ziplistFirstTiny = 0xf1 // 0 to 12 stand in the encoding itself
	ziplistLastTiny  = 0xfd
)

// maxLegacy bounds what is converted, since a listpack can be larger than its source and holds 4 GiB.
const maxLegacy = 1 << 30

// ZiplistToListpack returns the listpack with the elements of a ziplist; ok is false if that is damaged.
func ZiplistToListpack(ziplist []byte) (lp []byte, ok bool) {
	size := len(ziplist)
	if size < ziplistHead+1 || size > maxLegacy || ziplist[size-1] != ziplistEnd ||
		little(ziplist[:4]) != uint64(size) {
		return nil, false
	}
	tail := int(little(ziplist[4:8]))
	count := int(little(ziplist[8:10]))
	entries := ziplist[:size-1]
	lp = listpack.New()
	at, last, elements := ziplistHead, ziplistHead, 0
	for at < len(entries) {
		var next int
		if lp, next = appendZiplistEntry(lp, entries, at, at-last); next == 0 {
			return nil, false
		}
		at, last = next, at
		elements++
	}
	if tail != last || count != elements && count != 1<<16-1 {
		return nil, false
	}
	return lp, true
}

// appendZiplistEntry appends the element at entries[at:], whose predecessor takes previous bytes, and
// returns the offset behind it, or 0 if the entry is damaged.
func appendZiplistEntry(lp, entries []byte, at, previous int) (longer []byte, next int) {
	stored, at := legacyLength(entries, at)
	if at == 0 || stored != previous || at >= len(entries) {
		return lp, 0
	}
	encoding := entries[at]
	if encoding >= ziplistInt16 {
		n, next := ziplistInteger(entries, at)
		if next == 0 {
			return lp, 0
		}
		return listpack.AppendInt(lp, n), next
	}
	length, at := ziplistTextLength(entries, at)
	if at == 0 || length > len(entries)-at {
		return lp, 0
	}
	return listpack.Append(lp, entries[at:at+length]), at + length
}

// ziplistTextLength reads the 1, 2 or 5 bytes before a text. They are big endian, unlike all else.
func ziplistTextLength(entries []byte, at int) (length, next int) {
	rest := entries[at:]
	low := int(rest[0] & 0x3f)
	switch {
	case rest[0] < 0x40:
		return low, at + 1
	case rest[0] < 0x80 && len(rest) >= 2:
		return low<<8 | int(rest[1]), at + 2
	case rest[0] == 0x80 && len(rest) >= 5:
		return int(big(rest[1:5])), at + 5
	}
	return 0, 0
}

// ziplistInteger reads an integer behind its encoding at entries[at]; next is 0 if there is none.
func ziplistInteger(entries []byte, at int) (n int64, next int) {
	encoding, size := entries[at], 0
	switch encoding {
	case ziplistInt8:
		size = 1
	case ziplistInt16:
		size = 2
	case ziplistInt24:
		size = 3
	case ziplistInt32:
		size = 4
	case ziplistInt64:
		size = 8
	default:
		if encoding < ziplistFirstTiny || encoding > ziplistLastTiny {
			return 0, 0
		}
		return int64(encoding - ziplistFirstTiny), at + 1
	}
	at++
	if size > len(entries)-at {
		return 0, 0
	}
	var padded [8]byte // the sign is shifted down from the top
	copy(padded[8-size:], entries[at:at+size])
	return int64(little(padded[:])) >> (64 - 8*size), at + size
}

// legacyLength reads 1 byte, or 254 and 4 bytes; next is 0 if they are not there.
func legacyLength(bytes []byte, at int) (length, next int) {
	switch rest := bytes[at:]; {
	case len(rest) >= 1 && rest[0] < bigLength:
		return int(rest[0]), at + 1
	case len(rest) >= 5 && rest[0] == bigLength:
		return int(little(rest[1:5])), at + 5
	}
	return 0, 0
}

// ZipmapToListpack returns the listpack with the keys and values of a zipmap, in turn; ok is false if that
// is damaged.
func ZipmapToListpack(zipmap []byte) (lp []byte, ok bool) {
	size := len(zipmap)
	if size < 2 || size > maxLegacy || zipmap[size-1] != ziplistEnd {
		return nil, false
	}
	entries := zipmap[:size-1]
	lp = listpack.New()
	at, pairs := 1, 0
	for at < len(entries) {
		key, next := zipmapText(entries, at, 0)
		if next == 0 {
			return nil, false
		}
		value, next := zipmapText(entries, next, 1)
		if next == 0 {
			return nil, false
		}
		lp = listpack.Append(listpack.Append(lp, key), value)
		at = next
		pairs++
	}
	return lp, int(zipmap[0]) == pairs || zipmap[0] >= bigLength
}

// zipmapText reads a text and the free bytes behind it, whose number takes freeSize bytes, 0 or 1; next
// is 0 if the text is damaged.
func zipmapText(entries []byte, at, freeSize int) (text []byte, next int) {
	head := at
	length, at := legacyLength(entries, at)
	if at == 0 || at > head+1 && length < bigLength || length+freeSize > len(entries)-at {
		return nil, 0
	}
	free := 0
	if freeSize > 0 {
		free = int(entries[at])
	}
	start := at + freeSize
	end := start + length
	if free > len(entries)-end {
		return nil, 0
	}
	return entries[start:end], end + free
}
