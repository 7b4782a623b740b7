package lua

import (
	"strconv"

	"github.com/yuin/gopher-lua"

	"riffle/engine/script"
	"riffle/engine/sha1"
)

// openRedis fills the table redis: what scripts have, what functions have, and what a library has while it
// registers.
func (in *Interpreter) openRedis() {
	api, functions, loading := in.module("redis", nil), in.module("redis", nil), in.module("redis", nil)
	for _, f := range [...]struct {
		name string
		run  lua.LGFunction
	}{
		{"call", func(L *lua.LState) int { return in.command(L, true) }},
		{"pcall", func(L *lua.LState) int { return in.command(L, false) }},
		{"error_reply", in.errorReply}, {"status_reply", in.statusReply}, {"sha1hex", in.sha1hex},
		{"setresp", in.setProtocol}, {"set_repl", in.setReplication}, {"acl_check_cmd", in.checkCommand},
	} {
		api.RawSetString(f.name, in.state.NewFunction(f.run))
		functions.RawSetString(f.name, api.RawGetString(f.name))
	}
	api.RawSetString("breakpoint", in.state.NewFunction(returnFalse))
	api.RawSetString("debug", in.state.NewFunction(returnNothing))
	api.RawSetString("replicate_commands", in.state.NewFunction(returnTrue))
	in.versioned = []*lua.LTable{api, functions, loading}
	for _, t := range in.versioned {
		t.RawSetString("log", in.state.NewFunction(in.log))
		for level, name := range [...]string{"LOG_DEBUG", "LOG_VERBOSE", "LOG_NOTICE", "LOG_WARNING"} {
			t.RawSetString(name, lua.LNumber(level))
		}
	}
	for _, t := range [...]*lua.LTable{api, functions} {
		for i, name := range [...]string{"REPL_NONE", "REPL_AOF", "REPL_SLAVE", "REPL_ALL"} {
			t.RawSetString(name, lua.LNumber(i))
		}
		t.RawSetString("REPL_REPLICA", lua.LNumber(2))
	}
	loading.RawSetString("register_function", in.state.NewFunction(in.register))
	in.globals.RawSetString("redis", in.protect(api, lua.LNil))
	in.shared.RawSetString("redis", in.protect(functions, lua.LNil))
	in.loading.RawSetString("redis", in.protect(loading, in.state.NewFunction(in.missing)))
}

// setVersion tells scripts the server's version, which is known once there is a server.
func (in *Interpreter) setVersion(version string) {
	for _, t := range in.versioned {
		t.RawSetString("REDIS_VERSION", lua.LString(version))
		t.RawSetString("REDIS_VERSION_NUM", lua.LNumber(versionNumber(version)))
	}
	in.versioned = nil
}

// versionNumber makes 0x00070204 of "7.2.4".
func versionNumber(version string) (n int) {
	part := 0
	for i := 0; i <= len(version); i++ {
		if i == len(version) || version[i] == '.' {
			n, part = n<<8|part, 0
		} else {
			part = part*10 + int(version[i]-'0')
		}
	}
	return n
}

func returnFalse(L *lua.LState) int { L.Push(lua.LFalse); return 1 }
func returnTrue(L *lua.LState) int  { L.Push(lua.LTrue); return 1 }
func returnNothing(*lua.LState) int { return 0 }

// request collects the arguments of a command; they are valid until the next one.
func (in *Interpreter) request(L *lua.LState) (problem string) {
	n := L.GetTop()
	if n == 0 {
		return "ERR Please specify at least one argument for this redis lib call"
	}
	in.argv, in.text = in.argv[:0], in.text[:0]
	ends := make([]int, 0, 16)
	for i := 1; i <= n; i++ {
		switch v := L.Get(i).(type) {
		case lua.LString:
			in.text = append(in.text, v...)
		case lua.LNumber:
			in.text = appendArgument(in.text, float64(v))
		default:
			return "ERR Lua redis lib command arguments must be strings or integers"
		}
		ends = append(ends, len(in.text))
	}
	start := 0
	for _, end := range ends {
		in.argv = append(in.argv, in.text[start:end:end])
		start = end
	}
	return ""
}

// appendArgument writes a number with all its digits, as C's %.17g.
func appendArgument(dst []byte, f float64) []byte {
	if f == float64(int64(f)) && f > -1e15 && f < 1e15 && f != 0 {
		return strconv.AppendInt(dst, int64(f), 10)
	}
	return append(dst, formatG(f, 17, false)...)
}

// command is redis.call, which raises errors, and redis.pcall, which returns them.
func (in *Interpreter) command(L *lua.LState, raise bool) int {
	problem := in.request(L)
	if problem != "" {
		if raise {
			in.failTable(L, problem)
		}
		L.Push(errorTable(L, problem))
		return 1
	}
	reply := in.host.Command(in.argv)
	r := reader{L: L, in: reply}
	value := r.value()
	if reply[0] == '-' && raise {
		L.Error(value, 0)
	}
	L.Push(value)
	return 1
}

// errorReply makes an error; a text without a code gets the general one.
func (in *Interpreter) errorReply(L *lua.LState) int {
	s, ok := L.Get(1).(lua.LString)
	if !ok || L.GetTop() != 1 {
		L.Push(errorTable(L, "ERR wrong number or type of arguments"))
		return 1
	}
	message := upToZero(string(s))
	if message != "" && message[0] == '-' {
		message = message[1:]
	}
	blank := false
	for i := 0; i < len(message); i++ {
		blank = blank || message[i] == ' '
	}
	if !blank {
		message = "ERR " + message
	}
	L.Push(errorTable(L, message))
	return 1
}

func (in *Interpreter) statusReply(L *lua.LState) int {
	s, ok := L.Get(1).(lua.LString)
	if !ok || L.GetTop() != 1 {
		L.Push(errorTable(L, "ERR wrong number or type of arguments"))
		return 1
	}
	t := L.CreateTable(0, 1)
	t.RawSetString("ok", s)
	L.Push(t)
	return 1
}

func (in *Interpreter) sha1hex(L *lua.LState) int {
	if L.GetTop() != 1 {
		in.failTable(L, "ERR wrong number of arguments")
	}
	s, _ := text(L.Get(1))
	L.Push(lua.LString(sha1.Hex([]byte(s))))
	return 1
}

func (in *Interpreter) setProtocol(L *lua.LState) int {
	if L.GetTop() != 1 {
		in.failTable(L, "ERR redis.setresp() requires one argument.")
	}
	n, _ := number(L.Get(1))
	if n = float64(toInt(n)); n != 2 && n != 3 {
		in.failTable(L, "ERR RESP version must be 2 or 3.")
	}
	in.resp = int(n)
	in.host.Protocol(int(n))
	return 0
}

// setReplication is accepted and means nothing: effects are always written down.
func (in *Interpreter) setReplication(L *lua.LState) int {
	if L.GetTop() != 1 {
		in.failTable(L, "ERR redis.set_repl() requires two arguments.")
	}
	n, _ := number(L.Get(1))
	if flags := toInt(n); flags&^3 != 0 {
		in.failTable(L, "ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.")
	}
	return 0
}

func (in *Interpreter) checkCommand(L *lua.LState) int {
	if problem := in.request(L); problem != "" {
		in.failTable(L, problem)
	}
	known, allowed := in.host.Allowed(in.argv)
	if !known {
		in.failTable(L, "ERR Invalid command passed to redis.acl_check_cmd()")
	}
	L.Push(lua.LBool(allowed))
	return 1
}

func (in *Interpreter) log(L *lua.LState) int {
	if L.GetTop() < 2 {
		in.failTable(L, "ERR redis.log() requires two arguments or more.")
	}
	level, ok := number(L.Get(1))
	if !ok {
		in.failTable(L, "ERR First argument must be a number (log level).")
	}
	if n := toInt(level); n < 0 || n > 3 {
		in.failTable(L, "ERR Invalid debug level.")
	}
	message := ""
	for i := 2; i <= L.GetTop(); i++ {
		if s, ok := text(L.Get(i)); ok {
			if i > 2 {
				message += " "
			}
			message += s
		}
	}
	in.host.Log(toInt(level), message)
	return 0
}

// register is redis.register_function, with two arguments or a table of named ones.
func (in *Interpreter) register(L *lua.LState) int {
	var f script.Function
	var problem string
	switch L.GetTop() {
	case 1:
		problem = in.namedRegistration(L, &f)
	case 2:
		problem = positionalRegistration(L, &f)
	default:
		problem = "wrong number of arguments to redis.register_function"
	}
	if problem == "" {
		problem = in.addFunction(f)
	}
	if problem != "" {
		in.failTable(L, "ERR "+problem)
	}
	return 0
}

func positionalRegistration(L *lua.LState, f *script.Function) (problem string) {
	name, ok := text(L.Get(1))
	if !ok {
		return "first argument to redis.register_function must be a string"
	}
	callback, ok := L.Get(2).(*lua.LFunction)
	if !ok {
		return "second argument to redis.register_function must be a function"
	}
	f.Name, f.Program = name, &program{f: callback}
	return ""
}

func (in *Interpreter) namedRegistration(L *lua.LState, f *script.Function) (problem string) {
	t, ok := L.Get(1).(*lua.LTable)
	if !ok {
		return "calling redis.register_function with a single argument is only applicable to Lua table " +
			"(representing named arguments)."
	}
	named := false
	for k, v := t.Next(lua.LNil); k != lua.LNil && problem == ""; k, v = t.Next(k) {
		key, _ := k.(lua.LString)
		switch key {
		case "function_name":
			if f.Name, named = text(v); !named {
				problem = "function_name argument given to redis.register_function must be a string"
			}
		case "description":
			if f.Description, f.Described = text(v); !f.Described {
				problem = "description argument given to redis.register_function must be a string"
			}
		case "callback":
			callback, ok := v.(*lua.LFunction)
			if f.Program = (&program{f: callback}); !ok {
				problem = "callback argument given to redis.register_function must be a function"
			}
		case "flags":
			f.Flags, problem = registrationFlags(v)
		default:
			problem = "unknown argument given to redis.register_function"
		}
	}
	switch {
	case problem != "":
	case !named:
		problem = "redis.register_function must get a function name argument"
	case f.Program == nil:
		problem = "redis.register_function must get a callback argument"
	}
	return problem
}

func registrationFlags(v lua.LValue) (flags script.Flags, problem string) {
	t, ok := v.(*lua.LTable)
	if !ok {
		return 0, "flags argument to redis.register_function must be a table representing function flags"
	}
	for i := 1; t.RawGetInt(i) != lua.LNil; i++ {
		name, _ := t.RawGetInt(i).(lua.LString)
		flag := script.ParseFlag(string(name))
		if flag == 0 {
			return 0, "unknown flag given"
		}
		flags |= flag
	}
	return flags, ""
}

func (in *Interpreter) addFunction(f script.Function) (problem string) {
	for i := 0; i < len(f.Name); i++ {
		if ch := f.Name[i]; !isLetter(ch) && !isDigit(ch) {
			f.Name = ""
		}
	}
	if f.Name == "" {
		return "Library names can only contain letters, numbers, or underscores(_) and must be at least one " +
			"character long"
	}
	for _, other := range in.functions {
		if lower(other.Name) == lower(f.Name) {
			return "Function already exists in the library"
		}
	}
	f.Program.(*program).text = in.program.text
	in.functions = append(in.functions, f)
	return ""
}
