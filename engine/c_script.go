package engine

import (
	"bytes"

	"riffle/engine/resp"
	"riffle/engine/script"
	"riffle/engine/sha1"
)

const evalFlags = NoScript | Stale | SkipMonitor | NoMandatoryKeys | MovableKeys

var scriptingCommands = []Command{
	{
		Name: "EVAL", Syntax: "script numkeys [key [key ...]] [arg [arg ...]]", Flags: evalFlags, Since: "2.6.0",
		Complexity: "Depends on the script that is executed.",
		Summary:    "Executes a server-side Lua script.",
		Example: `
> EVAL "return redis.call('SET', KEYS[1], ARGV[1])" 1 greeting hello
OK
> EVAL "return {KEYS[1], ARGV[1], 3.9}" 1 key arg
1) "key"
2) "arg"
3) (integer) 3`,
		Run: func(c *Ctx) { c.eval(false) },
	},
	{
		Name: "EVALSHA", Syntax: "sha1 numkeys [key [key ...]] [arg [arg ...]]", Flags: evalFlags, Since: "2.6.0",
		Complexity: "Depends on the script that is executed.",
		Summary:    "Executes a server-side Lua script by SHA1 digest.",
		Example: `
> SCRIPT LOAD "return 1"
"e0e1f9fabfc9d4800c877a703b823ac0578ff8db"
> EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0
(integer) 1`,
		Run: func(c *Ctx) { c.evalSHA(false) },
	},
	{
		Name: "EVALSHA_RO", Syntax: "sha1 numkeys [key [key ...]] [arg [arg ...]]", Flags: evalFlags | ReadOnly,
		Since: "7.0.0", Complexity: "Depends on the script that is executed.",
		Summary: "Executes a read-only server-side Lua script by SHA1 digest.",
		Example: `
> EVALSHA_RO 0000000000000000000000000000000000000000 0
(error) NOSCRIPT No matching script. Please use EVAL.`,
		Run: func(c *Ctx) { c.evalSHA(true) },
	},
	{
		Name: "EVAL_RO", Syntax: "script numkeys [key [key ...]] [arg [arg ...]]", Flags: evalFlags | ReadOnly,
		Since: "7.0.0", Complexity: "Depends on the script that is executed.",
		Summary: "Executes a read-only server-side Lua script.",
		Example: `
> SET greeting hello
OK
> EVAL_RO "return redis.call('GET', KEYS[1])" 1 greeting
"hello"`,
		Run: func(c *Ctx) { c.eval(true) },
	},
	{
		Name: "FCALL", Syntax: "function numkeys [key [key ...]] [arg [arg ...]]", Flags: evalFlags, Since: "7.0.0",
		Complexity: "Depends on the function that is executed.",
		Summary:    "Invokes a function.",
		Example: `
> FUNCTION LOAD "#!lua name=greetings\nredis.register_function('hello', function(keys, args) return args[1] end)"
"greetings"
> FCALL hello 0 world
"world"`,
		Run: func(c *Ctx) { c.callFunction(false) },
	},
	{
		Name: "FCALL_RO", Syntax: "function numkeys [key [key ...]] [arg [arg ...]]", Flags: evalFlags | ReadOnly,
		Since: "7.0.0", Complexity: "Depends on the function that is executed.",
		Summary: "Invokes a read-only function.",
		Example: `
> FCALL_RO nosuch 0
(error) ERR Function not found`,
		Run: func(c *Ctx) { c.callFunction(true) },
	},
	{
		Name: "FUNCTION", Since: "7.0.0", Complexity: "Depends on subcommand.",
		Summary: "A container for function commands.",
		Subs:    functionSubcommands,
	},
	{
		Name: "SCRIPT", Since: "2.6.0", Complexity: "Depends on subcommand.",
		Summary: "A container for Lua scripts management commands.",
		Subs:    scriptSubcommands,
	},
}

var scriptSubcommands = []Command{
	{
		Name: "DEBUG", Syntax: "<YES | SYNC | NO>", Flags: NoScript, Since: "3.2.0", Complexity: "O(1)",
		Summary: "Sets the debug mode of server-side Lua scripts.",
		Example: `
> SCRIPT DEBUG NO
OK`,
		Run: scriptDebug,
	},
	{
		Name: "EXISTS", Syntax: "sha1 [sha1 ...]", Flags: NoScript, Since: "2.6.0",
		Complexity: "O(N) with N being the number of scripts to check (so checking a single script is an O(1)" +
			" operation).",
		Summary: "Determines whether server-side Lua scripts exist in the script cache.",
		Example: `
> SCRIPT LOAD "return 1"
"e0e1f9fabfc9d4800c877a703b823ac0578ff8db"
> SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0000000000000000000000000000000000000000
1) (integer) 1
2) (integer) 0`,
		Run: scriptExists,
	},
	{
		Name: "FLUSH", Syntax: "[ASYNC | SYNC]", Flags: NoScript, Since: "2.6.0",
		Complexity: "O(N) with N being the number of scripts in cache",
		Summary:    "Removes all server-side Lua scripts from the script cache.",
		Example: `
> SCRIPT FLUSH
OK`,
		Run: scriptFlush,
	},
	{
		Name: "HELP", Flags: Loading | Stale, Since: "5.0.0", Complexity: "O(1)",
		Summary: "Returns helpful text about the different subcommands.",
		Example: `
> SCRIPT HELP
 1) SCRIPT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:
...`,
		Run: func(c *Ctx) { c.help(scriptHelp) },
	},
	{
		Name: "KILL", Flags: NoScript | AllowBusy, Since: "2.6.0", Complexity: "O(1)",
		Summary: "Terminates a server-side Lua script during execution.",
		Example: `
> SCRIPT KILL
(error) NOTBUSY No scripts in execution right now.`,
		Run: func(c *Ctx) { c.killScript(false) },
	},
	{
		Name: "LOAD", Syntax: "script", Flags: NoScript | Stale, Since: "2.6.0",
		Complexity: "O(N) with N being the length in bytes of the script body.",
		Summary:    "Loads a server-side Lua script to the script cache.",
		Example: `
> SCRIPT LOAD "return 'hello'"
"1b936e3fe509bcbc9cd0664897bbe8fd0cac101b"`,
		Run: scriptLoad,
	},
	{
		Name: "SHOW", Syntax: "sha1", Flags: NoScript, Since: "8.0.0", Origin: "Valkey", Complexity: "O(1)",
		Summary: "Returns the text of a server-side Lua script in the script cache.",
		Example: `
> SCRIPT LOAD "return 'hello'"
"1b936e3fe509bcbc9cd0664897bbe8fd0cac101b"
> SCRIPT SHOW 1b936e3fe509bcbc9cd0664897bbe8fd0cac101b
"return 'hello'"`,
		Run: scriptShow,
	},
}

var scriptHelp = []string{
	"DEBUG (YES|SYNC|NO)",
	"    Set the debug mode for subsequent scripts executed.",
	"EXISTS <sha1> [<sha1> ...]",
	"    Return information about the existence of the scripts in the script cache.",
	"FLUSH [ASYNC|SYNC]",
	"    Flush the Lua scripts cache. Very dangerous on replicas.",
	"    When called without the optional mode argument, the behavior is determined by the",
	"    lazyfree-lazy-user-flush configuration directive. Valid modes are:",
	"    * ASYNC: Asynchronously flush the scripts cache.",
	"    * SYNC: Synchronously flush the scripts cache.",
	"KILL",
	"    Kill the currently executing Lua script.",
	"LOAD <script>",
	"    Load a script into the scripts cache without executing it.",
}

// hasScripts replies an error where there is no interpreter.
func (c *Ctx) hasScripts() bool {
	if c.e.config.Scripts == nil {
		c.Reply.Error(errNoScripts)
		return false
	}
	return true
}

func (c *Ctx) eval(readOnly bool) {
	if !c.hasScripts() {
		return
	}
	keys, args, ok := c.keysAndArgs(errNotInteger)
	if !ok {
		return
	}
	if cached, ok := c.loadScript(c.Argv[1]); ok {
		c.evalCached(cached, keys, args, readOnly)
	}
}

const errNoScript = "NOSCRIPT No matching script. Please use EVAL."

func (c *Ctx) evalSHA(readOnly bool) {
	if len(c.Argv[1]) != sha1.Size {
		c.Reply.Error(errNoScript)
		return
	}
	keys, args, ok := c.keysAndArgs(errNotInteger)
	if !ok {
		return
	}
	cached := c.e.cachedScript(c.Argv[1])
	if cached == nil {
		c.Reply.Error(errNoScript)
		return
	}
	c.evalCached(cached, keys, args, readOnly)
}

func (c *Ctx) evalCached(cached *cachedScript, keys, args [][]byte, readOnly bool) {
	call := script.Call{Program: cached.program, Name: cached.sha, Keys: keys, Args: args}
	c.runScript(&call, cached.flags, readOnly)
}

// cachedScript finds a script by its SHA-1, in upper or lower case.
func (e *Engine) cachedScript(sha []byte) *cachedScript {
	if cached := e.scripting.cache[string(sha)]; cached != nil {
		return cached
	}
	return e.scripting.cache[lowerString(string(sha))]
}

// loadScript returns the script of a text, compiled now unless it is known.
func (c *Ctx) loadScript(text []byte) (*cachedScript, bool) {
	sha := sha1.Hex(text)
	if cached := c.e.scripting.cache[sha]; cached != nil {
		return cached, true
	}
	flags, shebang, problem := scriptFlags(text)
	if problem != "" {
		c.Reply.Error("ERR " + problem)
		return nil, false
	}
	cached := &cachedScript{sha: sha, text: bytes.Clone(text), flags: flags}
	if cached.program, problem = c.e.config.Scripts.Compile(cached.text[shebang:]); problem != "" {
		c.Reply.Error("ERR Error compiling script (new function): " + problem)
		return nil, false
	}
	if c.e.scripting.cache == nil {
		c.e.scripting.cache = map[string]*cachedScript{}
	}
	c.e.scripting.cache[sha] = cached
	c.e.scripting.cachedBytes += len(text)
	return cached, true
}

// firstLine returns where a text's first line ends, -1 if it has no end or a zero byte comes before it.
func firstLine(text []byte) int {
	end := bytes.IndexByte(text, '\n')
	if bytes.IndexByte(text[:max(end, 0)], 0) >= 0 {
		return -1
	}
	return end
}

// scriptFlags reads a script's first line, if it begins with #!, and returns how long it is. The line's end
// stays, so that errors name the right lines.
func scriptFlags(text []byte) (flags script.Flags, shebang int, problem string) {
	if !bytes.HasPrefix(text, []byte("#!")) {
		return script.Compatible, 0, ""
	}
	shebang = firstLine(text)
	if shebang < 0 {
		return 0, 0, "Invalid script shebang"
	}
	words, ok := resp.SplitInline(nil, text[:shebang])
	if !ok || len(words) == 0 {
		return 0, 0, "Invalid engine in script shebang"
	}
	if string(words[0]) != "#!lua" {
		return 0, 0, "Unexpected engine in script shebang: " + string(words[0])
	}
	for _, word := range words[1:] {
		list, ok := bytes.CutPrefix(word, []byte("flags="))
		if !ok {
			return 0, 0, "Unknown lua shebang option: " + string(word)
		}
		for _, name := range bytes.Split(list, []byte(",")) {
			flag := script.ParseFlag(string(name))
			if flag == 0 && len(list) > 0 {
				return 0, 0, "Unexpected flag in script shebang: " + string(name)
			}
			flags |= flag
		}
	}
	return flags, shebang, ""
}

func scriptLoad(c *Ctx) {
	if !c.hasScripts() {
		return
	}
	if cached, ok := c.loadScript(c.Argv[2]); ok {
		c.Reply.BulkString(cached.sha)
	}
}

func scriptShow(c *Ctx) {
	if cached := c.e.cachedScript(c.Argv[2]); cached != nil {
		c.Reply.Bulk(cached.text)
		return
	}
	c.Reply.Error(errNoScript)
}

func scriptExists(c *Ctx) {
	c.Reply.Array(len(c.Argv) - 2)
	for _, sha := range c.Argv[2:] {
		c.Reply.Int(boolInt(c.e.cachedScript(sha) != nil))
	}
}

func scriptFlush(c *Ctx) {
	if !c.flushMode("ERR SCRIPT FLUSH only support SYNC|ASYNC option") {
		return
	}
	c.e.scripting.cache, c.e.scripting.cachedBytes = nil, 0
	c.Reply.OK()
}

// flushMode checks the only argument that a sub-command FLUSH takes.
func (c *Ctx) flushMode(failure string) bool {
	if len(c.Argv) == 2 || len(c.Argv) == 3 && (c.is(2, "SYNC") || c.is(2, "ASYNC")) {
		return true
	}
	c.Reply.Error(failure)
	return false
}

func scriptDebug(c *Ctx) {
	switch {
	case c.is(2, "NO"):
		c.Reply.OK()
	case c.is(2, "YES"), c.is(2, "SYNC"):
		c.Reply.Error("ERR The debugger of scripts is not part of this server")
	default:
		c.Reply.Error("ERR Use SCRIPT DEBUG YES/SYNC/NO")
	}
}
