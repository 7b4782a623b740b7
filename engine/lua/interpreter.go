// Package lua runs scripts for the engine: Lua 5.1 as the reference has it, on gopher-lua.
//
// The interpreter's virtual machine and its coroutines are gopher-lua's; what a script can see of
// it is ours. The parser, the string, table, math and base libraries and the texts of errors follow PUC
// Lua 5.1, since gopher-lua differs in ways that replies would show: numbers as Go writes them, other
// patterns, other messages. Globals are read-only: a table that a script must not change is an empty
// one that leads to the real one, so that every write to it is a write of something new, which its
// metatable refuses.
//
// Time is bounded by counting: the machine asks its context before every step whether it may go on, and the
// context, which is ours, asks the engine once in script.PollSteps steps.
package lua

import (
	"context"
	"errors"

	"github.com/yuin/gopher-lua"

	"riffle/engine/script"
)

// Interpreter implements script.Interpreter. Its memory is that of an empty struct until the first script.
type Interpreter struct {
	state *lua.LState

	globals   *lua.LTable // what scripts reach, with KEYS and ARGV
	shared    *lua.LTable // what functions reach
	loading   *lua.LTable // what a library reaches while it registers functions
	scriptEnv *lua.LTable // leads to globals
	sharedEnv *lua.LTable // leads to shared, or to loading
	sharedTop *lua.LTable // the metatable of sharedEnv

	concat    *lua.LFunction
	loop      *lua.LFunction // loopNumber
	handler   *lua.LFunction // of errors that end a script
	stepper   *lua.LFunction // of ipairs
	explainer *lua.LFunction // of errors that pcall catches
	sources   map[string]string

	collector collector

	ticker    ticker
	host      script.Host
	random    random
	failure   failure
	versioned []*lua.LTable // the tables that do not say the server's version yet
	functions []script.Function
	program   *program // what runs
	depth     int      // of Go calling Lua calling Go
	argv      [][]byte
	text      []byte
	json      jsonOptions
	resp      int // the protocol in which the script reads replies
}

// collector is what scripts have set of a garbage collector that is Go's, which they can but ask for.
type collector struct{ pause, stepMul int }

// New returns an interpreter that takes up no memory yet.
func New() *Interpreter { return &Interpreter{} }

const (
	callsMost    = 20000   // frames, as LUAI_MAXCALLS
	depthMost    = 190     // LUAI_MAXCCALLS, less what the reference itself has on its stack
	registerMost = 1 << 18 // values of all frames
)

// ticker is the context that the machine asks before every step.
type ticker struct {
	context.Context
	in     *Interpreter
	steps  int
	ending string
	closed chan struct{}
}

// Done returns a channel that is closed when the script must end, nil before.
func (t *ticker) Done() <-chan struct{} {
	if t.steps++; t.steps >= script.PollSteps {
		t.steps = 0
		if t.ending == "" && t.in.host != nil {
			t.ending = t.in.host.Poll()
		}
	}
	if t.ending != "" {
		return t.closed
	}
	return nil
}

// Err says why.
func (t *ticker) Err() error { return errors.New(t.ending) }

// start makes the machine and its libraries.
func (in *Interpreter) start() {
	if in.state != nil {
		return
	}
	in.state = lua.NewState(lua.Options{
		SkipOpenLibs: true, CallStackSize: callsMost, MinimizeStackMemory: true,
		RegistrySize: 1024, RegistryGrowStep: 1024, RegistryMaxSize: registerMost,
	})
	in.sources = map[string]string{}
	in.ticker = ticker{Context: context.Background(), in: in, closed: make(chan struct{})}
	close(in.ticker.closed)
	in.state.SetContext(&in.ticker)
	in.concat = in.state.NewFunction(in.concatenate)
	in.loop = in.state.NewFunction(in.loopNumber)
	in.handler = in.state.NewFunction(in.handle)
	in.explainer = in.state.NewFunction(in.explainCaught)
	in.json.reset()
	in.collector = collector{200, 200}
	in.random.x = randomStart
	in.open()
}

// newFunction compiles a text into a function with an environment; problem is the complaint.
func (in *Interpreter) newFunction(chunk, text string, env *lua.LTable) (f *lua.LFunction, problem string) {
	statements, problem := parse(chunk, text)
	if problem != "" {
		return nil, problem
	}
	proto, err := lua.Compile(wrap(statements), chunk)
	if err != nil {
		return nil, chunk + ":1: " + err.Error()
	}
	L := in.state
	outer := L.NewFunctionFromProto(proto)
	outer.Env = env
	L.Push(outer)
	L.Push(in.concat)
	L.Push(in.loop)
	if err := L.PCall(2, 1, nil); err != nil {
		return nil, chunk + ":1: " + err.Error()
	}
	f = L.Get(-1).(*lua.LFunction)
	L.Pop(1)
	f.Env = env
	return f, ""
}

// Compile prepares a script.
func (in *Interpreter) Compile(body []byte) (compiled any, problem string) {
	in.start()
	in.host, in.ticker.ending = nil, ""
	f, problem := in.newFunction("user_script", string(body), in.scriptEnv)
	if problem != "" {
		return nil, problem
	}
	return &program{f, string(body)}, ""
}

// begin puts the machine into the state in which every script finds it.
func (in *Interpreter) begin(host script.Host) {
	in.host, in.depth, in.failure, in.resp = host, 0, failure{}, 2
	in.ticker.steps, in.ticker.ending = 0, ""
	if in.versioned != nil {
		in.setVersion(host.Version())
	}
}

// Library runs a library's code, which registers functions.
func (in *Interpreter) Library(code []byte, host script.Host) (functions []script.Function, problem string) {
	in.start()
	in.begin(host)
	f, problem := in.newFunction("user_function", string(code), in.sharedEnv)
	if problem != "" {
		return nil, "Error compiling function: " + problem
	}
	in.functions, in.program = nil, &program{f, string(code)}
	in.sharedTop.RawSetString("__index", in.loading)
	in.state.Push(f)
	err := in.state.PCall(0, 0, in.handler)
	in.sharedTop.RawSetString("__index", in.shared)
	functions, in.functions = in.functions, nil
	if err != nil {
		if in.ticker.ending != "" {
			return nil, in.ticker.ending
		}
		in.settle(err)
		return nil, "Error registering functions: " + in.failure.text
	}
	return functions, ""
}

// Run runs a script or function and writes its reply.
func (in *Interpreter) Run(call *script.Call) {
	L := in.state
	in.begin(call.Host)
	in.program = call.Program.(*program)
	L.Push(in.program.f)
	keys, args := in.list(call.Keys), in.list(call.Args)
	params := 0
	if call.Function {
		L.Push(keys)
		L.Push(args)
		params = 2
	} else {
		in.globals.RawSetString("KEYS", keys)
		in.globals.RawSetString("ARGV", args)
	}
	top := L.GetTop() - params - 1
	err, lost := in.run(params)
	w := writer{out: call.Out, start: len(call.Out), proto: call.Protocol, inner: in.resp}
	if err != nil {
		in.settle(err)
		w.failure(&in.failure, call.Name)
		call.Counted = in.failure.known
	} else {
		call.Counted = isKnown(L.Get(-1))
		w.value(L.Get(-1), replyFirst)
	}
	call.Out = w.out
	if !lost {
		L.SetTop(top)
	}
	in.host, in.program = nil, nil
}

// run calls what has been pushed. The machine loses its place if its stack overflows while a call takes another's
// place: then it gets a new stack, which all functions run on as well.
func (in *Interpreter) run(params int) (err error, lost bool) {
	defer func() {
		if recover() == nil {
			return
		}
		global := in.state.G
		in.state, _ = in.state.NewThread()
		in.state.SetContext(&in.ticker)
		global.MainThread, global.CurrentThread = in.state, in.state
		in.failure.text, in.failure.source = "ERR stack overflow", ""
		err, lost = errors.New("stack overflow"), true
	}()
	return in.state.PCall(params, 1, in.handler), false
}

// list makes a table of strings.
func (in *Interpreter) list(words [][]byte) *lua.LTable {
	t := in.state.CreateTable(len(words), 0)
	for _, word := range words {
		t.Append(lua.LString(word))
	}
	return t
}
