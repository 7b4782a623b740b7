package dict

import (
	"strconv"
	"testing"
)

// benchKeys returns n keys of 12 bytes in no particular order.
func benchKeys(n int) [][]byte {
	keys := make([][]byte, n)
	for i := range keys {
		keys[i] = strconv.AppendUint(make([]byte, 0, 12), 100_000_000_000+uint64(uint32(i)*2654435761), 10)
	}
	return keys
}

func filled(keys [][]byte) *Dict {
	d := New(1)
	for _, key := range keys {
		d.Insert(key, 0, 16)
	}
	return d
}

func benchSizes(b *testing.B, run func(b *testing.B, d *Dict, keys [][]byte)) {
	for _, n := range []int{1_000, 1_000_000} {
		keys := benchKeys(n)
		d := filled(keys)
		b.Run(strconv.Itoa(n), func(b *testing.B) { run(b, d, keys) })
	}
}

func BenchmarkFindHit(b *testing.B) {
	benchSizes(b, func(b *testing.B, d *Dict, keys [][]byte) {
		for i, at := 0, 0; i < b.N; i++ {
			if d.Find(keys[at]) == 0 {
				b.Fatal("missing")
			}
			if at += 7919; at >= len(keys) {
				at %= len(keys)
			}
		}
	})
}

func BenchmarkFindMiss(b *testing.B) {
	benchSizes(b, func(b *testing.B, d *Dict, keys [][]byte) {
		absent := []byte("absent:00000")
		for i := 0; i < b.N; i++ {
			absent[7], absent[8], absent[9], absent[10] = byte(i), byte(i>>8), byte(i>>16), byte(i>>24)
			if d.Find(absent) != 0 {
				b.Fatal("found")
			}
		}
	})
}

func BenchmarkOverwrite(b *testing.B) {
	value := []byte("0123456789abcdef")
	benchSizes(b, func(b *testing.B, d *Dict, keys [][]byte) {
		for i, at := 0, 0; i < b.N; i++ {
			r := d.Resize(d.Find(keys[at]), len(value))
			copy(d.Value(r), value)
			if at += 7919; at >= len(keys) {
				at %= len(keys)
			}
		}
	})
}

func BenchmarkInsert(b *testing.B) {
	for _, n := range []int{1_000, 1_000_000} {
		keys := benchKeys(n)
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			d := New(1)
			for i := 0; i < b.N; i++ {
				if i%n == 0 {
					d = New(1)
				}
				d.Insert(keys[i%n], 0, 16)
			}
			b.ReportMetric(float64(d.Size())/float64(d.Len()), "B/key")
		})
	}
}

func BenchmarkRemoveInsert(b *testing.B) {
	benchSizes(b, func(b *testing.B, d *Dict, keys [][]byte) {
		for i := 0; i < b.N; i++ {
			key := keys[i%len(keys)]
			d.Remove(d.Find(key))
			d.Insert(key, 0, 16)
		}
	})
}

func BenchmarkHash(b *testing.B) {
	d := New(1)
	for _, n := range []int{4, 12, 16, 40} {
		key := make([]byte, n)
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for range b.N {
				key[0] = byte(d.Hash(key))
			}
		})
	}
}
