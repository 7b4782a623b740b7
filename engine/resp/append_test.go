package resp_test

import (
	"bytes"
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
