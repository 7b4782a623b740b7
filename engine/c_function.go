package engine

import (
	"bytes"

	"riffle/engine/glob"
	"riffle/engine/rdb"
	"riffle/engine/resp"
	"riffle/engine/script"
)

// Libraries are data: they are in the journal and in snapshots, as their text. A text that comes from there is
// compiled when it is first needed, so that an engine that has no interpreter yet, or none at all, keeps it.

// library is a text that registers functions.
type library struct {
	name      string
	code      []byte
	functions []script.Function
	waiting   bool // to be compiled
}

var functionSubcommands = []Command{
	{
		Name: "DELETE", Syntax: "library-name", Flags: Write | NoScript, Since: "7.0.0", Complexity: "O(1)",
		Summary: "Deletes a library and its functions.",
		Example: `
> FUNCTION DELETE nosuch
(error) ERR Library not found`,
		Run: functionDelete,
	},
	{
		Name: "DUMP", Flags: NoScript, Since: "7.0.0", Complexity: "O(N) where N is the number of functions",
		Summary: "Dumps all libraries into a serialized binary payload.",
		Example: `
> FUNCTION DUMP
"\n\x00]\x9b\\@\x0f\x7f\xa2\xda"`,
		Run: functionDump,
	},
	{
		Name: "FLUSH", Syntax: "[ASYNC | SYNC]", Flags: Write | NoScript, Since: "7.0.0",
		Complexity: "O(N) where N is the number of functions deleted",
		Summary:    "Deletes all libraries and functions.",
		Example: `
> FUNCTION FLUSH
OK`,
		Run: functionFlush,
	},
	{
		Name: "HELP", Flags: Loading | Stale, Since: "7.0.0", Complexity: "O(1)",
		Summary: "Returns helpful text about the different subcommands.",
		Example: `
> FUNCTION HELP
 1) FUNCTION <subcommand> [<arg> [value] [opt] ...]. Subcommands are:
...`,
		Run: func(c *Ctx) { c.help(functionHelp) },
	},
	{
		Name: "KILL", Flags: NoScript | AllowBusy, Since: "7.0.0", Complexity: "O(1)",
		Summary: "Terminates a function during execution.",
		Example: `
> FUNCTION KILL
(error) NOTBUSY No scripts in execution right now.`,
		Run: func(c *Ctx) { c.killScript(true) },
	},
	{
		Name: "LIST", Syntax: "[LIBRARYNAME library-name-pattern] [WITHCODE]", Flags: NoScript, Since: "7.0.0",
		Complexity: "O(N) where N is the number of functions",
		Summary:    "Returns information about all libraries.",
		Example: `
> FUNCTION LIST
(empty array)`,
		Run: functionList,
	},
	{
		Name: "LOAD", Syntax: "[REPLACE] function-code", Flags: Write | DenyOOM | NoScript, Since: "7.0.0",
		Complexity: "O(1) (considering compilation time is redundant)",
		Summary:    "Creates a library.",
		Example: `
> FUNCTION LOAD "#!lua name=mylib\nredis.register_function('one', function() return 1 end)"
"mylib"
> FCALL one 0
(integer) 1`,
		Run: functionLoad,
	},
	{
		Name: "RESTORE", Syntax: "serialized-value [FLUSH | APPEND | REPLACE]", Flags: Write | DenyOOM | NoScript,
		Since: "7.0.0", Complexity: "O(N) where N is the number of functions on the payload",
		Summary: "Restores all libraries from a payload.",
		Example: `
> FUNCTION RESTORE "no payload"
(error) ERR DUMP payload version or checksum are wrong`,
		Run: functionRestore,
	},
	{
		Name: "STATS", Flags: NoScript | AllowBusy, Since: "7.0.0", Complexity: "O(1)",
		Summary: "Returns information about a function during execution.",
		Example: `
> FUNCTION STATS
1) "running_script"
2) (nil)
3) "engines"
4) 1) "LUA"
   2) 1) "libraries_count"
      2) (integer) 0
      3) "functions_count"
      4) (integer) 0`,
		Run: functionStats,
	},
}

var functionHelp = []string{
	"LOAD [REPLACE] <FUNCTION CODE>",
	"    Create a new library with the given library name and code.",
	"DELETE <LIBRARY NAME>",
	"    Delete the given library.",
	"LIST [LIBRARYNAME PATTERN] [WITHCODE]",
	"    Return general information on all the libraries:",
	"    * Library name",
	"    * The engine used to run the Library",
	"    * Library description",
	"    * Functions list",
	"    * Library code (if WITHCODE is given)",
	"    It also possible to get only function that matches a pattern using LIBRARYNAME argument.",
	"STATS",
	"    Return information about the current function running:",
	"    * Function name",
	"    * Command used to run the function",
	"    * Duration in MS that the function is running",
	"    If no function is running, return nil",
	"    In addition, returns a list of available engines.",
	"KILL",
	"    Kill the current running function.",
	"FLUSH [ASYNC|SYNC]",
	"    Delete all the libraries.",
	"    When called without the optional mode argument, the behavior is determined by the",
	"    lazyfree-lazy-user-flush configuration directive. Valid modes are:",
	"    * ASYNC: Asynchronously flush the libraries.",
	"    * SYNC: Synchronously flush the libraries.",
	"DUMP",
	"    Return a serialized payload representing the current libraries, can be restored using FUNCTION RESTORE " +
		"command",
	"RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]",
	"    Restore the libraries represented by the given payload, it is possible to give a restore policy to",
	"    control how to handle existing libraries (default APPEND):",
	"    * FLUSH: delete all existing libraries.",
	"    * APPEND: appends the restored libraries to the existing libraries. On collision, abort.",
	"    * REPLACE: appends the restored libraries to the existing libraries, On collision, replace the old",
	"      libraries with the new libraries (notice that even on this option there is a chance of failure",
	"      in case of functions name collision with another library).",
}

const errLibraryName = "Library names can only contain letters, numbers, or underscores(_) and must be at least one " +
	"character long"

// libraryName reads the first line of a library.
func libraryName(code []byte) (name, problem string) {
	if !bytes.HasPrefix(code, []byte("#!")) {
		return "", "Missing library metadata"
	}
	end := firstLine(code)
	if end < 0 {
		return "", "Invalid library metadata"
	}
	words, ok := resp.SplitInline(nil, code[:end])
	if !ok || len(words) == 0 {
		return "", "Invalid library metadata"
	}
	named := false
	for _, word := range words[1:] {
		if len(word) < 5 || !equalFold(word[:5], "NAME=") {
			return "", "Invalid metadata value given: " + string(word)
		}
		if named {
			return "", "Invalid metadata value, name argument was given multiple times"
		}
		name, named = string(word[5:]), true
	}
	switch language := words[0][2:]; {
	case !named:
		return "", "Library name was not given"
	case !validFunctionName(name):
		return "", errLibraryName
	case !equalFold(language, "LUA"):
		return "", "Engine '" + string(language) + "' not found"
	}
	return name, ""
}

// validFunctionName says whether a library or function may be called so.
func validFunctionName(name string) bool {
	for i := 0; i < len(name); i++ {
		ch := name[i]
		if ch != '_' && (ch < '0' || ch > '9') && (ch|0x20 < 'a' || ch|0x20 > 'z') {
			return false
		}
	}
	return name != ""
}

// findLibrary returns where among libraries the one of a name is, -1 if nowhere.
func findLibrary(libraries []*library, name string) int {
	for i, lib := range libraries {
		if lib.name == name {
			return i
		}
	}
	return -1
}

// findFunction finds a function by its name, in any case.
func findFunction(libraries []*library, name string) *script.Function {
	for _, lib := range libraries {
		for i := range lib.functions {
			if sameFold(lib.functions[i].Name, name) {
				return &lib.functions[i]
			}
		}
	}
	return nil
}

func sameFold(a, b string) bool { return len(a) == len(b) && lowerString(a) == lowerString(b) }

// compileLibraries makes the functions of libraries that came from a log or a snapshot.
func (e *Engine) compileLibraries() {
	for _, lib := range e.scripting.libraries {
		if lib.waiting && e.config.Scripts != nil {
			lib.functions, _ = e.compileLibrary(lib.code)
			lib.waiting = false
		}
	}
}

// compileLibrary runs a library's code, which has been checked as far as its first line.
func (e *Engine) compileLibrary(code []byte) (functions []script.Function, problem string) {
	run := &scriptRun{e: e, caller: &Client{}, started: e.stopwatch(), loading: true}
	end := firstLine(code)
	functions, problem = e.config.Scripts.Library(code[end:], run)
	if problem == "" && len(functions) == 0 {
		problem = "No functions registered"
	}
	return functions, problem
}

// addLibrary makes a library of code, and returns the libraries there are then.
func (c *Ctx) addLibrary(libraries []*library, code []byte, replace bool) (more []*library, name, problem string) {
	name, problem = libraryName(code)
	if problem != "" {
		return nil, "", problem
	}
	old := findLibrary(libraries, name)
	if old >= 0 && !replace {
		return nil, "", "Library '" + name + "' already exists"
	}
	for i, lib := range libraries {
		if i != old {
			more = append(more, lib)
		}
	}
	lib := &library{name: name, code: bytes.Clone(code), waiting: c.e.replaying}
	if !lib.waiting {
		if lib.functions, problem = c.e.compileLibrary(lib.code); problem != "" {
			return nil, "", problem
		}
	}
	for i := range lib.functions {
		if findFunction(more, lib.functions[i].Name) != nil {
			return nil, "", "Function " + lib.functions[i].Name + " already exists"
		}
	}
	return append(more, lib), name, ""
}

func functionLoad(c *Ctx) {
	replace := false
	last := len(c.Argv) - 1
	for i := 2; i < last; i++ {
		if !c.is(i, "REPLACE") {
			c.Reply.Error("ERR Unknown option given: " + upToNul(c.Argv[i]))
			return
		}
		replace = true
	}
	if !c.e.replaying && !c.hasScripts() {
		return
	}
	if !c.e.replaying {
		c.e.compileLibraries()
	}
	libraries, name, problem := c.addLibrary(c.e.scripting.libraries, c.Argv[last], replace)
	if problem != "" {
		c.Reply.Error("ERR " + problem)
		return
	}
	c.e.scripting.libraries = libraries
	c.Propagate()
	c.Reply.BulkString(name)
}

func functionDelete(c *Ctx) {
	at := findLibrary(c.e.scripting.libraries, string(c.Argv[2]))
	if at < 0 {
		c.Reply.Error("ERR Library not found")
		return
	}
	rest := append([]*library{}, c.e.scripting.libraries[:at]...)
	c.e.scripting.libraries = append(rest, c.e.scripting.libraries[at+1:]...)
	c.Propagate()
	c.Reply.OK()
}

func functionFlush(c *Ctx) {
	if len(c.Argv) > 3 {
		c.subcommandError()
		return
	}
	if !c.flushMode("ERR FUNCTION FLUSH only supports SYNC|ASYNC option") {
		return
	}
	c.e.scripting.libraries = nil
	c.Propagate()
	c.Reply.OK()
}

func functionList(c *Ctx) {
	withCode, pattern := false, []byte(nil)
	for i := 2; i < len(c.Argv); i++ {
		switch {
		case c.is(i, "WITHCODE") && !withCode:
			withCode = true
		case c.is(i, "LIBRARYNAME") && pattern == nil:
			if i++; i == len(c.Argv) {
				c.Reply.Error("ERR library name argument was not given")
				return
			}
			pattern = c.Argv[i]
		default:
			c.Reply.Error("ERR Unknown argument " + upToNul(c.Argv[i]))
			return
		}
	}
	c.e.compileLibraries()
	mark, n := c.Reply.Later(), 0
	for _, lib := range c.e.scripting.libraries {
		if pattern == nil || glob.Match(pattern, []byte(lib.name), true) {
			c.Reply.library(lib, withCode)
			n++
		}
	}
	c.Reply.ArrayAt(mark, n)
}

// library writes FUNCTION LIST's map of one library.
func (r *Reply) library(lib *library, withCode bool) {
	r.Map(3 + int(boolInt(withCode)))
	r.BulkString("library_name")
	r.BulkString(lib.name)
	r.BulkString("engine")
	r.BulkString("LUA")
	r.BulkString("functions")
	r.Array(len(lib.functions))
	for i := range lib.functions {
		r.function(&lib.functions[i])
	}
	if withCode {
		r.BulkString("library_code")
		r.Bulk(lib.code)
	}
}

func (r *Reply) function(f *script.Function) {
	r.Map(3)
	r.BulkString("name")
	r.BulkString(f.Name)
	r.BulkString("description")
	if f.Described {
		r.BulkString(f.Description)
	} else {
		r.Null()
	}
	r.BulkString("flags")
	mark, n := r.Later(), 0
	for i, name := range script.FlagNames {
		if f.Flags>>i&1 != 0 {
			r.Simple(name)
			n++
		}
	}
	r.SetAt(mark, n)
}

func functionStats(c *Ctx) {
	if run := c.e.scripting.current; run != nil && !run.function {
		c.Reply.Error(errBusyEval)
		return
	}
	if c.e.scripting.current == nil {
		c.e.compileLibraries()
	}
	c.Reply.Map(2)
	c.Reply.BulkString("running_script")
	c.runningScript()
	functions := 0
	for _, lib := range c.e.scripting.libraries {
		functions += len(lib.functions)
	}
	c.Reply.BulkString("engines")
	c.Reply.Map(1)
	c.Reply.BulkString("LUA")
	c.Reply.Map(2)
	c.Reply.BulkString("libraries_count")
	c.Reply.Int(int64(len(c.e.scripting.libraries)))
	c.Reply.BulkString("functions_count")
	c.Reply.Int(int64(functions))
}

func (c *Ctx) runningScript() {
	run := c.e.scripting.current
	if run == nil {
		c.Reply.Null()
		return
	}
	c.Reply.Map(3)
	c.Reply.BulkString("name")
	c.Reply.BulkString(run.name)
	c.Reply.BulkString("command")
	c.Reply.Array(len(run.request))
	for _, arg := range run.request {
		c.Reply.Bulk(arg)
	}
	c.Reply.BulkString("duration_ms")
	c.Reply.Int((c.e.stopwatch() - run.started) / 1e6)
}

// appendLibraries appends the libraries as RDB.
func (e *Engine) appendLibraries(dst []byte) []byte {
	for _, lib := range e.scripting.libraries {
		dst = rdb.AppendString(append(dst, rdb.OpcodeFunction2), lib.code, true)
	}
	return dst
}

func functionDump(c *Ctx) {
	payload := rdb.AppendDumpFooter(c.e.appendLibraries(nil), 0)
	c.Reply.Bulk(payload)
}

func functionRestore(c *Ctx) {
	flush, replace := false, false
	switch {
	case len(c.Argv) > 4:
		c.subcommandError()
		return
	case len(c.Argv) == 3 || c.is(3, "APPEND"):
	case c.is(3, "FLUSH"):
		flush = true
	case c.is(3, "REPLACE"):
		replace = true
	default:
		c.Reply.Error("ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.")
		return
	}
	body, ok := rdb.CheckDump(c.Argv[2])
	if !ok {
		c.Reply.Error("ERR DUMP payload version or checksum are wrong")
		return
	}
	if !c.e.replaying && !c.hasScripts() {
		return
	}
	libraries := c.e.scripting.libraries
	if flush {
		libraries = nil
	}
	libraries, problem := c.restoreLibraries(libraries, body, replace)
	if problem != "" {
		c.Reply.Error("ERR " + problem)
		return
	}
	c.e.scripting.libraries = libraries
	c.Propagate()
	c.Reply.OK()
}

// restoreLibraries adds the libraries of a FUNCTION DUMP.
func (c *Ctx) restoreLibraries(libraries []*library, body []byte, replace bool) (_ []*library, problem string) {
	if !c.e.replaying {
		c.e.compileLibraries()
	}
	r := rdb.NewReader(body)
	for r.Offset() < int64(len(body)) {
		op, err := r.Byte()
		if err != nil {
			return nil, "failed to read function type"
		}
		if op != rdb.OpcodeFunction2 {
			return nil, "given type is not a function"
		}
		code, err := r.String()
		if err != nil {
			return nil, "Failed loading library data"
		}
		if name, problem := libraryName(code); problem == "" && !replace && findLibrary(libraries, name) >= 0 {
			return nil, "Library " + name + " already exists" // where LOAD quotes the name
		}
		if libraries, _, problem = c.addLibrary(libraries, code, replace); problem != "" {
			return nil, problem
		}
	}
	return libraries, ""
}

// loadLibrary takes a library from a snapshot.
func (e *Engine) loadLibrary(code []byte) string {
	name, problem := libraryName(code)
	if problem == "" && findLibrary(e.scripting.libraries, name) >= 0 {
		problem = "Library '" + name + "' already exists"
	}
	if problem == "" {
		e.scripting.libraries = append(e.scripting.libraries, &library{name, bytes.Clone(code), nil, true})
	}
	return problem
}

func (c *Ctx) callFunction(readOnly bool) {
	if !c.hasScripts() {
		return
	}
	c.e.compileLibraries()
	function := findFunction(c.e.scripting.libraries, string(c.Argv[1]))
	if function == nil {
		c.Reply.Error("ERR Function not found")
		return
	}
	keys, args, ok := c.keysAndArgs("ERR Bad number of keys provided")
	if !ok {
		return
	}
	call := script.Call{Program: function.Program, Name: function.Name, Function: true, Keys: keys, Args: args}
	c.runScript(&call, function.Flags, readOnly)
}
