package engine

import (
	"bytes"
	"encoding/binary"

	"riffle/engine/num"
	"riffle/engine/sha1"
)

// DEBUG DIGEST sums up all data in twenty bytes, the same as the reference's: two servers that hold the same
// keys and values answer the same, however they hold them. What has an order is mixed, so that the order
// counts; what has none is joined by exclusive or.
//
// The elements come from Rewrite, which knows every type's form.

// digest is a SHA-1 that things were mixed into or joined with.
type digest [sha1.Size / 2]byte

// sum is the SHA-1 of data.
func sum(data []byte) (d digest) {
	hex := sha1.Hex(data)
	for i := range d {
		d[i] = hexValue(hex[2*i])<<4 | hexValue(hex[2*i+1])
	}
	return d
}

func hexValue(digit byte) byte {
	if digit <= '9' {
		return digit - '0'
	}
	return digit - 'a' + 10
}

// join adds data whose order among its like does not matter.
func (d *digest) join(data []byte) {
	hash := sum(data)
	for i := range d {
		d[i] ^= hash[i]
	}
}

// mix adds data whose order matters.
func (d *digest) mix(data []byte) {
	d.join(data)
	*d = sum(d[:])
}

// mixNumber mixes a number as four bytes, the highest first.
func (d *digest) mixNumber(n int) {
	var data [4]byte
	binary.BigEndian.PutUint32(data[:], uint32(n))
	d.mix(data[:])
}

func (d *digest) text() string {
	const hex = "0123456789abcdef"
	text := make([]byte, 0, sha1.Size)
	for _, b := range d {
		text = append(text, hex[b>>4], hex[b&15])
	}
	return string(text)
}

// digestKinds are the reference's numbers of the types.
var digestKinds = [kindCount]int{KindString: 0, KindList: 1, KindSet: 2, KindZSet: 3, KindHash: 4, KindStream: 6}

// mixValue mixes what a key holds, and that it expires; not when.
func (d *digest) mixValue(value Value, expires bool) {
	kind := value.Kind()
	d.mixNumber(digestKinds[kind])
	value.Rewrite(nil, func(argv ...[]byte) { d.mixElements(kind, argv) })
	if expires {
		d.join([]byte("!!expire!!"))
	}
}

// mixElements mixes the elements that a command of Rewrite adds; other commands tell of what does not count.
func (d *digest) mixElements(kind Kind, argv [][]byte) {
	elements := argv[2:]
	switch {
	case kind == KindSet:
		for _, member := range elements {
			d.join(member)
		}
	case kind == KindHash && equalFold(argv[0], "HSET"):
		for i := 0; i+1 < len(elements); i += 2 {
			d.joinPair(elements[i], elements[i+1])
		}
	case kind == KindZSet:
		for i := 0; i+1 < len(elements); i += 2 {
			score, _ := num.ParseFloat(elements[i])
			d.joinPair(elements[i+1], num.AppendFloat17(nil, score))
		}
	case kind == KindStream:
		if equalFold(argv[0], "XADD") && !equalFold(elements[0], "MAXLEN") {
			id := append([]byte(nil), elements[0]...)
			id[bytes.IndexByte(id, '-')] = '.' // as the reference spells ids here
			d.mix(id)
			d.mixAll(elements[1:])
		}
	case kind == KindString, kind == KindList:
		d.mixAll(elements)
	}
}

func (d *digest) mixAll(list [][]byte) {
	for _, data := range list {
		d.mix(data)
	}
}

// joinPair joins two things of which the first is unique.
func (d *digest) joinPair(first, second []byte) {
	var pair digest
	pair.mix(first)
	pair.mix(second)
	d.join(pair[:])
}

// digestDatabases is the digest of all data, empty databases left out. What has expired counts until it is
// removed.
func (e *Engine) digestDatabases() (all digest) {
	for _, db := range e.dbs {
		if db.keys.Len() == 0 {
			continue
		}
		all.mixNumber(db.id)
		walk := db.keys.Iter()
		for ref := walk.Next(); ref != 0; ref = walk.Next() {
			var one digest
			one.mix(db.keys.Key(ref))
			e.views.reset()
			one.mixValue(db.open(ref, &e.views), db.expiry(ref) != noExpiry)
			all.join(one[:])
		}
	}
	return all
}

func debugDigest(c *Ctx) {
	all := c.e.digestDatabases()
	c.Reply.Simple(all.text())
}

func debugDigestValue(c *Ctx) {
	c.Reply.Array(len(c.Argv) - 2)
	for _, key := range c.Argv[2:] {
		var one digest
		if ref := c.DB.keys.Find(key); ref != 0 { // what has expired counts here too
			one.mixValue(c.DB.open(ref, &c.e.views), c.DB.expiry(ref) != noExpiry)
		}
		c.Reply.Simple(one.text())
	}
}
