package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const secretHash = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b" // of "secret"

func TestACLFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "users.acl")
	require.NoError(t, os.WriteFile(file, []byte("user alice on >secret ~a:* +@all\n"), 0o600))
	p := start(t, dir, "--aclfile", "users.acl")
	require.NotEmpty(t, p.address, p.output())
	c := p.dial()
	assert.Equal(t, "user alice on #"+secretHash+" ~a:* resetchannels +@all user default on nopass ~* &* +@all",
		c.do("ACL", "LIST"))
	alice := p.dial()
	assert.Contains(t, alice.do("AUTH", "alice", "wrong"), "WRONGPASS")
	assert.Equal(t, "OK", alice.do("AUTH", "alice", "secret"))
	assert.Contains(t, alice.do("GET", "b:1"), "NOPERM")
	assert.Equal(t, "OK", alice.do("SET", "a:1", "x"))

	assert.Equal(t, "OK", c.do("ACL", "SETUSER", "bob", "on", "nopass", "+get", "%R~*"))
	assert.Equal(t, "OK", c.do("ACL", "SAVE"))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "user alice on #"+secretHash+" ~a:* resetchannels +@all\n"+
		"user bob on nopass %R~* resetchannels -@all +get\nuser default on nopass ~* &* +@all\n", string(text))

	require.NoError(t, os.WriteFile(file, []byte("user bob on nopass +nosuch\n"), 0o600))
	assert.Contains(t, c.do("ACL", "LOAD"), "users.acl:1: Error in applying operation '+nosuch'")
	assert.Equal(t, "alice bob default", c.do("ACL", "USERS"))
	require.NoError(t, os.WriteFile(file, []byte("user bob on nopass +set ~*\n"), 0o600))
	assert.Equal(t, "OK", c.do("ACL", "LOAD"))
	assert.Equal(t, "bob default", c.do("ACL", "USERS"))
	_, err = alice.try("GET", "a:1")
	assert.Error(t, err, "the clients of users that are gone are gone")
	require.NoError(t, os.Remove(file))
	assert.Contains(t, c.do("ACL", "LOAD"), "Error loading ACLs, opening file 'users.acl': No such file or directory")
	require.NoError(t, os.Mkdir(file, 0o700))
	assert.Contains(t, c.do("ACL", "SAVE"), "There was an error trying to save the ACLs")
}

func TestUsersOfTheConfigurationFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "riffle.conf")
	text := "# mine\nuser default on >secret ~* &* +@all\nuser alice on nopass +get ~*\nrequirepass other\ntimeout 5\n"
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	p := launch(t, file, "--port", "any", "--http-port", "0", "--dir", dir)
	require.NotEmpty(t, p.address, p.output())
	c := p.dial()
	assert.Contains(t, c.do("AUTH", "other"), "WRONGPASS", "what the line says of a user is the last word")
	assert.Equal(t, "OK", c.do("AUTH", "secret"))
	assert.Contains(t, c.do("ACL", "LOAD"), "not configured to use an ACL file")
	assert.Equal(t, "1", c.do("ACL", "DELUSER", "alice"))
	assert.Equal(t, "OK", c.do("ACL", "SETUSER", "bob", "off"))
	assert.Equal(t, "OK", c.do("CONFIG", "REWRITE"))
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "# mine\nuser bob off resetchannels -@all\nuser default on sanitize-payload #"+secretHash+
		" ~* &* +@all\nrequirepass other\ntimeout 5\n", strings.SplitAfter(string(after), "timeout 5\n")[0])
}

func TestUsersThatAreWrong(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "users.acl")
	require.NoError(t, os.WriteFile(file, []byte("user a on\nuser a off\n"), 0o600))
	for _, test := range []struct {
		lines []string
		want  string
	}{
		{[]string{"--user", "alice", "+nosuch"}, "Error in user declaration '+nosuch': Unknown command or category name"},
		{[]string{"--user", "alice", "on", "--user", "alice", "on"}, "Duplicate user found"},
		{[]string{"--user", "alice", "on", "--aclfile", "users.acl"}, "keep them in one of the two"},
		{[]string{"--aclfile", file}, "Duplicate user 'a' found on line 2"},
		{[]string{"--aclfile", "none"}, "No such file or directory"},
	} {
		p := launch(t, append([]string{"--port", "any", "--http-port", "0", "--dir", dir}, test.lines...)...)
		assert.Empty(t, p.address, test.lines)
		assert.Contains(t, p.output(), test.want)
	}
}
