package sha256

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSumOfTheStandardsExamples(t *testing.T) {
	for message, want := range map[string]string{
		"":    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq": "248d6a61d20638b8e5c026930c3e6039" +
			"a33ce45964ff2167f6ecedd419db06c1",
	} {
		digest := Sum([]byte(message))
		assert.Equal(t, want, hex.EncodeToString(digest[:]), message)
	}
}

// TestSumOfEveryLength covers both kinds of padding at every place of the last block.
func TestSumOfEveryLength(t *testing.T) {
	message := make([]byte, 3*blockSize+1)
	for i := range message {
		message[i] = byte(i * 7)
	}
	for n := range message {
		assert.Equal(t, sha256.Sum256(message[:n]), Sum(message[:n]), "%d bytes", n)
	}
}

func FuzzSum(f *testing.F) {
	f.Add([]byte("secret"))
	f.Fuzz(func(t *testing.T, message []byte) {
		assert.Equal(t, sha256.Sum256(message), Sum(message))
	})
}
