// Package rdb holds the primitives of RDB, the format of Redis's snapshots and of DUMP's payloads: how a
// length, a string, a score and a time are spelt, and what stands around them. What a value of each type
// consists of is the business of the types themselves.
//
// # A file
//
//	"REDIS" "0010"                        magic, version
//	250 key value ...                     auxiliary fields
//	245 library ...                       functions
//	254 db, 251 keys expiring             for each database
//	  [252 milliseconds] [248 idle | 249 freq] type key value ...
//	255 crc64                             of everything before it; 0 = none was made
//
// # A length
//
// The first two bits choose: 00 the other 6 bits, 01 14 bits, 10 a 32-bit or 64-bit number follows (big
// endian, unlike all else), 11 the text is spelt in another way: as an integer of 8, 16 or 32 bits, or
// compressed. A short string hence costs one byte more than its text, a counter two to five in all.
//
// # A DUMP payload
//
// A type, a value, the version in two bytes and the checksum of it all in eight, both little endian.
//
// Writers append to a slice. Readers trust nothing: a length is believed once that many bytes were there.
package rdb

// Version is the version written: 7.0's, which 7.0 and all later servers load.
const Version = 10

// maxVersion is the newest of Redis's versions that are read, of Redis 8.8. Valkey counts its own from
// valkeyVersion on. What came after Version shows as types with numbers of their own, so that a value which
// cannot be read says so itself.
const (
	maxVersion       = 14
	valkeyVersion    = 80
	maxValkeyVersion = 81
)

// readable says whether a version is one that is read.
func readable(version int) bool {
	return version >= 1 && version <= maxVersion || version >= valkeyVersion && version <= maxValkeyVersion
}

// magic begins a file; the version follows in four digits, or in three behind Valkey's.
const (
	magic       = "REDIS"
	valkeyMagic = "VALKEY"
)

// The types of values. Those without a sentence are written by old versions only.
const (
	TypeString            byte = 0
	TypeList              byte = 1 // elements as strings
	TypeSet               byte = 2 // members as strings
	TypeZset              byte = 3 // scores as text
	TypeHash              byte = 4 // fields and values as strings
	TypeZset2             byte = 5 // scores as 8 bytes
	TypeModulePreGA       byte = 6 // refused by everyone
	TypeModule2           byte = 7 // of a module that is not here; can only be skipped
	TypeHashZipmap        byte = 9
	TypeListZiplist       byte = 10
	TypeSetIntset         byte = 11
	TypeZsetZiplist       byte = 12
	TypeHashZiplist       byte = 13
	TypeListQuicklist     byte = 14 // nodes are ziplists
	TypeStreamListpacks   byte = 15
	TypeHashListpack      byte = 16
	TypeZsetListpack      byte = 17
	TypeListQuicklist2    byte = 18 // nodes are listpacks, or one plain element
	TypeStreamListpacks2  byte = 19 // with first id, maximal deleted id and entries added
	TypeSetListpack       byte = 20 // version 11
	TypeStreamListpacks3  byte = 21 // version 11: consumers with their last activity
	TypeHash2             byte = 22 // version 80, of Valkey 9: fields, values and times
	TypeHashListpackPreGA byte = 23 // version 12, as are those below: fields expire; of release candidates
	TypeHashMetadata      byte = 24 // times, fields and values, behind the earliest time
	TypeHashListpackEx    byte = 25 // a listpack of fields, values and times, behind the earliest time
	TypeStreamListpacks4  byte = 26 // version 13: with the messages of idempotent producers
	TypeStreamListpacks5  byte = 27 // version 14: with entries that are pending for nobody
)

// The opcodes, which stand where a type could.
const (
	OpcodeSlotInfo      byte = 244 // slot, its keys, its expiring keys
	OpcodeFunction2     byte = 245 // the text of a library
	OpcodeFunctionPreGA byte = 246 // refused by everyone
	OpcodeModuleAux     byte = 247
	OpcodeIdle          byte = 248 // seconds the next key was not used, a length
	OpcodeFreq          byte = 249 // how often the next key is used, a byte
	OpcodeAux           byte = 250
	OpcodeResizeDB      byte = 251
	OpcodeExpireMillis  byte = 252
	OpcodeExpireSeconds byte = 253
	OpcodeSelectDB      byte = 254
	OpcodeEOF           byte = 255
)

// The two kinds of nodes in a TypeListQuicklist2.
const (
	QuicklistPlain  = 1 // a string that is one element
	QuicklistPacked = 2 // a string that is a listpack
)

// The first byte of a length; encodings are what the low bits say under lengthEncoded.
const (
	length6       = 0x00
	length14      = 0x40
	length32      = 0x80
	length64      = 0x81
	lengthEncoded = 0xc0

	encodingInt8  = 0
	encodingInt16 = 1
	encodingInt32 = 2
	encodingLZF   = 3
)

// The first byte of a score as text is its length, or one of these.
const (
	scoreNaN              = 253
	scoreInfinity         = 254
	scoreNegativeInfinity = 255
)

// The kinds of data that a module wrote, up to an end.
const (
	moduleEnd    = 0
	moduleSigned = 1
	moduleNumber = 2
	moduleFloat  = 3
	moduleDouble = 4
	moduleString = 5
)

// CheckType says why values of a type cannot be loaded, in the words of an error message; it returns "" for
// the types that can.
func CheckType(kind byte) (problem string) {
	switch {
	case kind == TypeModulePreGA || kind == TypeModule2:
		return "a value of a module"
	case kind == TypeHashListpackPreGA:
		return "a hash whose fields expire, of a release candidate of Redis 7.4"
	case kind > TypeStreamListpacks5 || kind == 8:
		return "an unknown type"
	}
	return ""
}
