//go:build js && wasm

package main

import (
	"unsafe"

	"riffle/engine"
)

// Times are microseconds since 1970 and travel as float64, which holds them exactly until the year
// 2255; an int64 would reach JavaScript as a BigInt, slower and contagious.

// Bits of a client's flags in a frame.
const flagClosing = 1 // end the connection after the bytes that came with it

// address is where p stands in the instance's memory. Go's collector does not move what it keeps,
// so an address stays good as long as something in Go refers to the memory.
func address(p []byte) float64 {
	return float64(uintptr(unsafe.Pointer(unsafe.SliceData(p))))
}

// answer gives the host the address of the frame.
func answer() uint32 {
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(home.frame))))
}

// isBroken is 1 after a panic, when nothing is answered any more.
//
//go:wasmexport broken
func isBroken() int32 {
	if broken() {
		return 1
	}
	return 0
}

// input returns the address of at least n bytes for the host to write into. It is asked again for
// every hand-over, since the buffer moves when it grows. A huge one is given back after its use.
//
//go:wasmexport input
func input(n int32) uint32 {
	defer guard()
	const usual = 64 << 10
	if need := max(int(n), usual); len(home.input) < need || len(home.input) > max(16*usual, need) {
		home.input = make([]byte, need)
	}
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(home.input))))
}

// open makes a connection whose name is in the input, n bytes long, and returns its number.
// The number is zero if the engine is broken.
//
//go:wasmexport open
func open(now float64, n int32) (number int32) {
	defer guard()
	if broken() {
		return 0
	}
	if last := len(home.free) - 1; last >= 0 {
		number, home.free = home.free[last], home.free[:last]
	} else {
		number = int32(len(home.clients))
		home.clients = append(home.clients, nil)
	}
	client := home.engine.Open(int64(now), engine.Peer{
		Address: string(home.input[:n]), LocalAddress: "browser", FD: int(number),
	})
	client.Host = number
	home.clients[number] = client
	return number
}

// feed hands n bytes of the input to a connection.
//
//go:wasmexport feed
func feed(now float64, number, n int32) {
	defer guard()
	if client := clientOf(number); client != nil {
		trap(home.input[:n])
		home.engine.Feed(int64(now), client, home.input[:n])
	}
}

// closeClient says that a connection is gone. Its number may be given out again at once.
//
//go:wasmexport close
func closeClient(now float64, number int32) {
	defer guard()
	if client := clientOf(number); client != nil {
		home.engine.Close(int64(now), client)
		home.clients[number] = nil
		home.free = append(home.free, number)
	}
}

// clientOf is nil for a number that is not in use, and always when the engine is broken.
func clientOf(number int32) *engine.Client {
	if broken() || number <= 0 || int(number) >= len(home.clients) {
		return nil
	}
	return home.clients[number]
}

// tick lets the engine's timers run.
//
//go:wasmexport tick
func tick(now float64) {
	defer guard()
	if !broken() {
		home.engine.Tick(int64(now))
	}
}

// ready returns the address of the frame, or zero when the engine is broken. The frame is a row of
// float64, and what it points to is good until the next call other than sent:
//
//	offset, wake, journal address, journal length, requests, clients,
//	then for each request:  number, kind, argument address, argument length,
//	then for each client:   number, flags, address, length
//
//go:wasmexport ready
func ready() uint32 {
	defer guard()
	if broken() {
		return 0
	}
	ready := home.engine.Ready()
	home.frame = append(home.frame[:0],
		float64(ready.Offset), float64(ready.Wake),
		address(ready.Journal), float64(len(ready.Journal)),
		float64(len(ready.Requests)), float64(len(ready.Clients)))
	for _, request := range ready.Requests {
		argument := unsafe.Slice(unsafe.StringData(request.Argument), len(request.Argument))
		home.frame = append(home.frame, keep(request), float64(request.Kind),
			address(argument), float64(len(argument)))
	}
	for _, client := range ready.Clients {
		home.frame = appendClient(home.frame, client)
	}
	return answer()
}

// appendClient adds what a connection owes its far end.
func appendClient(frame []float64, client *engine.Client) []float64 {
	number, _ := client.Host.(int32)
	flags := 0
	if client.Closing() {
		flags = flagClosing
	}
	out := client.Out()
	return append(frame, float64(number), float64(flags), address(out), float64(len(out)))
}

// keep stores a request under a number until it is finished.
func keep(request engine.Request) float64 {
	for i := range home.requests {
		if home.requests[i].Kind == 0 {
			home.requests[i] = request
			return float64(i)
		}
	}
	home.requests = append(home.requests, request)
	return float64(len(home.requests) - 1)
}

// out returns the address of a frame with one client as in ready, for a host that could not send
// everything the last time. It is zero for a connection that is gone.
//
//go:wasmexport out
func out(number int32) uint32 {
	defer guard()
	client := clientOf(number)
	if client == nil {
		return 0
	}
	home.frame = appendClient(home.frame[:0], client)
	return answer()
}

// sent says how many bytes of a connection's output the host has taken.
//
//go:wasmexport sent
func sent(number, n int32) {
	defer guard()
	if client := clientOf(number); client != nil {
		client.Sent(int(n))
	}
}

// finish reports a request as carried out; n bytes of the input are the reason if it failed.
//
//go:wasmexport finish
func finish(now float64, number, n int32) {
	defer guard()
	if broken() || int(number) >= len(home.requests) || home.requests[number].Kind == 0 {
		return
	}
	request := home.requests[number]
	home.requests[number] = engine.Request{}
	home.engine.Finish(int64(now), request, string(home.input[:n]))
}

// refuse makes writes fail for the reason in the input (n bytes), or lets them through again (n = 0).
//
//go:wasmexport refuse
func refuse(n int32) {
	defer guard()
	if !broken() {
		home.engine.Refuse(string(home.input[:n]))
	}
}
