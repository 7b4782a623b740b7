package resp_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"riffle/engine/resp"
)

// FuzzIsCommand: bytes that are taken for a command are the ones that would be made of its arguments.
func FuzzIsCommand(f *testing.F) {
	for _, request := range []string{
		"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n", "*1\r\n$12\r\nPINGPINGPING\r\n", "SET k v\r\n", "\r\n",
		"        SET      abc\r\n", "*2\r\n$3\r\nGET\r\n$1\rXk\r\n", "*2\r\n$3\r\nGET\r\n$1\r\nkXX", "*1\rX$1\r\na\r\n",
		"*0\r\n", "*-1\r\n",
	} {
		f.Add([]byte(request))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		var parser resp.Parser
		args, n, err := parser.Next(p, nil, &resp.DefaultLimits)
		if err == nil && n > 0 && resp.IsCommand(p[:n], args) {
			require.Equal(t, string(resp.AppendCommand(nil, args...)), string(p[:n]))
		}
	})
}

// Arguments of any length are known, and the end of every line is looked at.
func TestIsCommandLooksAtLines(t *testing.T) {
	for _, size := range []int{0, 1, 9, 10, 19, 55, 90, 99, 100, 101, 1000, 12345} {
		for _, count := range []int{1, 2, 9, 10, 12} {
			argument := bytes.Repeat([]byte("a"), size)
			p := resp.AppendCommand(nil, append([][]byte{[]byte("NAME")}, slices.Repeat([][]byte{argument}, count)...)...)
			var parser resp.Parser
			args, n, err := parser.Next(p, nil, &resp.DefaultLimits)
			require.NoError(t, err)
			require.Len(t, p, n)
			require.True(t, resp.IsCommand(p, args), "%d of %d", count, size)
			for i, ch := range p {
				if ch != '\r' && ch != '\n' {
					continue
				}
				p[i] = 'x'
				args, n, err := parser.Next(p, nil, &resp.DefaultLimits)
				require.False(t, err == nil && n > 0 && resp.IsCommand(p[:n], args), "%d of %d, at %d", count, size, i)
				parser.Reset()
				p[i] = ch
			}
		}
	}
}

func TestIsCommand(t *testing.T) {
	var parser resp.Parser
	p := []byte("*3\r\n$3\r\nSET\r\n$10\r\n0123456789\r\n$0\r\n\r\n")
	args, n, err := parser.Next(p, nil, &resp.DefaultLimits)
	require.NoError(t, err)
	require.True(t, resp.IsCommand(p[:n], args))
	require.False(t, resp.IsCommand(p[:n-1], args))
	require.False(t, resp.IsCommand(append(p, ' '), args))
	require.False(t, resp.IsCommand(nil, args))
	require.False(t, resp.IsCommand(p[:n], args[:2]))
	args[1] = bytes.Clone(args[1])
	require.False(t, resp.IsCommand(p[:n], args), "an argument that lies elsewhere may change")
}
