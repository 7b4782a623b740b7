//go:build js && wasm

// Command browser is the engine as a web worker loads it.
//
// Two roads lead into it. Bytes and times take the short one: functions marked wasmexport (exports.go)
// over the instance's own memory, about a hundredth of a microsecond each. Everything that is a
// structure and not data (options, status, faults) takes the road of package syscall/js with vert
// (values.go), a thousand times slower and far more comfortable.
//
// Rules of the short road, which JavaScript's half (machine.ts) keeps as well:
//
//   - An export never blocks: the runtime could not switch to another goroutine and would be lost.
//   - An export recovers: an escaped panic ends the Go program. After a recovered one the engine may
//     hold half a change, so the bridge answers nothing more and the host loads a new instance.
//   - After calls the host resumes the Go scheduler, or the garbage collector never finishes a cycle.
package main

import (
	"syscall/js"
	_ "unsafe" // for linkname

	"riffle/engine"
)

// bridge is everything this program holds.
type bridge struct {
	engine   *engine.Engine
	clients  []*engine.Client // by the host's number; the first is never given out
	free     []int32          // numbers of closed clients
	input    []byte           // where the host writes what it hands over
	frame    []float64        // what ready, out and snapshotNext answer with
	requests []engine.Request // handed to the host, by number; a finished one has Kind 0
	snapshot *engine.Snapshot
	loading  loader
	handoff  []byte   // what handOff gave to the host
	refused  []string // start-up parameters that the engine did not take
	fault    string   // set by the first panic, after which nothing is answered
}

// home is the one bridge. Exports are plain functions and find it here.
var home bridge

// main is started by instantiate.ts with an object named riffle in the global scope, which carries
// the options in and the functions of values.go out. Afterwards only the host calls.
func main() {
	boot(js.Global().Get("riffle"))
	select {}
}

//go:wasmimport riffle stopwatch
func stopwatch() float64

// setGCPercent is runtime/debug's SetGCPercent without that package, which brings os and fmt along.
//
//go:linkname setGCPercent runtime/debug.setGCPercent
func setGCPercent(percent int32) int32

// Garbage may be a quarter of what lives: little of the heap holds pointers, so that collecting is cheap,
// and memory that WebAssembly once took it never gives back.
const garbagePercent = 25

// collect turns the garbage collector on. A program starts without it (instantiate.ts): its first cycle
// would come before the engine has answered anybody, to find nothing, and with code not compiled yet it
// costs as much as the whole rest of the start.
//
//go:wasmexport collect
func collect() {
	setGCPercent(garbagePercent)
}

// boot makes the engine from the options in door and hangs the functions of values.go into it.
func boot(door js.Value) {
	defer guard()
	register(door)
	options := readOptions(door.Get("options"))
	home.clients = make([]*engine.Client, 1)
	home.engine = engine.New(engine.Config{
		Seed:      options.seed,
		Journal:   options.journal,
		Stopwatch: func() int64 { return int64(stopwatch() * 1000) },
		HostInfo:  hostInfo(door),
		Scripts:   interpreter(),
	})
	configure(options.parameters)
}
