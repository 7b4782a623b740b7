package sha1

import (
	"crypto/sha1"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestHexAgreesWithTheStandardLibrary(t *testing.T) {
	text := make([]byte, 0, 300)
	for n := range 300 {
		sum := sha1.Sum(text)
		assert.Equal(t, hex.EncodeToString(sum[:]), Hex(text), "%d bytes", n)
		text = append(text, byte(n*7))
	}
}
