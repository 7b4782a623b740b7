package main

import (
	"crypto/sha1"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// luaWriter writes a script: statements, a line each, over variables of known kinds, so that most scripts
// get to their end. What has no order or differs from run to run stays out of its results.
type luaWriter struct {
	s       *stream
	r       *rand.Rand
	lines   []string
	numbers []string // names of variables that hold numbers, and so on
	texts   []string
	tables  []string
	replies []string
	named   int
	plain   bool   // replies of commands are left out, since their tables have fields in any order
	keys    string // what the keys and arguments are called
	args    string
}

// script writes the source of an EVAL.
func (s *stream) script() string {
	l := &luaWriter{s: s, r: s.random, keys: "KEYS", args: "ARGV"}
	source := l.body()
	if s.random.IntN(15) == 0 {
		source = l.pick("#!lua\n", "#!lua flags=no-writes\n", "#!lua flags=allow-stale,no-cluster\n",
			"#!lua flags=x\n",
			"#!lua name=x\n", "#!lisp\n", "#!lua flags=no-writes,allow-oom\n") + source
	}
	s.scripts = append(s.scripts, source)
	return source
}

// sha1 names a script of this case, or none.
func (s *stream) sha1() string {
	if len(s.scripts) == 0 || s.random.IntN(8) == 0 {
		return []string{"abc", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db",
			"E0E1F9FABFC9D4800C877A703B823AC0578FF8DB"}[s.random.IntN(3)]
	}
	return fmt.Sprintf("%x", sha1.Sum([]byte(s.scripts[s.random.IntN(len(s.scripts))])))
}

// library writes the source of a FUNCTION LOAD. A library that registers one name twice would crash the oracle.
func (s *stream) library() string {
	name := fmt.Sprintf("l%d", 1+s.random.IntN(3))
	lines := []string{"#!lua name=" + name}
	for i := range 1 + s.random.IntN(3) {
		l := &luaWriter{s: s, r: s.random, keys: "keys", args: "args"}
		function := "function(keys, args)\n" + l.body() + "\nend"
		register := fmt.Sprintf("redis.register_function('%s_f%d', %s)", name, i+1, function)
		if s.random.IntN(3) == 0 {
			const form = "redis.register_function{function_name='%s_f%d', callback=%s, flags={%s}}"
			register = fmt.Sprintf(form, name, i+1, function,
				l.pick("", "'no-writes'", "'allow-stale'", "'no-writes','allow-oom'", "'nosuch'", "1"))
		}
		lines = append(lines, register)
	}
	if s.random.IntN(12) == 0 {
		lines = append(lines, []string{"redis.call('GET','x')", "x = 1", "return 1", "error('no')",
			"local x = (", "redis.register_function('bad name', 1)",
			"redis.register_function('" + name + "_g', function() end, 1)"}[s.random.IntN(7)])
	}
	return strings.Join(lines, "\n")
}

func (l *luaWriter) pick(from ...string) string { return from[l.r.IntN(len(from))] }

func (l *luaWriter) name() string {
	l.named++
	return fmt.Sprintf("v%d", l.named)
}

// body writes statements and a return.
func (l *luaWriter) body() string {
	l.plain = true
	for range 1 + l.r.IntN(5) {
		l.lines = append(l.lines, l.statement())
	}
	l.plain = false
	return strings.Join(append(l.lines, l.result()), "\n")
}

// statement writes one line. What it declares may be used in later lines.
func (l *luaWriter) statement() string {
	switch n := l.r.IntN(20); {
	case n < 8:
		return l.calling()
	case n < 11:
		name := l.name()
		line := "local " + name + " = " + l.number(2)
		l.numbers = append(l.numbers, name)
		return line
	case n < 13:
		name := l.name()
		line := "local " + name + " = " + l.text(2)
		l.texts = append(l.texts, name)
		return line
	case n < 15:
		name := l.name()
		line := "local " + name + " = " + l.table(2)
		l.tables = append(l.tables, name)
		return line
	case n < 16:
		call, _ := l.call()
		return fmt.Sprintf("if %s then %s else %s end", l.condition(), call, "redis.pcall('INCR', 's:2')")
	case n < 17:
		call, _ := l.call()
		return fmt.Sprintf("for i = 1, %d do %s end", l.r.IntN(4), call)
	case n < 18 && len(l.tables) > 0:
		table, tables := l.pick(l.tables...), l.tables
		defer func() { l.tables = tables }()
		l.tables = nil // a table that came to hold itself twice would be written for ever
		return fmt.Sprintf("%s[#%s + 1] = %s", table, table, l.any(2))
	case n < 19:
		name := l.name()
		line := fmt.Sprintf("local %s = {pcall(function() return %s end)}",
			name, l.pick(l.wrong(), l.any(2)))
		return line + " " + name + " = nil"
	}
	if l.keys == "KEYS" && l.r.IntN(6) == 0 {
		return "redis.replicate_commands()" // which functions do not have
	}
	return l.pick("redis.setresp(3)", "redis.setresp(2)", "redis.setresp(2)",
		"redis.set_repl(redis.REPL_ALL)", "redis.log(redis.LOG_DEBUG, 'x')",
		"local _ = #"+l.keys+" + #"+l.args)
}

// calling declares a reply.
func (l *luaWriter) calling() string {
	call, exact := l.call()
	name := l.name()
	if exact {
		l.replies = append(l.replies, name)
	}
	return "local " + name + " = " + call
}

// call writes a redis.call; exact tells whether the reply to it is the same on both sides.
func (l *luaWriter) call() (text string, exact bool) {
	var args []string
	for args == nil || waits(args) || slices.Contains([]string{"EVAL", "FUNCTION", "SCRIPT"}, args[0]) ||
		strings.Contains(strings.Join(args, " "), "@") {
		args = l.s.command(l.s.row(""), "script")
	}
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = quoteLua(arg)
		if i > 1 && expires(args[0]) {
			continue // lest it expire at once, on one side first
		}
		switch l.r.IntN(30) {
		case 0:
			words[i] = l.keys + "[1] or 's:1'"
		case 1:
			words[i] = l.args + "[1] or '1'"
		case 2:
			words[i] = l.pick("10", "1.5", "-1", "1e20", "3.0", "0.1", "'a' .. 1")
		}
	}
	function := l.pick("redis.call", "redis.call", "redis.pcall", "redis.pcall", "redis.pcall",
		"redis.pcall")
	return fmt.Sprintf("%s(%s)", function, strings.Join(words, ", ")), treatmentOf(args) == treatment{}
}

// expires reports whether a command may give a key a time to live.
func expires(command string) bool {
	return slices.Contains([]string{"SET", "SETEX", "PSETEX", "GETEX", "EXPIRE", "PEXPIRE", "RESTORE",
		"RESTORE-ASKING"}, command)
}

// waits reports whether a command may block: since 7.2 scripts may call it, and are answered at once.
func waits(args []string) bool {
	switch args[0] {
	case "BLPOP", "BRPOP", "BLMOVE", "BLMPOP", "BRPOPLPUSH", "BZPOPMIN", "BZPOPMAX", "BZMPOP", "WAIT":
		return true
	}
	return slices.ContainsFunc(args, func(arg string) bool { return strings.EqualFold(arg, "BLOCK") })
}

// quoteLua spells a string for Lua on one line.
func quoteLua(text string) string {
	var out strings.Builder
	out.WriteByte('\'')
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '\'' || c == '\\' {
			fmt.Fprintf(&out, "\\%03d", c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String() + "'"
}

func (l *luaWriter) result() string {
	switch l.r.IntN(14) {
	case 0:
		return "return redis.error_reply(" + l.text(1) + ")"
	case 1:
		return "return redis.status_reply(" + l.text(1) + ")"
	case 2:
		return "error(" + l.pick("'no'", "{err='MY no'}", "'a b'", l.text(1)) + ")"
	case 3:
		return "return " + l.wrong()
	case 4, 5, 6:
		return "return {" + l.any(2) + ", " + l.any(2) + ", " + l.any(1) + "}"
	}
	return "return " + l.any(3)
}

func (l *luaWriter) condition() string {
	return l.pick(l.number(1)+" < "+l.number(1), l.text(1)+" == "+l.text(1), "not "+l.any(1),
		"type("+l.any(1)+") == 'table'", l.text(1)+" < "+l.text(1))
}

func (l *luaWriter) any(depth int) string {
	if !l.plain && len(l.replies) > 0 && l.r.IntN(2) == 0 {
		return l.pick(l.replies...)
	}
	switch l.r.IntN(8) {
	case 0, 1:
		return l.number(depth)
	case 2, 3:
		return l.text(depth)
	case 4:
		if l.plain {
			return l.pick("nil", "true", "false", "{}", "{a=1}", "{ok='fine'}")
		}
		return l.pick("nil", "true", "false", "{}", "{err='E x'}", "{ok='fine'}", "{double=1.25}",
			"{map={a=1}}", "{big_number='123'}",
			"{verbatim_string={format='txt', string='x'}}", "{set={a=true}}")
	}
	return l.table(depth)
}

// number writes an expression that is a number: what is none is printed as the machine's arithmetic has it.
func (l *luaWriter) number(depth int) string {
	if len(l.numbers) > 0 && l.r.IntN(3) == 0 {
		return l.pick(l.numbers...)
	}
	if depth == 0 || l.r.IntN(3) == 0 {
		return l.pick("0", "1", "2", "7", "-1", "3.7", "-2.5", "255", "2^31", "2^53", "1e15",
			"0.1", "1e30")
	}
	n, t := func() string { return l.number(depth - 1) }, func() string { return l.text(depth - 1) }
	integer := l.pick("0", "1", "5", "255", "65536", "2147483647", "-1", "-7")
	switch l.r.IntN(16) {
	case 0, 1:
		return "(" + n() + l.pick(" + ", " - ", " * ") + n() + " + 0)" // arithmetic here knows no zero with a sign
	case 2:
		if l.r.IntN(2) == 0 { // ours takes exact remainders of large numbers too
			return "(" + l.pick("7", "2.5", "255") + " % " + l.pick("2", "3", "0.5") + ")"
		}
		return "(" + n() + " / " + l.pick("2", "3", "7", "0.5", "-3") + " + 0)"
	case 3:
		return "#" + l.pick(t(), "{"+n()+", "+n()+"}")
	case 4:
		return "math." + l.pick("floor", "ceil", "abs") + "(" + n() + ")"
	case 5:
		return "math." + l.pick("max", "min") + "(" + n() + ", " + n() + ")"
	case 6:
		return "bit." + l.pick("band", "bor", "bxor", "lshift", "rshift", "arshift", "rol",
			"ror") + "(" + integer + ", " + l.pick("1", "3", "31", "32", "255", "-1") + ")"
	case 7:
		return "bit." + l.pick("bnot", "bswap", "tobit") + "(" + integer + ")"
	case 8:
		return "(tonumber(" + t() + ") or 0)"
	case 9:
		return "(tonumber(" + t() + ", " + l.pick("2", "8", "16", "36") + ") or 0)"
	case 10:
		return "(string.byte(" + t() + ", " + l.pick("1", "-1", "2", "100") + ") or 0)"
	case 11:
		return "(string.find(" + t() + ", " + l.pattern() + ") or 0)"
	case 12:
		return "select('#', " + l.any(0) + ", nil)"
	case 13:
		return "(math.randomseed(" + l.pick("0", "7", "-1") + ") or math.random(" + l.pick("1, 100", "5",
			"") + "))"
	case 14:
		return "struct.size('" + l.pick(">I2", "i4bH", "!4bi", "d", "c5", "<hH") + "')"
	}
	return "#" + l.table(depth-1)
}

func (l *luaWriter) pattern() string {
	return l.pick("'a'", "'%d+'", "'(%a)(.)'", "'.-'", "'[^%s]*$'", "'^x'", "'%bxy'", "'%f[%w]'", "'()'",
		"'[a-c]+'", "'%'", "'('", "'[a'", "'%1'")
}

func (l *luaWriter) text(depth int) string {
	if len(l.texts) > 0 && l.r.IntN(3) == 0 {
		return l.pick(l.texts...)
	}
	if depth == 0 || l.r.IntN(3) == 0 {
		return l.pick("'a'", "'hello world'", "''", "'10'", "'0x1F'", "' 7 '", "'1e2'", "'\\000\\255x'",
			"'foo bar'", "("+l.keys+"[1] or 'k')", "("+l.args+"[1] or 'v')",
			"'{\"a\":[1,2.5,null,true,\"x\"]}'", "'[1,2'", "'nan'")
	}
	plain := l.plain
	defer func() { l.plain = plain }()
	l.plain = true
	n, t := func() string { return l.number(depth - 1) }, func() string { return l.text(depth - 1) }
	switch l.r.IntN(17) {
	case 0, 1:
		return "(" + t() + " .. " + l.pick(t(), n()) + ")"
	case 2:
		return "string.sub(" + t() + ", " + l.pick("1", "2", "-2", "0", "-100") + ", " + l.pick("1", "3",
			"-1", "100") + ")"
	case 3:
		return "string." + l.pick("upper", "lower", "reverse") + "(" + t() + ")"
	case 4:
		return "string.rep(" + t() + ", " + l.pick("0", "1", "3", "-1", "20") + ")"
	case 5:
		return "string.format('" + l.pick("%d", "%5d", "%-5d|", "%05.1f", "%g", "%e", "%.3f", "%i",
			"%5.2f%%", "%+d", "% d", "%.14g", "%a") + "', " + n() + ")"
	case 6:
		return "string.format('" + l.pick("%s", "%10s", "%-10s|", "%.2s", "%q", "%5.1s") + "', " + t() + ")"
	case 7:
		return "tostring(" + l.pick(n(), t(), "true", "nil") + ")"
	case 8:
		return "cjson.encode(" + l.any(depth-1) + ")"
	case 9:
		return "cmsgpack.pack(" + l.any(depth-1) + ")"
	case 10:
		return "struct.pack('" + l.pick(">I2", "<i4", "b", "H", ">d", "<f", ">I8", "l",
			"i3") + "', " + l.pick("0", "1", "-1", "300", "2.5", "65535") + ")"
	case 11:
		return "struct.pack('" + l.pick("s", "c0", "c3", "Bc0") + "', " + t() + ")"
	case 12:
		return "redis.sha1hex(" + t() + ")"
	case 13:
		return "table.concat({" + t() + ", " + n() + ", " + t() + "}, " + l.pick("','", "''",
			"', '") + l.pick("", ", 2", ", 1, 2", ", 2, 1") + ")"
	case 14:
		return "(string.gsub(" + t() + ", " + l.pattern() + ", " + l.pick("'x'", "'<%0>'", "'%1'",
			"string.upper", "{a='b'}", "function(c) return nil end") + l.pick("", ", 1") + "))"
	case 15:
		return "(string.match(" + t() + ", " + l.pattern() + ") or '')"
	}
	return "string.char(" + l.pick("65", "0, 255", "104, 105", "") + ")"
}

func (l *luaWriter) table(depth int) string {
	if len(l.tables) > 0 && l.r.IntN(3) == 0 {
		return l.pick(l.tables...)
	}
	if depth == 0 {
		return l.pick("{}", "{1}", "{1, 2, 3}", "{'a', 'b'}", "{a = 1}", "{1, nil, 3}", "{{1}, {2}}")
	}
	form, plain := l.r.IntN(10), l.plain
	defer func() { l.plain = plain }()
	l.plain = plain || form == 4 || form == 5
	switch form {
	case 0, 1, 2:
		return "{" + l.any(depth-1) + ", " + l.any(depth-1) + "}"
	case 3:
		return "{a = " + l.any(depth-1) + "}"
	case 4:
		return "{" + l.pick("cjson.decode("+l.pick("'[1,2,{\"a\":null}]'", "'{\"x\":1e3}'", "'[]'",
			"'\"\\\\u00e9\"'", "'1.5'", "'[true,false]'", l.text(depth-1))+")",
			"cjson.decode(cjson.encode("+l.table(depth-1)+"))") + "}"
	case 5:
		return "{cmsgpack.unpack(" + l.pick("cmsgpack.pack("+l.any(depth-1)+")", "'\\147\\001\\002\\003'",
			"'\\161a'", l.text(depth-1)) + ")}"
	case 6:
		return "{string.find(" + l.text(depth-1) + ", " + l.pattern() + ")}"
	case 7:
		return "{struct.unpack('" + l.pick(">I2", "<i4", "b", "H", "s", "c2",
			"bb") + "', " + l.text(depth-1) + l.pick("", ", 1", ", 2") + ")}"
	case 8:
		return "{unpack({" + l.number(depth-1) + ", " + l.number(depth-1) + "})}"
	}
	return "{select(" + l.pick("1", "2", "-1") + ", " + l.any(depth-1) + ", " + l.any(depth-1) + ")}"
}

// wrong writes an expression that fails.
func (l *luaWriter) wrong() string {
	return l.pick("nil .. 'a'", "{} + 1", "('x')()", "nosuchglobal", "nosuch.field", "redis.call()",
		"redis.call('nosuch')",
		"redis.pcall('nosuch')", "redis.call('GET')", "redis.call(1)", "redis.call({})",
		"redis.call('SET', 'k', {})", "redis.call('GET', nil)",
		"redis.sha1hex()", "redis.error_reply()", "redis.status_reply(1)", "cjson.decode('{')",
		"cjson.decode()", "cjson.encode(0/0)",
		"cjson.encode({[{}]=1})", "cjson.encode(print)", "cmsgpack.unpack('\\193')",
		"cmsgpack.unpack('')", "cmsgpack.pack()", "struct.unpack('>I4', 'x')",
		"struct.pack('y', 1)", "struct.pack('>I4')", "bit.band()", "bit.band('x')", "string.rep()",
		"math.floor('x')", "tonumber({})", "tonumber('z', 99)", "error()",
		"error('x', 0)", "error({err='x y'})", "error(nil)", "unpack({}, 1, 1e8)", "rawset(_G, 'x', 1)",
		"setmetatable(_G, {})", "redis.setresp(4)", "redis.setresp()",
		"string.format('%d', 'x')", "string.format('%y', 1)", "string.format('%s')", "string.char(256)",
		"table.concat({{}})", "table.concat({1}, ',', 1, 3)",
		"select(0)", "1 < 'x'", "{} < {}", "nil > 1", "redis.call('SUBSCRIBE', 'c')",
		"redis.call('EVAL', 'return 1', 0)", "loadstring('return (')()",
		"loadstring('return 7')()", "pcall(error)", "redis.log('x')", "redis.set_repl(99)",
		"redis.register_function('x', 1)", "redis.acl_check_cmd('get')",
		"redis.acl_check_cmd('nosuch')",
		"redis.acl_check_cmd('set', 'k', 'v')", "redis.REDIS_VERSION_NUM ~= nil",
		"tostring(redis.REDIS_VERSION) ~= ''", "type(redis.breakpoint)", "os.time", "os.clock() >= 0",
		"io", "require", "dofile",
		"print", "getmetatable('').__index == string", "next({})", "ipairs()", "setfenv(1, {})",
		"newproxy ~= nil", "math.huge", "-math.huge", "0/0",
		"xpcall(error, function(e) return 'h' end)")
}
