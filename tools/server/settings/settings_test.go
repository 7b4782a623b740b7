package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWords(t *testing.T) {
	tests := []struct {
		line string
		want []string
		ok   bool
	}{
		{"port 6379", []string{"port", "6379"}, true},
		{`  save "3600 1" `, []string{"save", "3600 1"}, true},
		{`a "\x41\n\"" 'it\'s' ""`, []string{"a", "A\n\"", "it's", ""}, true},
		{`a "open`, nil, false},
		{`a "x"y`, nil, false},
		{`a 'x`, nil, false},
		{`a \"`, nil, false},
		{"", nil, true},
	}
	for _, test := range tests {
		words, ok := Words(test.line)
		assert.Equal(t, test.ok, ok, test.line)
		assert.Equal(t, test.want, words, test.line)
	}
}

func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"", "a b", "\"\\", "\x00\xff\n", "'", "속보"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, word string) {
		words, ok := Words("name " + Quote(word))
		require.True(t, ok)
		require.Equal(t, []string{"name", word}, words)
		Words(word) // anything at all must not crash
	})
}

func TestCommandLine(t *testing.T) {
	arguments := []string{"/etc/x.conf", "--port", "7000", "--save", "3600 1", "--bind", "a", "b", "-"}
	source := FromArguments(arguments, strings.NewReader("dir /tmp\n"))
	assert.Equal(t, "/etc/x.conf", source.File)
	assert.NotNil(t, source.Stdin)
	assert.Equal(t, "port \"7000\"\nsave \"3600 1\"\nbind \"a\" \"b\"", source.Lines)
}

func TestFileWithIncludes(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	write("b1.conf", "timeout 5\n")
	write("b2.conf", "timeout 6\n")
	main := write("a.conf", "# a comment\n\nPORT 1\r\ninclude "+dir+"/b*.conf\nport 2")
	source := FromArguments([]string{main, "--port", "3"}, nil)
	all, err := source.Read()
	require.NoError(t, err)
	merged, err := Merge(all)
	require.NoError(t, err)
	require.Len(t, merged, 2)
	assert.Equal(t, "port", merged[0].Name)
	assert.Equal(t, "3", merged[0].Value())
	assert.Equal(t, "6", merged[1].Value())
}

func TestFaults(t *testing.T) {
	dir := t.TempDir()
	loop := filepath.Join(dir, "loop.conf")
	require.NoError(t, os.WriteFile(loop, []byte("include "+loop+"\n"), 0o600))
	tests := []struct {
		arguments []string
		want      string
	}{
		{[]string{"--port"}, "at line 1\n>>> 'port'\nwrong number of arguments"},
		{[]string{"--port", "1", "2"}, ">>> 'port \"1\" \"2\"'\nwrong number of arguments"},
		{[]string{filepath.Join(dir, "none")}, "can't open config file"},
		{[]string{loop}, "included too deep"},
	}
	for _, test := range tests {
		all, err := FromArguments(test.arguments, nil).Read()
		if err == nil {
			_, err = Merge(all)
		}
		require.Error(t, err)
		assert.Contains(t, err.Error(), test.want)
	}
	_, err := Source{Stdin: strings.NewReader("a 1\nb \"2\n")}.Read()
	assert.ErrorContains(t, err, "at line 2\n>>> 'b \"2'\nUnbalanced quotes")
}

func TestSavePointsAddUp(t *testing.T) {
	tests := []struct{ lines, want string }{
		{"save 3600 1\nsave 60 100", "3600 1 60 100"},
		{"save 3600 1\nsave \"\"", ""},
		{"save \"\"\nsave 60 100", "60 100"},
	}
	for _, test := range tests {
		all, err := Source{Lines: test.lines}.Read()
		require.NoError(t, err)
		merged, err := Merge(all)
		require.NoError(t, err)
		require.Len(t, merged, 1)
		assert.Equal(t, test.want, merged[0].Value(), test.lines)
	}
}

func TestRewrite(t *testing.T) {
	before := "# mine\nport 1\nsave 1 1\nsave 2 2\n\nunknown x\n"
	after := Rewrite(before, []Parameter{
		{"port", "7", "6379"}, {"save", "3 3", "3600 1"}, {"timeout", "0", "0"},
		{"requirepass", "a b", ""}, {"dir", "/x", "."},
	}, nil)
	want := "# mine\nport 7\nsave 3 3\n\nunknown x\n" + signature + "\nrequirepass \"a b\"\ndir /x\n"
	assert.Equal(t, want, after)
	again := Rewrite(after, []Parameter{{"port", "7", "6379"}, {"maxclients", "9", "10000"}}, nil)
	assert.Equal(t, want+"maxclients 9\n", again)
	users := []string{"user a on", "user b off"}
	assert.Equal(t, "# mine\nuser a on\nuser b off\nx 1\n", Rewrite("# mine\nUser c on\nx 1\nuser d on\n", nil, users))
	assert.Equal(t, "x 1\n"+signature+"\nuser a on\nuser b off\n", Rewrite("x 1\n", nil, users))
}
