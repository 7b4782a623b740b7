package xxh3

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func pattern(n int) []byte {
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(i*131 + i>>8*17)
	}
	return data
}

// The vectors were computed by libxxhash 0.8.1.
func TestSum64(t *testing.T) {
	for n, want := range map[int]uint64{
		0: 0x2d06800538d394c2, 1: 0xc44bdff4074eecdb, 2: 0x433ce72a5f67ae52, 3: 0x6811538b444fc6dc,
		4: 0xed503340c589a28b, 8: 0xe5b43ab074c9c13b, 9: 0x089b8d25b20fb877, 16: 0x0a0ec5ae8679cb7f,
		17: 0x57c52d21ce492c1e, 128: 0x696069c4f1e6a91a, 129: 0xb1ada52285757beb, 240: 0xb80284837259eee4,
		241: 0x44dbd3180a664e27, 256: 0x266a2c816cbb31c5, 1024: 0x7b3d0d5804231abc, 1025: 0x863f46356e79e544,
		1087: 0x682287bcb66b7f8c, 2048: 0x0fe89a80845aba68, 4096: 0xf277e5ffd8719798,
	} {
		assert.Equal(t, want, Sum64(pattern(n)), "%d bytes", n)
	}
}

// TestSum64OfEveryLength covers every seam between the four hashes and the blocks.
func TestSum64OfEveryLength(t *testing.T) {
	data := pattern(4096)
	all := uint64(0)
	for n := range len(data) + 1 {
		all = all*0x100000001b3 ^ Sum64(data[:n])
	}
	assert.Equal(t, uint64(0xbdc8b250eef2b1fb), all)
}

// TestSum64IsTheReferences is the value that the reference's own suite asks for.
func TestSum64IsTheReferences(t *testing.T) {
	text := "v8lf0c11xh8ymlqztfd3eeq16kfn4sspw7fqmnuuq3k3t75em5wdizgcdw7uc26nnf961u2jkfzkjytls2kwlj7626sd"
	assert.Equal(t, uint64(0x00006c38adf31777), Sum64([]byte(text)))
}
